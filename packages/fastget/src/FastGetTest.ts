/**
 * FastGet for tests: answers by URL go in, the service comes out, without a
 * network. Everything but the `HttpClient` is the library's own: redirects,
 * retries, limits and decoding are as in a program. What was asked is recorded.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FastGet from "./FastGet.js"
import type { InProcessOptions } from "./FastGetConfig.js"
import * as FetchError from "./FetchError.js"
import * as MadeResponse from "./internal/recording/MadeResponse.js"
import * as RequestLog from "./internal/recording/RequestLog.js"

/**
 * What a URL is answered with.
 *
 * @since 0.1.0
 * @category models
 */
export type Answer =
  | {
    readonly _tag: "Response"
    readonly body: string | Uint8Array
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
  }
  | { readonly _tag: "Failure"; readonly reason: FetchError.Reason }
  | { readonly _tag: "Never" }
  | { readonly _tag: "Delayed"; readonly duration: Duration.DurationInput; readonly answer: Answer }
  | { readonly _tag: "Sequence"; readonly answers: readonly [Answer, ...ReadonlyArray<Answer>] }

/**
 * A request as it was made; each retry and each redirect is one of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly url: URL
  /** Their names are in small letters. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Which URLs an answer is for: a URL (in a text every `*` stands for any
 * characters), a regular expression, or a function.
 *
 * @since 0.1.0
 * @category models
 */
export type Matcher = string | URL | RegExp | ((url: URL) => boolean)

/**
 * Answers by URL: a record, pairs of which the first that fits holds, or a
 * function, which returns `undefined` for what it has no answer for.
 *
 * @since 0.1.0
 * @category models
 */
export type Answers =
  | { readonly [url: string]: Answer }
  | ReadonlyArray<readonly [matcher: Matcher, answer: Answer]>
  | ((request: Request) => Answer | undefined)

/**
 * The requests that were made to a layer, oldest first.
 *
 * @since 0.1.0
 * @category tags
 */
export class Requests extends Context.Tag("fastget/FastGetTest/Requests")<
  Requests,
  { readonly all: () => ReadonlyArray<Request> }
>() {}

/**
 * The requests made so far, oldest first.
 *
 * @since 0.1.0
 * @category getting
 */
export const requests: Effect.Effect<ReadonlyArray<Request>, never, Requests> = Effect.map(
  Requests,
  ({ all }) => all()
)

/**
 * Status and headers of an answer; status 200 and no headers where they are left out.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseOptions {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * An answer whose body is this text, or these bytes.
 *
 * @since 0.1.0
 * @category answers
 */
export const body = (body: string | Uint8Array, { headers = {}, status = 200 }: ResponseOptions = {}): Answer => ({
  _tag: "Response",
  body,
  status,
  headers
})

/**
 * An answer in JSON.
 *
 * @since 0.1.0
 * @category answers
 */
export const json = (value: unknown, { headers, ...options }: ResponseOptions = {}): Answer =>
  body(JSON.stringify(value), { ...options, headers: { "content-type": "application/json", ...headers } })

/**
 * An answer without a body.
 *
 * @since 0.1.0
 * @category answers
 */
export const status = (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  body("", { status, headers })

/**
 * A request that fails for this reason. Whether it is made again follows from
 * the reason and from `retry`, as in a program.
 *
 * @since 0.1.0
 * @category answers
 */
export const failure = (reason: FetchError.Reason): Answer => ({ _tag: "Failure", reason })

/**
 * No answer, ever: the request ends by a time-out.
 *
 * @since 0.1.0
 * @category answers
 */
export const never: Answer = { _tag: "Never" }

/**
 * The same answer after a while, by Effect's Clock: in a test its `TestClock`.
 *
 * @since 0.1.0
 * @category answers
 */
export const delayed = (duration: Duration.DurationInput, answer: Answer): Answer => ({
  _tag: "Delayed",
  duration,
  answer
})

/**
 * For each URL, the first answer at its first request, the next at its next, and
 * the last one from then on.
 *
 * @since 0.1.0
 * @category answers
 */
export const sequence = (...answers: readonly [Answer, ...ReadonlyArray<Answer>]): Answer => ({
  _tag: "Sequence",
  answers
})

const noAnswer = "FastGetTest has no answer for "

/**
 * Whether an entry failed because the layer has no answer for a URL. Its reason
 * is `InvalidUrl`, which is not tried again, and its `detail` names the URL.
 *
 * @since 0.1.0
 * @category guards
 */
export const isUnanswered = (error: unknown): boolean =>
  FetchError.isFetchError(error) && error.reason._tag === "InvalidUrl" && error.reason.detail.startsWith(noAnswer)

/**
 * The service over these answers, and the record of what was asked. A URL
 * without an answer fails (`isUnanswered`). The options are those of
 * `FastGet.layer`; unless they say so, nothing is logged, and a 429 is a failed
 * attempt at once (`throttle: false`). Delays, time-outs and the waits between
 * attempts are of Effect's Clock; those of `rate` and `throttle` are of the real
 * one.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FastGet, FastGetTest } from "fastget"
 *
 * export const program = Effect.gen(function*() {
 *   const user = yield* FastGet.get("https://api.example.com/users/1")
 *   const asked = yield* FastGetTest.requests
 *   return [user, asked.length]
 * }).pipe(
 *   Effect.provide(FastGetTest.layer({ "https://api.example.com/users/1": FastGetTest.json({ name: "Ada" }) }))
 * )
 * ```
 */
export const layer = (
  answers: Answers,
  options: InProcessOptions = {}
): Layer.Layer<FastGet.FastGet | Requests> =>
  Layer.unwrapEffect(Effect.sync(() => {
    const find = finder(answers)
    const next = makeNext()
    const { all, client } = RequestLog.make(
      HttpClient.make((request, url) =>
        Effect.suspend(() => respond(request, find({ url, headers: { ...request.headers } }), url, next))
      )
    )
    return FastGet.layer({ logLevel: "None", throttle: false, ...options }).pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
      Layer.merge(Layer.succeed(Requests, { all }))
    )
  }))

type Next = (sequence: Extract<Answer, { readonly _tag: "Sequence" }>, url: URL) => Answer

/** Counts how far each URL has come in each sequence. */
const makeNext = (): Next => {
  const counts = new Map<Answer, Map<string, number>>()
  return (sequence, url) => {
    const byUrl = counts.get(sequence) ?? new Map<string, number>()
    counts.set(sequence, byUrl)
    const count = byUrl.get(url.href) ?? 0
    byUrl.set(url.href, count + 1)
    return sequence.answers[Math.min(count, sequence.answers.length - 1)]!
  }
}

const respond = (
  request: HttpClientRequest.HttpClientRequest,
  answer: Answer | undefined,
  url: URL,
  next: Next
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
  if (answer === undefined) {
    const detail = `${noAnswer}${FetchError.redactUrl(url.href)}`
    return MadeResponse.fail(request, { _tag: "InvalidUrl", detail })
  }
  switch (answer._tag) {
    case "Failure":
      return MadeResponse.fail(request, answer.reason)
    case "Delayed":
      return Effect.delay(Effect.suspend(() => respond(request, answer.answer, url, next)), answer.duration)
    case "Sequence":
      return respond(request, next(answer, url), url, next)
    case "Never":
      return Effect.never
    case "Response":
      return MadeResponse.make(request, answer)
  }
}

const finder = (answers: Answers): (request: Request) => Answer | undefined => {
  if (typeof answers === "function") return answers
  const pairs: ReadonlyArray<readonly [Matcher, Answer]> = Array.isArray(answers) ? answers : Object.entries(answers)
  const fitting = pairs.map(([matcher, answer]) => [fits(matcher), answer] as const)
  return ({ url }) => fitting.find(([fits]) => fits(url))?.[1]
}

const fits = (matcher: Matcher): (url: URL) => boolean => {
  if (typeof matcher === "function") return matcher
  if (matcher instanceof RegExp) return (url) => url.href.search(matcher) >= 0
  if (typeof matcher === "string" && matcher.includes("*")) {
    const parts = matcher.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    const pattern = new RegExp(`^${parts.join(".*")}$`)
    return (url) => pattern.test(url.href)
  }
  const wanted = withoutFragment(new URL(matcher))
  return (url) => withoutFragment(url) === wanted
}

/** A fragment is not sent. */
const withoutFragment = ({ hash, href }: URL): string => href.slice(0, href.length - hash.length)
