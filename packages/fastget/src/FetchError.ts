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

const optionalNumber = Schema.optionalWith(Schema.Number, { exact: true })
const optionalString = Schema.optionalWith(Schema.String, { exact: true })

/**
 * The entry's URL can't be fetched: it is no absolute `http:` or `https:` URL.
 *
 * @since 0.1.0
 * @category reasons
 */
export const InvalidUrl = Schema.TaggedStruct("InvalidUrl", { detail: Schema.String })

/**
 * A guard refused the address.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Blocked = Schema.TaggedStruct("Blocked", { address: Schema.String, rule: Schema.String })

/**
 * The host name could not be resolved. `EAI_AGAIN` is tried again.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Dns = Schema.TaggedStruct("Dns", { hostname: Schema.String, code: Schema.String })

/**
 * No connection could be made.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Connect = Schema.TaggedStruct("Connect", {
  address: optionalString,
  port: optionalNumber,
  code: Schema.String
})

/**
 * This machine ran out of descriptors (`EMFILE`) or ports (`EADDRNOTAVAIL`).
 *
 * @since 0.1.0
 * @category reasons
 */
export const LocalLimit = Schema.TaggedStruct("LocalLimit", { code: Schema.String })

/**
 * The certificate or the TLS version was not accepted.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Tls = Schema.TaggedStruct("Tls", { host: Schema.String, code: Schema.String })

/**
 * The connection was closed or reset before the answer was whole.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Reset = Schema.TaggedStruct("Reset", { bytes: Schema.Number, reused: Schema.Boolean })

/**
 * A limit of time was reached; `limit` is in milliseconds.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Timeout = Schema.TaggedStruct("Timeout", {
  phase: Schema.Literal("connect", "headers", "body", "total"),
  limit: Schema.Number
})

/**
 * The body ended before the length the server had announced.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Truncated = Schema.TaggedStruct("Truncated", { expected: optionalNumber, received: Schema.Number })

/**
 * The peer did not speak HTTP as it should.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Protocol = Schema.TaggedStruct("Protocol", { detail: Schema.String })

/**
 * The headers or the body are larger than allowed; `limit` is in bytes.
 *
 * @since 0.1.0
 * @category reasons
 */
export const TooLarge = Schema.TaggedStruct("TooLarge", {
  limit: Schema.Number,
  of: Schema.Literal("headers", "wire", "decoded")
})

/**
 * A redirect could not be followed. `location` is redacted like `url`.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Redirect = Schema.TaggedStruct("Redirect", {
  problem: Schema.Literal("loop", "max", "bad", "blocked"),
  location: Schema.String
})

/**
 * The server answered with another status than 2xx. `retryAfter` is what the
 * server asked for, in milliseconds; `snippet` the first 200 characters of the
 * body.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Status = Schema.TaggedStruct("Status", {
  status: Schema.Number,
  retryAfter: optionalNumber,
  snippet: Schema.String
})

/**
 * The answer succeeded and had no body.
 *
 * @since 0.1.0
 * @category reasons
 */
export const EmptyBody = Schema.TaggedStruct("EmptyBody", { status: Schema.Number })

/**
 * The body could not be decompressed; `problem` says if it was cut, corrupt, or
 * of an encoding that is not supported.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Decompress = Schema.TaggedStruct("Decompress", {
  encoding: Schema.String,
  problem: Schema.Literal("cut", "corrupt", "unsupported")
})

/**
 * One place where a value and its schema differ. `expected` is the schema's own
 * description; what the body held is left out.
 *
 * @since 0.1.0
 * @category reasons
 */
export const SchemaIssue = Schema.Struct({
  path: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
  problem: Schema.String,
  expected: Schema.String
})

/**
 * The body arrived and is not what was asked for. `thrown`, `notCloneable` and
 * `timeout` are about the `decode` of a worker of your own.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Decode = Schema.TaggedStruct("Decode", {
  problem: Schema.Literal("syntax", "utf8", "depth", "schema", "thrown", "notCloneable", "timeout"),
  where: Schema.String,
  issues: Schema.optionalWith(Schema.Array(SchemaIssue), { exact: true })
})

/**
 * An `HttpClient` that is not FastGet's own failed and told no more.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Transport = Schema.TaggedStruct("Transport", { detail: Schema.String })

/**
 * The entry ended every worker that took it.
 *
 * @since 0.1.0
 * @category reasons
 */
export const WorkerLost = Schema.TaggedStruct("WorkerLost", {
  cause: Schema.Literal("exit", "out of memory", "uncaught", "stuck", "missing"),
  exitCode: optionalNumber
})

/**
 * Every reason, as one schema.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Reason = Schema.Union(
  InvalidUrl,
  Blocked,
  Dns,
  Connect,
  LocalLimit,
  Tls,
  Reset,
  Timeout,
  Truncated,
  Protocol,
  TooLarge,
  Redirect,
  Status,
  EmptyBody,
  Decompress,
  Decode,
  Transport,
  WorkerLost
)

/**
 * @since 0.1.0
 * @category models
 */
export type Reason = typeof Reason.Type

/**
 * @since 0.1.0
 * @category models
 */
export type ReasonTag = Reason["_tag"]

/**
 * @since 0.1.0
 * @category models
 */
export type Decode = typeof Decode.Type

/**
 * @since 0.1.0
 * @category models
 */
export type SchemaIssue = typeof SchemaIssue.Type

const retryableStatus = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Whether another attempt may succeed where one failed for this reason.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (reason: Reason): boolean => {
  switch (reason._tag) {
    case "Connect":
    case "LocalLimit":
    case "Reset":
    case "Timeout":
    case "Truncated":
    case "Transport":
      return true
    case "Dns":
      return reason.code === "EAI_AGAIN"
    case "Status":
      return retryableStatus.has(reason.status)
    case "Decompress":
      return reason.problem === "cut"
    default:
      return false
  }
}

/**
 * The error of one entry. `id` is the very value the entry came with, `url` is
 * redacted (userinfo, query values, fragment), `attempts` counts the requests
 * made, and `elapsed` runs from the first of them to the last.
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
 * import { Schema } from "effect"
 * import { FetchError } from "fastget"
 *
 * export const encode = Schema.encode(FetchError.schema(Schema.Number))
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
  const cut = url.length > longestUrl ? `${url.slice(0, longestUrl)}…` : url
  const hash = cut.indexOf("#")
  const beforeHash = hash < 0 ? cut : cut.slice(0, hash)
  const mark = beforeHash.indexOf("?")
  const path = mark < 0 ? beforeHash : beforeHash.slice(0, mark)
  const query = mark < 0 ? "" : `?${beforeHash.slice(mark + 1).replace(/(^|&)(?:([^&=]*=)[^&]*|[^&]+)/g, "$1$2***")}`
  const bare = path.replace(/^([^/?#]*:)?([/\\]{2})[^/\\]*@/, "$1$2***@")
  return `${bare}${query}${hash < 0 ? "" : "#***"}`
}

/**
 * One sentence on what happened and, where there is something to do, what.
 *
 * @since 0.1.0
 * @category formatting
 */
export const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "InvalidUrl":
      return `The URL can't be fetched: ${reason.detail}`
    case "Blocked":
      return `The address ${reason.address} is blocked by the rule ${reason.rule}`
    case "Dns":
      return `The host name ${reason.hostname} could not be resolved: ${reason.code}`
    case "Connect":
      return `No connection to ${reason.address ?? "the server"}${
        reason.port === undefined ? "" : `, port ${reason.port}`
      }: ${reason.code}`
    case "LocalLimit":
      return `This machine is out of ${
        reason.code === "EADDRNOTAVAIL" ? "ports" : "file descriptors"
      } (${reason.code}): lower connectionsPerOrigin or raise the limit`
    case "Tls":
      return `TLS with ${reason.host} failed: ${reason.code}`
    case "Reset":
      return `The connection was closed before the answer was whole, ${reason.bytes} bytes in`
    case "Timeout":
      return `No ${reason.phase === "total" ? "complete answer" : reason.phase} within ${reason.limit} ms`
    case "Truncated":
      return `The body ended after ${reason.received}${
        reason.expected === undefined ? "" : ` of ${reason.expected}`
      } bytes`
    case "Protocol":
      return `The server's answer is not HTTP: ${reason.detail}`
    case "TooLarge":
      return reason.of === "headers"
        ? `The headers are larger than ${reason.limit} bytes`
        : `The body (${reason.of}) is larger than ${reason.limit} bytes: raise maxBodyBytes to accept it`
    case "Redirect":
      return `A redirect to ${reason.location} was not followed: ${reason.problem}`
    case "Status":
      return `The server answered ${reason.status}`
    case "EmptyBody":
      return `The server answered ${reason.status} with no body: emptyBody "null" accepts it`
    case "Decompress":
      return `The body could not be decompressed (${reason.encoding}): ${reason.problem}`
    case "Decode":
      return `The body could not be decoded (${reason.problem}): ${reason.where}`
    case "Transport":
      return `The HttpClient failed: ${reason.detail}`
    case "WorkerLost":
      return `Every worker that took the entry was lost: ${reason.cause}${
        reason.exitCode === undefined ? "" : `, exit code ${reason.exitCode}`
      }`
  }
}
