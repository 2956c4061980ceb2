/**
 * Every reason why an entry may have no result: plain data, as a schema, so that
 * it can cross threads and be stored. Part of `FetchError`.
 *
 * Longer than 300 lines, because it is a table of data: a schema for each reason,
 * whether it is retryable, and what it says.
 *
 * @since 0.1.0
 */
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
 * A limit of time was reached; `limit` is in milliseconds, and left out where a
 * client of your own has it and did not tell.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Timeout = Schema.TaggedStruct("Timeout", {
  phase: Schema.Literal("connect", "headers", "body", "total"),
  limit: optionalNumber
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
 * The headers or the body are larger than allowed; `limit` is in bytes, and left
 * out where a client of your own has it and did not tell.
 *
 * @since 0.1.0
 * @category reasons
 */
export const TooLarge = Schema.TaggedStruct("TooLarge", {
  limit: optionalNumber,
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
  expected: Schema.String,
  /** What kind of thing is there: `string`, `number`, `boolean`, `null`, `list`, `object`; not there where nothing is. */
  actual: optionalString
})

/**
 * The body arrived and is not what was asked for. `thrown`, `notCloneable` and
 * `timeout` are about the `decode` of a worker of your own. `encoding` is the
 * `Content-Encoding` of the answer, where it names one that nobody knows.
 * `issues` are up to 20 places where the body and the schema differ, `moreIssues`
 * the number of the others.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Decode = Schema.TaggedStruct("Decode", {
  problem: Schema.Literal("syntax", "utf8", "depth", "schema", "thrown", "notCloneable", "timeout"),
  where: Schema.String,
  encoding: optionalString,
  issues: Schema.optionalWith(Schema.Array(SchemaIssue), { exact: true }),
  /** How many more there are than are told. */
  moreIssues: optionalNumber
})

/**
 * An `HttpClient` that is not FastGet's own failed and told no more.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Transport = Schema.TaggedStruct("Transport", { detail: Schema.String })

/**
 * The entry ended every worker that took it. `stuck`: it held up its worker for
 * longer than `stuckTimeout`.
 *
 * @since 0.1.0
 * @category reasons
 */
export const WorkerLost = Schema.TaggedStruct("WorkerLost", {
  cause: Schema.Literal("exit", "out of memory", "uncaught", "stuck", "missing"),
  exitCode: optionalNumber
})

/** What can be the last thing that was seen of an origin that is down, and what else there is. */
const ofOneEntry = [
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
] as const

/**
 * No request was made, or none any more: nothing at the origin has answered for
 * a while, so that it is only tried by single requests. `last` is why the last
 * of these failed, `since` when the origin went down (milliseconds since 1970),
 * and `skipped` how many of its entries ended in this way so far.
 *
 * @since 0.1.0
 * @category reasons
 */
export const OriginDown = Schema.TaggedStruct("OriginDown", {
  last: Schema.Union(...ofOneEntry),
  since: Schema.Number,
  skipped: Schema.Number
})

/**
 * Every reason, as one schema.
 *
 * @since 0.1.0
 * @category reasons
 */
export const Reason = Schema.Union(...ofOneEntry, OriginDown)

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
    case "OriginDown":
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
      return `No ${reason.phase === "total" ? "complete answer" : reason.phase} within ${
        reason.limit === undefined ? "the time that the HttpClient allows" : `${reason.limit} ms`
      }`
    case "Truncated":
      return `The body ended after ${reason.received}${
        reason.expected === undefined ? "" : ` of ${reason.expected}`
      } bytes`
    case "Protocol":
      return `The server's answer is not HTTP: ${reason.detail}`
    case "TooLarge":
      return reason.limit === undefined
        ? `The ${reason.of === "headers" ? "headers are" : `body (${reason.of}) is`} larger than the HttpClient allows`
        : reason.of === "headers"
        ? `The headers are larger than ${reason.limit} bytes`
        : `The body (${reason.of}) is larger than ${reason.limit} bytes: raise maxBodyBytes to accept it`
    case "Redirect":
      return `A redirect to ${
        reason.location === "" ? "an empty Location" : reason.location
      } was not followed: ${reason.problem}`
    case "Status":
      return `The server answered ${reason.status}`
    case "EmptyBody":
      return `The server answered ${reason.status} with no body: emptyBody "null" accepts it`
    case "Decompress":
      return `The body could not be decompressed (${reason.encoding}): ${reason.problem}`
    case "Decode":
      return `The body could not be decoded (${reason.problem}): ${describeIssues(reason)}${
        reason.encoding === undefined ? "" : `; its Content-Encoding says ${reason.encoding}`
      }`
    case "Transport":
      return `The HttpClient failed: ${reason.detail}`
    case "WorkerLost":
      return `Every worker that took the entry was lost: ${reason.cause}${
        reason.exitCode === undefined ? "" : `, exit code ${reason.exitCode}`
      }`
    case "OriginDown":
      return describeDown(reason)
  }
}

/** Each place where body and schema differ; of anything else where it is. */
const describeIssues = ({ issues = [], moreIssues = 0, where }: Decode): string => {
  const texts = issues.map(({ actual = "nothing", expected, path }) =>
    `${
      path.length === 0 ? "the whole body" : `at ${path.join(".")}`
    } (${expected} was expected, and ${actual} is there)`
  )
  const more = moreIssues === 0 ? [] : [`and ${moreIssues} more`]
  return texts.length === 0 ? where : [...texts, ...more].join(", ")
}

const describeDown = ({ last, since, skipped }: typeof OriginDown.Type): string =>
  `The origin is down and was not asked; nothing has answered since ${timeOf(since)}: ${describe(last)}; ` +
  `${skipped === 1 ? "1 entry was" : `${skipped} entries were`} skipped so far`

/** ISO 8601; what is no time is told as it is. */
const timeOf = (millis: number): string => Math.abs(millis) <= 8.64e15 ? new Date(millis).toISOString() : String(millis)
