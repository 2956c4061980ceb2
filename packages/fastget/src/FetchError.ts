/**
 * Why an entry has no result. Workers send a plain `Reason`, without the id;
 * the error is built on the main thread, where the id never left. It holds no
 * request, no response and no header value, and its URL is redacted.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Url from "./internal/base/Url.js"
import type { ReasonTag } from "./Reason.js"
import { describe, isRetryable, Reason } from "./Reason.js"

export * from "./Reason.js"

/**
 * The error of one entry. `id` is the very value the entry came with, `url` is
 * redacted (userinfo, query values, fragment), `attempts` counts the first
 * request and the retries (redirects belong to their attempt, and what is sent
 * again over another connection because one was stale is none), and `elapsed`
 * runs from the first request to the end, waits included.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { FastGet } from "fastget"
 *
 * const entries = [["a", "https://api.example.com/a"]] as const
 *
 * export const program = FastGet.stream(entries).pipe(
 *   Stream.runCollect,
 *   Effect.catchTag("FetchError", (error) => Effect.log(error.id, error.reason._tag))
 * )
 * ```
 */
export class FetchError<out Id = unknown> extends Data.TaggedError("FetchError")<{
  readonly id: unknown
  readonly url: string
  readonly reason: Reason
  readonly attempts: number
  readonly elapsed: Duration.Duration
}> {
  declare readonly id: Id

  /** Whether another attempt may succeed; follows from the reason. */
  get retryable(): boolean {
    return isRetryable(this.reason)
  }

  override get message(): string {
    const tries = this.attempts > 1 ? `, after ${this.attempts} attempts` : ""
    return `${describe(this.reason)} (GET ${this.url}${tries})`
  }
}

/**
 * Builds the error of an entry; the URL is redacted here.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Duration } from "effect"
 * import { FetchError } from "fastget"
 *
 * export const error = FetchError.make({
 *   id: 7,
 *   url: "https://api.example.com/7?token=secret",
 *   reason: { _tag: "Timeout", phase: "headers", limit: 30_000 },
 *   attempts: 3,
 *   elapsed: Duration.seconds(91)
 * })
 * ```
 */
export const make = <Id>(fields: {
  readonly id: Id
  readonly url: string
  readonly reason: Reason
  readonly attempts: number
  readonly elapsed: Duration.Duration
}): FetchError<Id> => new FetchError<Id>({ ...fields, url: redactUrl(fields.url) })

/**
 * @since 0.1.0
 * @category guards
 */
export const isFetchError = (u: unknown): u is FetchError => Predicate.isTagged(u, "FetchError")

/**
 * A schema that encodes a `FetchError`, given one for its id.
 *
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { Either, Schema, Stream } from "effect"
 * import { FastGet, FetchError } from "fastget"
 *
 * const encode = Schema.encode(FetchError.schema(Schema.Number))
 *
 * export const failures = FastGet.streamEither([[1, "https://api.example.com/1"]]).pipe(
 *   Stream.filterMap(([, result]) => Either.getLeft(result)),
 *   Stream.mapEffect(encode)
 * )
 * ```
 */
export const schema = <Id, I, R>(
  id: Schema.Schema<Id, I, R>
): Schema.Schema<FetchError<Id>, EncodedError<I>, R> =>
  Schema.transform(
    Schema.TaggedStruct("FetchError", {
      id,
      url: Schema.String,
      reason: Reason,
      attempts: Schema.Number,
      elapsed: Schema.DurationFromMillis
    }),
    Schema.declare((u): u is FetchError<Id> => isFetchError(u), { identifier: "FetchError" }),
    {
      strict: false,
      decode: (fields) => new FetchError<Id>(fields),
      encode: ({ attempts, elapsed, id, reason, url }) => ({ _tag: "FetchError", id, url, reason, attempts, elapsed })
    }
  )

/**
 * The encoded form of a `FetchError`; `elapsed` is in milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export interface EncodedError<Id> {
  readonly _tag: "FetchError"
  readonly id: Id
  readonly url: string
  readonly reason: typeof Reason.Encoded
  readonly attempts: number
  readonly elapsed: number
}

/**
 * A `FetchError` whose reason is known.
 *
 * @since 0.1.0
 * @category models
 */
export type WithReason<E, Tag extends ReasonTag> = E extends FetchError<infer Id>
  ? FetchError<Id> & { readonly reason: Extract<Reason, { readonly _tag: Tag }> }
  : never

/**
 * Whether a `FetchError` has one of the reasons.
 *
 * @since 0.1.0
 * @category guards
 */
export const hasReason =
  <const Tags extends ReadonlyArray<ReasonTag>>(...tags: Tags) =>
  <E>(error: E): error is E & WithReason<E, Tags[number]> => isFetchError(error) && tags.includes(error.reason._tag)

/**
 * Handles the `FetchError`s of one reason; every other error passes.
 *
 * @since 0.1.0
 * @category error handling
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FastGet, FetchError } from "fastget"
 *
 * export const orNull = FastGet.get("https://api.example.com/maybe").pipe(
 *   FetchError.catchReason("Status", (error) => error.reason.status === 404 ? Effect.succeed(null) : Effect.fail(error))
 * )
 * ```
 */
export const catchReason: {
  <E, Tag extends ReasonTag, A2, E2, R2>(
    tag: Tag,
    handler: (error: WithReason<E, Tag>) => Effect.Effect<A2, E2, R2>
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, E | E2, R | R2>
  <A, E, R, Tag extends ReasonTag, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    tag: Tag,
    handler: (error: WithReason<E, Tag>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, E | E2, R | R2>
} = dual(3, <A, E, R, Tag extends ReasonTag, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  tag: Tag,
  handler: (error: WithReason<E, Tag>) => Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E | E2, R | R2> =>
  Effect.catchAll(
    self,
    (error): Effect.Effect<A2, E | E2, R2> =>
      // The guard has seen the tag, which the conditional type can't.
      hasReason(tag)(error) ? handler(error as unknown as WithReason<E, Tag>) : Effect.fail(error)
  ))

const longestUrl = 2048

/**
 * A URL that is safe to show: userinfo, the values of the query and the
 * fragment are replaced by `***`, and what is beyond 2,048 characters is cut.
 * Works on text that is no URL, too.
 *
 * @since 0.1.0
 * @category redaction
 */
export const redactUrl = (url: string): string => {
  const [, path = "", query, fragment] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(url) ?? []
  const redacted = hideUserinfo(url, path) +
    (query ?? "").replace(/([?&])(?:([^&=]*=)[^&]*|[^&]+)/g, "$1$2***") +
    (fragment === undefined ? "" : "#***")
  return redacted.length > longestUrl ? `${redacted.slice(0, longestUrl)}…` : redacted
}

const noUrl = { host: "", password: "", pathname: "", protocol: "", username: "" }

const hideUserinfo = (url: string, path: string): string => {
  if (!path.includes("@")) return path
  const { host, password, pathname, protocol, username } = Url.parse(url) ?? noUrl
  if (host !== "") {
    return username === "" && password === "" ? path : `${protocol}//***@${host}${pathname}`
  }
  // In what is no URL of a host, anything before an @ may be a secret.
  const scheme = /^[a-z][a-z0-9+.-]*:[\s/\\]+/i.exec(path)?.[0] ?? ""
  return `${scheme}***${path.slice(path.lastIndexOf("@"))}`
}
