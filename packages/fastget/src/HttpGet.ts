/**
 * One entry through an `HttpClient`: its URL comes in, its `Answer` goes out,
 * and nothing fails. Here are the policies, each once: the place at the
 * connections, the limit of time, redirects, the limit of size, retries.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as Entry from "./Entry.js"
import type { GetSettings } from "./EntryChunk.js"
import * as FetchError from "./FetchError.js"
import type { OriginGate } from "./OriginGate.js"
import type { Answer, AnswerResult, As } from "./Outcome.js"
import * as Outcome from "./Outcome.js"
import * as TransportError from "./TransportError.js"

/**
 * What the entries of one chunk have in common.
 *
 * @since 0.1.0
 * @category models
 */
export interface Context {
  readonly client: HttpClient.HttpClient
  readonly gate: OriginGate
  readonly run: number
  readonly as: As
  readonly withHeaders: boolean
  readonly settings: GetSettings
  /** Called when an entry gets its first connection. */
  readonly onStart: () => void
  /** Makes the result of a body that was asked for as JSON. */
  readonly finish: ((body: Uint8Array, answer: Answered) => Effect.Effect<AnswerResult>) | undefined
}

/**
 * What is known of the last response.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answered {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** The end of one attempt: a body or a reason, and what is known of the response. */
interface Attempt {
  readonly result: Either.Either<Uint8Array, FetchError.Reason>
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
}

/** One request and where it led. */
type Hop = Attempt | { readonly location: string }

/** The longest `Retry-After` that is obeyed, in milliseconds. */
const longestRetryAfter = 60_000

/** The shortest wait, in milliseconds, after this machine ran out of something. */
const localLimitPause = 250

/**
 * Gets one URL, with all retries. Interruption closes the connection.
 *
 * @since 0.1.0
 * @category getting
 */
export const get = (context: Context, url: string): Effect.Effect<Answer> => {
  const target = Entry.parseUrl(url)
  if (target._tag === "Left") {
    return Effect.sync(() => {
      context.onStart()
      return Outcome.unanswered(target.left)
    })
  }
  const { retry } = context.settings
  let attempts = 0
  let startedAt = 0
  const onConnection = () => {
    // performance.now: the Clock's nanoseconds are BigInts, 20 times the cost.
    if (startedAt === 0) startedAt = performance.now()
    if (attempts++ === 0) context.onStart()
  }
  const loop: Effect.Effect<Answer> = Effect.suspend(() =>
    Effect.flatMap(attempt(context, target.right, onConnection), (ended) => {
      const wait = ended.result._tag === "Left" && attempts <= retry.times
        ? retryDelay(ended.result.left, retry, attempts)
        : undefined
      if (wait !== undefined) return Effect.flatMap(wait, (delay) => Effect.delay(loop, delay))
      return Effect.map(finish(context, ended), (result) => ({
        result,
        status: ended.status,
        headers: context.withHeaders ? ended.headers : undefined,
        bytes: ended.bytes,
        attempts,
        elapsed: performance.now() - startedAt
      }))
    })
  )
  return loop
}

const finish = (context: Context, { headers, result, status, url }: Attempt): Effect.Effect<AnswerResult> => {
  if (result._tag === "Left") return Effect.succeed({ _tag: "Failure", reason: result.left })
  const body = result.right
  if (context.as === "json" && body.length === 0) {
    return Effect.succeed(
      context.settings.emptyBody === "null"
        ? { _tag: "Body", body }
        : { _tag: "Failure", reason: { _tag: "EmptyBody", status } }
    )
  }
  return context.as === "json" && context.finish !== undefined
    ? context.finish(body, { url, status, headers })
    : Effect.succeed({ _tag: "Body", body })
}

/** How long to wait before the next attempt, or undefined if there shall be none. */
const retryDelay = (
  reason: FetchError.Reason,
  { base, cap }: GetSettings["retry"],
  attempts: number
): Effect.Effect<number> | undefined => {
  if (!FetchError.isRetryable(reason)) return undefined
  if (reason._tag === "Status" && reason.retryAfter !== undefined) {
    return reason.retryAfter <= longestRetryAfter ? Effect.succeed(reason.retryAfter) : undefined
  }
  const pause = reason._tag === "LocalLimit" ? localLimitPause : 0
  // Full jitter, as gRPC and AWS describe it: anything up to the step.
  return Effect.map(Random.next, (random) => pause + random * Math.min(cap, base * 2 ** (attempts - 1)))
}

/** One attempt: the request and the redirects it leads to, within the time for both. */
const attempt = (
  context: Context,
  target: Entry.Target,
  onConnection: () => void
): Effect.Effect<Attempt> => {
  const { headers, maxRedirects, timeout } = context.settings
  const seen = new Set<string>()
  let left = timeout
  const follow = (
    { authorization, url }: Entry.Target,
    callerHeaders: Readonly<Record<string, string>>
  ): Effect.Effect<Attempt> => {
    seen.add(url.href)
    let startedAt = 0
    const hop = request(context, url, authorization === undefined ? callerHeaders : { ...callerHeaders, authorization })
    const timed = Effect.suspend(() => {
      if (seen.size === 1) onConnection()
      startedAt = performance.now()
      return Effect.timeoutTo(hop, {
        duration: left,
        onSuccess: (hop): Hop => hop,
        onTimeout: () => failed(url, { _tag: "Timeout", phase: "total", limit: timeout })
      })
    })
    return Effect.flatMap(context.gate.use(url.origin, context.run)(timed), (hop) => {
      if (!("location" in hop)) return Effect.succeed(hop)
      left = Math.max(1, left - (performance.now() - startedAt))
      const next = nextTarget(hop.location, url, seen, maxRedirects)
      if (next._tag === "Left") return Effect.succeed(failed(url, next.left))
      return follow(next.right, next.right.url.origin === url.origin ? callerHeaders : {})
    })
  }
  return follow(target, headers)
}

const failed = (url: URL, reason: FetchError.Reason): Attempt => ({
  result: Either.left(reason),
  url: url.href,
  status: 0,
  headers: {},
  bytes: 0
})

/** Where a redirect leads, or why it is not followed. */
const nextTarget = (
  location: string,
  from: URL,
  seen: ReadonlySet<string>,
  maxRedirects: number
): Either.Either<Entry.Target, FetchError.Reason> => {
  const no = (problem: "loop" | "max" | "bad" | "blocked") =>
    Either.left({ _tag: "Redirect", problem, location: FetchError.redactUrl(location) } as const)
  if (!URL.canParse(location, from.href)) return no("bad")
  const { href, protocol } = new URL(location, from.href)
  if (protocol !== "http:" && protocol !== "https:") return no("blocked")
  const target = Entry.parseUrl(href)
  if (target._tag === "Left") return no("bad")
  if (seen.has(target.right.url.href)) return no("loop")
  return seen.size > maxRedirects ? no("max") : Either.right(target.right)
}

const redirects = new Set([301, 302, 303, 307, 308])

const defaultHeaders = { accept: "application/json, */*;q=0.8", "user-agent": "fastget" }

/** One request: its answer read to the end, or as far as its limits let it. */
const request = (
  context: Context,
  url: URL,
  headers: Readonly<Record<string, string>>
): Effect.Effect<Hop> =>
  context.client.execute(
    HttpClientRequest.get(url.href, { headers: Headers.unsafeFromRecord({ ...defaultHeaders, ...headers }) })
  ).pipe(
    Effect.flatMap((response) => read(context, url, response)),
    // A client's defect is its entry's failure too: it must not take the chunk with it.
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.failCause(cause as Cause.Cause<never>)
        : Effect.succeed(failed(
          url,
          TransportError.toReason(Cause.squash(cause), { url, maxBodyBytes: context.settings.maxBodyBytes })
        ))
    )
  )

/** The most of a body that is read when it is not wanted: enough to keep the connection for the next request. */
const unwantedBytes = 65_536
const snippetLength = 200

const read = (
  context: Context,
  url: URL,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Hop, unknown> => {
  const { headers, status } = response
  const answered = { url: url.href, status, headers }
  const location = headers["location"]
  if (redirects.has(status) && location !== undefined) {
    return Effect.as(collect(response, unwantedBytes), { location })
  }
  if (status < 200 || status > 299) {
    return Effect.map(collect(response, unwantedBytes), (body) => ({
      ...answered,
      bytes: body.length,
      result: Either.left({
        _tag: "Status",
        status,
        ...retryAfter(headers["retry-after"]),
        snippet: new TextDecoder().decode(body.subarray(0, 4 * snippetLength)).slice(0, snippetLength)
      } as const)
    }))
  }
  if (status === 204 || status === 205) {
    return Effect.as(collect(response, 0), { ...answered, bytes: 0, result: Either.right(new Uint8Array(0)) })
  }
  const limit = context.settings.maxBodyBytes
  const tooLarge = { _tag: "TooLarge", limit, of: "wire" } as const
  if (Number(headers["content-length"] ?? 0) > limit) {
    return Effect.as(collect(response, 0), { ...answered, bytes: 0, result: Either.left(tooLarge) })
  }
  return Effect.map(collect(response, limit), (body) => ({
    ...answered,
    bytes: body.length,
    result: body.length > limit ? Either.left(tooLarge) : Either.right(body)
  }))
}

/** Reads a body until it is longer than `limit`; what comes after that is cut off with the connection. */
const collect = (response: HttpClientResponse.HttpClientResponse, limit: number): Effect.Effect<Uint8Array, unknown> =>
  Effect.suspend(() => {
    const parts: Array<Uint8Array> = []
    let size = 0
    return Stream.runForEachWhile(response.stream, (part) =>
      Effect.sync(() => {
        parts.push(part)
        size += part.length
        return size <= limit
      })).pipe(
        // Some clients say so when there is no body at all.
        Effect.catchIf((error) => error.reason === "EmptyBody", () => Effect.void),
        Effect.map(() => concat(parts, size))
      )
  })

const concat = (parts: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** `Retry-After` in milliseconds: a number of seconds or a date. */
const retryAfter = (header: string | undefined): { readonly retryAfter?: number } => {
  if (header === undefined) return {}
  const value = header.trim()
  if (/^\d+$/.test(value)) return { retryAfter: Number(value) * 1000 }
  const date = Date.parse(value)
  return Number.isNaN(date) ? {} : { retryAfter: Math.max(0, date - new Date().getTime()) }
}
