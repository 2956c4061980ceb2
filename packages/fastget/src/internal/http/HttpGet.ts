/**
 * One entry through an `HttpClient`: its URL comes in, its `Answer` goes out,
 * and nothing fails. Here are the policies, each once: the place at the
 * connections, the limit of time, redirects, the limit of size, retries.
 * Longer than other modules, because the policies are read together.
 */
import * as Headers from "@effect/platform/Headers"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Random from "effect/Random"
import * as FetchError from "../../FetchError.js"
import * as Json from "../../Json.js"
import type { Answer, AnswerResult, As } from "../../Outcome.js"
import * as BodyCoding from "../../platform/BodyCoding.js"
import * as QuickGet from "../../platform/QuickGet.js"
import type { Target } from "../../platform/Target.js"
import * as TransportError from "../../platform/TransportError.js"
import type { OriginGate } from "../origin/OriginGate.js"
import * as Answers from "../wire/Answers.js"
import type { GetSettings } from "../wire/Chunk.js"
import * as SharedBytes from "../wire/SharedBytes.js"
import { withPermit } from "./Permit.js"
import * as Redirects from "./Redirects.js"
import * as ResponseBody from "./ResponseBody.js"
import * as RetryAfter from "./RetryAfter.js"
import type { RetryBudget } from "./RetryBudget.js"

/** What the entries of one chunk have in common. */
export interface Context {
  readonly client: HttpClient.HttpClient
  /** Whether the client itself keeps the limits of time and size. */
  readonly keepsLimits: boolean
  /** The limits of a first request. */
  readonly limits: (typeof QuickGet.ChunkLimits)["Service"]
  readonly gate: OriginGate
  readonly budget: RetryBudget
  /** The stream, and its count of bytes. */
  readonly run: SharedBytes.Share
  /** Fibers of `goOn` that wait for their next request, and have none under way: who interrupts one breaks off nothing. */
  readonly waiting: Set<Fiber.RuntimeFiber<unknown, unknown>>
  readonly as: As
  readonly withHeaders: boolean
  readonly settings: GetSettings
  /** Makes the result of a body that was asked for as JSON, for the entry at this place in the chunk. */
  readonly finish: ((body: Uint8Array, answer: Answered, place: number) => Effect.Effect<AnswerResult>) | undefined
}

/** What is known of the last response. */
export interface Answered {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** The end of one attempt: a body or a reason, and what is known of the response. */
export interface Attempt extends Answered {
  readonly result: Either.Either<Uint8Array, FetchError.Reason>
  readonly bytes: number
  /** Of a body that may be coded yet, what its `Content-Encoding` says. */
  readonly coding?: string | undefined
}

/** One request and where it led: to the end of the attempt, or elsewhere. */
export type Hop = Attempt | { readonly location: ReadonlyArray<string> }

/** The longest `Retry-After` that is obeyed, in milliseconds. */
const longestRetryAfter = 60_000

/** The shortest wait, in milliseconds, after this machine ran out of something. */
const localLimitPause = 250

/**
 * The first request for an entry. Its caller holds a place at the gate, and
 * limits its time where the client does not. Interruption closes the
 * connection.
 */
export const first = (context: Context, target: Target): Effect.Effect<Hop> =>
  request(context, target, context.settings.headers)

/** What a quick request, made in place of the first, led to. */
export const hopOfQuick = (context: Context, target: Target, end: QuickGet.Answered | QuickGet.Failed): Hop =>
  end._tag === "Failed"
    ? failed(target, end.reason, end.bytes)
    : hopOf(context, target, end.status, end.headers(), end.body, end.bytes)

/** What a first request led to that took longer than it may. */
export const timedOut = ({ limits }: Context, target: Target): Hop =>
  failed(target, { _tag: "Timeout", phase: "total", limit: Math.min(limits.timeout, limits.deadline) })

/**
 * The answer of a first request that ended in a body, if nothing is to be made
 * of it: most entries need no more than this.
 */
export const plainAnswer = (context: Context, hop: Hop, startedAt: number): Answer | undefined =>
  "location" in hop || hop.result._tag === "Left" || ResponseBody.isEmpty(hop.result.right) || isMadeOf(context, hop)
    ? undefined
    : answerOf(context, hop, { _tag: "Body", body: hop.result.right }, 1, startedAt)

/** The same of a quick request. Its headers are not read where nobody wants them. */
export const plainQuickAnswer = (
  context: Context,
  end: QuickGet.Answered | QuickGet.Failed,
  startedAt: number
): Answer | undefined => {
  if (end._tag === "Failed" || !isSuccess(end.status) || ResponseBody.isEmpty(end.body) || isMadeOf(context, end)) {
    return undefined
  }
  const result = { _tag: "Body", body: end.body } as const
  const headers = context.withHeaders ? end.headers() : undefined
  const elapsed = performance.now() - startedAt
  const held = SharedBytes.heldBy(result, headers)
  return { result, status: end.status, headers, bytes: end.bytes, attempts: 1, elapsed, held }
}

/** Whether something is to be made of a body here. */
const isMadeOf = (context: Context, { coding }: { readonly coding?: string | undefined }): boolean =>
  context.as === "json" && (context.finish !== undefined || coding !== undefined)

const answerOf = (
  context: Context,
  attempt: Attempt,
  result: AnswerResult,
  attempts: number,
  startedAt: number
): Answer => {
  const { bytes, status } = attempt
  const headers = context.withHeaders ? attempt.headers : undefined
  const elapsed = performance.now() - startedAt
  return { result, status, headers, bytes, attempts, elapsed, held: SharedBytes.heldBy(result, headers) }
}

/**
 * From the end of the first request to the answer: redirects, retries, and what
 * is made of the body. Times are of performance.now, because the Clock's
 * nanoseconds are BigInts. Meant for a fiber of its own.
 */
export const goOn = (
  context: Context,
  target: Target,
  place: number,
  first: Hop,
  startedAt: number
): Effect.Effect<Answer> =>
  Effect.withFiberRuntime<Answer>((fiber) => {
    const { deadline, retry } = context.settings
    const waits = (isWaiting: boolean) => void (isWaiting ? context.waiting.add(fiber) : context.waiting.delete(fiber))
    const left = () => deadline - (performance.now() - startedAt)
    let attempts = 1
    let last: Attempt | undefined
    const ended = (attempt: Attempt): Effect.Effect<Attempt> => {
      last = attempt
      if (attempt.result._tag === "Right" || attempts > retry.times) return Effect.succeed(attempt)
      return Effect.flatMap(retryDelay(attempt.result.left, retry, attempts), (delay) => {
        // Nobody waits for what can't come in time.
        if (delay >= left() || !context.budget.take(target.origin, retry.budget)) return Effect.succeed(attempt)
        waits(true)
        return Effect.flatMap(delay > 0 ? Effect.delay(again, delay) : again, ended)
      })
    }
    const again = follow(context, target, { onRequest: () => attempts++ }, waits)
    const attempt = "location" in first
      ? Effect.flatMap(follow(context, target, { hop: first, left: remaining(context, startedAt) }, waits), ended)
      : ended(first)
    const inTime = deadline === Infinity ? attempt : Effect.timeoutTo(attempt, {
      duration: Math.max(0, left()),
      onSuccess: identity,
      onTimeout: () => last ?? failed(target, { _tag: "Timeout", phase: "total", limit: deadline })
    })
    return Effect.flatMap(inTime, (attempt) => {
      waits(false)
      return Effect.map(
        finish(context, attempt, place),
        (result) => answerOf(context, attempt, result, attempts, startedAt)
      )
    }).pipe(
      // A client may interrupt its own fiber; the attempts made before are no secret of it.
      Effect.catchAllCause((cause) => Effect.succeed(brokenOff(cause, attempts, startedAt)))
    )
  })

/**
 * For a client that interrupts its own fiber, and for whatever else nobody
 * thought of: an entry is never left without an answer.
 */
export const brokenOff = (cause: Cause.Cause<unknown>, attempts: number, startedAt: number): Answer => {
  const detail = Cause.isInterrupted(cause) ? "the request was interrupted" : String(Cause.squash(cause)).slice(0, 200)
  const answer = Answers.unanswered({ _tag: "Transport", detail })
  return { ...answer, attempts, elapsed: performance.now() - startedAt }
}

const remaining = (context: Context, startedAt: number): number =>
  Math.max(1, context.settings.timeout - (performance.now() - startedAt))

const noBytes = new Uint8Array(0)

/** The result of an attempt: its body as it is wanted, or its reason. */
const finish = (
  context: Context,
  { coding, headers, result, status, url }: Attempt,
  place: number
): Effect.Effect<AnswerResult> => {
  if (result._tag === "Left") return Effect.succeed({ _tag: "Failure", reason: result.left })
  const body = result.right
  if (context.as === "json" && ResponseBody.isEmpty(body)) {
    return Effect.succeed(
      context.settings.emptyBody === "null"
        ? { _tag: "Body", body: noBytes }
        : { _tag: "Failure", reason: { _tag: "EmptyBody", status } }
    )
  }
  if (context.as === "json" && coding !== undefined) {
    // Here the headers are known, and not where bodies are parsed otherwise.
    const json = Json.decode(body)
    if (json._tag === "Left") return Effect.succeed({ _tag: "Failure", reason: { ...json.left, encoding: coding } })
  }
  return context.as === "json" && context.finish !== undefined
    ? holding(context.run, body, context.finish(body, { url, status, headers }, place))
    : Effect.succeed({ _tag: "Body", body })
}

/** Counts a body while something is made of it: that may take long, and no place is held meanwhile. */
const holding = <A>(run: SharedBytes.Share, body: Uint8Array, made: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    const units = SharedBytes.unitsOf(body.length)
    run.learn(units)
    run.add(units)
    return Effect.ensuring(made, Effect.sync(() => run.add(-units)))
  })

/** How long to wait before the next attempt; Infinity if there shall be none. */
const retryDelay = (
  reason: FetchError.Reason,
  { base, cap }: GetSettings["retry"],
  attempts: number
): Effect.Effect<number> => {
  if (!FetchError.isRetryable(reason)) return Effect.succeed(Infinity)
  if (reason._tag === "Status" && reason.retryAfter !== undefined) {
    return Effect.succeed(reason.retryAfter <= longestRetryAfter ? reason.retryAfter : Infinity)
  }
  const pause = reason._tag === "LocalLimit" ? localLimitPause : 0
  // Full jitter, as gRPC and AWS describe it: anything up to the step.
  return Effect.map(Random.next, (random) => pause + random * Math.min(cap, base * 2 ** (attempts - 1)))
}

/**
 * One attempt: a request and the redirects it leads to, all within the time for
 * one. Of a begun one the first request was made before; of any other the
 * start of the first is told. `waits` is told when it waits for a request.
 */
const follow = (
  context: Context,
  from: Target,
  attempt: { readonly hop: Hop; readonly left: number } | { readonly onRequest: () => void },
  waits: (isWaiting: boolean) => void
): Effect.Effect<Attempt> =>
  Effect.suspend(() => {
    const { headers, headersElsewhere = noHeaders, maxRedirects, timeout } = context.settings
    const trail = Redirects.makeTrail()
    const begun = "hop" in attempt ? attempt : undefined
    let left = begun?.left ?? timeout
    const hops = (target: Target, callerHeaders: GetSettings["headers"], begun?: Hop): Effect.Effect<Attempt> => {
      trail.add(target)
      waits(begun === undefined)
      const hop = begun !== undefined ? Effect.succeed(begun) : withPermit(context.gate, target.origin, context.run)(
        Effect.suspend(() => {
          // It got its place before, and is to be interrupted in a moment.
          if (context.run.isDrained()) return Effect.never
          waits(false)
          const startedAt = performance.now()
          if ("onRequest" in attempt && trail.requests() === 1) attempt.onRequest()
          const begun = context.run.begin()
          return Effect.ensuring(
            timed(context, target, request(context, target, callerHeaders), left),
            Effect.sync(() => {
              context.run.end(begun, 0)
              left = Math.max(1, left - (performance.now() - startedAt))
            })
          )
        })
      )
      return Effect.flatMap(hop, (hop) => {
        if (!("location" in hop)) return Effect.succeed(hop)
        const next = Redirects.next(hop.location, target, trail, maxRedirects)
        if (next._tag === "Left") return Effect.succeed(failed(target, next.left))
        // Also where it leads back: another origin would have chosen what is asked for with the caller's secrets.
        if (next.right.origin !== target.origin) return hops(next.right, headersElsewhere)
        return hops({ ...next.right, authorization: next.right.authorization ?? target.authorization }, callerHeaders)
      })
    }
    return hops(from, headers, begun?.hop)
  })

/** Limits the time of a request to what is left of its attempt's. */
const timed = (context: Context, target: Target, hop: Effect.Effect<Hop>, left: number): Effect.Effect<Hop> => {
  const { timeout } = context.settings
  const kept = Effect.provideService(hop, QuickGet.ChunkLimits, limitsOf(context, left))
  // After a redirect the client is told what is left of the time, which is not what was set.
  const limited = left === timeout ? kept : Effect.map(kept, (hop) => withLimit(hop, left, timeout))
  return context.keepsLimits ? limited : Effect.timeoutTo(limited, {
    duration: left + (context.limits.kept ? grace : 0),
    onSuccess: (hop): Hop => hop,
    onTimeout: (): Hop => failed(target, { _tag: "Timeout", phase: "total", limit: timeout })
  })
}

/** A time-out tells the limit that was set in place of the one the client had. */
const withLimit = (hop: Hop, had: number, set: number): Hop => {
  if ("location" in hop || hop.result._tag === "Right") return hop
  const reason = hop.result.left
  return reason._tag === "Timeout" && reason.limit === had
    ? { ...hop, result: Either.left({ ...reason, limit: set }) }
    : hop
}

/**
 * How much longer, in milliseconds, a client that keeps the time itself gets to
 * say what happened.
 */
export const grace = 250

const limitsOf = ({ limits }: Context, timeout: number) => ({ ...limits, timeout })

const failed = (target: Target, reason: FetchError.Reason, bytes = 0): Attempt => ({
  result: Either.left(reason),
  url: target.origin + target.path,
  status: 0,
  headers: {},
  bytes
})

const noHeaders = {}

/**
 * The headers of a request: the caller's over the defaults, and the userinfo of
 * the URL over both.
 */
export const requestHeaders = (
  callerHeaders: GetSettings["headers"],
  authorization: string | undefined
): Readonly<Record<string, string>> => ({
  accept: "application/json, */*;q=0.8",
  "user-agent": "fastget",
  ...callerHeaders,
  ...(authorization === undefined ? undefined : { authorization })
})

let lastBase: readonly [callerHeaders: GetSettings["headers"], request: HttpClientRequest.HttpClientRequest] | undefined

/** A request without its URL. The requests of a chunk share one, and its headers. */
const baseRequest = (
  callerHeaders: GetSettings["headers"],
  authorization: string | undefined
): HttpClientRequest.HttpClientRequest => {
  if (lastBase?.[0] === callerHeaders && authorization === undefined) return lastBase[1]
  const headers = Headers.unsafeFromRecord(requestHeaders(callerHeaders, authorization))
  const request = HttpClientRequest.get("", { headers })
  if (authorization === undefined) lastBase = [callerHeaders, request]
  return request
}

/** One request: its answer read to the end, or as far as its limits let it. */
const request = (
  context: Context,
  target: Target,
  callerHeaders: GetSettings["headers"]
): Effect.Effect<Hop> =>
  context.client.execute(
    HttpClientRequest.setUrl(baseRequest(callerHeaders, target.authorization), target.origin + target.path)
  ).pipe(
    Effect.flatMap((response) => read(context, target, response)),
    // A client's defect is its entry's failure too: it must not take the chunk with it.
    Effect.catchAllCause((cause) => {
      if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
      const error = Cause.squash(cause)
      const reason = TransportError.toReason(error, { url: new URL(target.origin) })
      return Effect.succeed(failed(target, reason, TransportError.bytesOf(error)))
    })
  )

/** The most of a body that is read when it is not wanted: enough to keep the connection for the next request. */
const unwantedBytes = 65_536
const snippetLength = 200

const isSuccess = (status: number): boolean => status >= 200 && status <= 299

const read = (
  context: Context,
  target: Target,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Hop, unknown> => {
  const { headers, status } = response
  const whole = QuickGet.wholeBodyOf(response)
  if (whole !== undefined) return Effect.sync(() => hopOf(context, target, status, headers, whole.body, whole.bytes))
  const limit = context.settings.maxBodyBytes
  const hop = (body: Uint8Array) =>
    hopOf(context, target, status, headers, body, body.length, Redirects.joinedLocations)
  if (!isSuccess(status)) return Effect.map(ResponseBody.collect(response, unwantedBytes), hop)
  // A 204 has no body, whatever length it announces.
  if (status === 204 || Number(headers["content-length"] ?? 0) <= limit) {
    return Effect.map(ResponseBody.collect(response, limit), hop)
  }
  const tooLarge: Hop = {
    url: target.origin + target.path,
    status,
    headers,
    bytes: 0,
    result: Either.left({ _tag: "TooLarge", limit, of: "wire" })
  }
  return Effect.as(ResponseBody.discard(response), tooLarge)
}

/** What an answer means: a redirect to follow, a body, or a reason. */
const hopOf = (
  context: Context,
  target: Target,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  bytes: number,
  locations = Redirects.locations
): Hop => {
  const limit = context.settings.maxBodyBytes
  const location = headers["location"]
  if (Redirects.statuses.has(status) && location !== undefined) return { location: locations(location) }
  const answered = { url: target.origin + target.path, status, headers, bytes }
  if (!isSuccess(status)) {
    const snippet = new TextDecoder().decode(body.subarray(0, 4 * snippetLength)).slice(0, snippetLength)
    const wait = headers["retry-after"]
    const retryAfter = wait === undefined ? undefined : RetryAfter.parseLines(wait, new Date().getTime())
    const reason = {
      _tag: "Status",
      status,
      ...(retryAfter === undefined ? undefined : { retryAfter }),
      snippet
    } as const
    return { ...answered, result: Either.left(reason) }
  }
  const transfer = headers["transfer-encoding"]
  if (transfer !== undefined && !BodyCoding.isPlainTransfer(transfer)) {
    return { ...answered, result: Either.left({ _tag: "Protocol", detail: BodyCoding.refusedTransfer(transfer) }) }
  }
  return {
    ...answered,
    coding: BodyCoding.unknownContentCoding(headers["content-encoding"]),
    result: bytes > limit || body.length > limit
      ? Either.left({ _tag: "TooLarge", limit, of: bytes > limit ? "wire" : "decoded" } as const)
      : Either.right(body)
  }
}
