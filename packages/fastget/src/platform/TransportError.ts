/**
 * What a transport's failure means: the codes of Node, OpenSSL and undici, and
 * of whatever client gives its errors the same codes. An `HttpClientError`
 * comes in, a `Reason` goes out; what is not known is `Transport`.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import { redactUrl } from "../FetchError.js"
import type { Reason } from "../Reason.js"
import { describe } from "../Reason.js"

/**
 * Where an attempt was made, to tell in the reason, and with which limit of the
 * client that failed. A limit that is not known here is left out: one that FastGet
 * keeps itself, such as `maxBodyBytes`, is no limit of its client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attempted {
  readonly url: URL
  readonly maxHeaderBytes?: number | undefined
}

/**
 * The failure of a client that knows its reason. As the `cause` of an
 * `HttpClientError` it is told as it is.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportFault extends Error {
  override readonly name = "TransportFault"
  constructor(
    readonly reason: Reason,
    /** Of the body, received before. */
    readonly bytes: number
  ) {
    super(describe(reason))
  }
}

/**
 * The reason of a failure, found in the error or in what caused it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const toReason = (error: unknown, attempted: Attempted): Reason => {
  for (const fault of causes(error)) {
    const reason = fromFault(fault, attempted)
    if (reason !== undefined) return reason
  }
  return { _tag: "Transport", detail: detailOf(error) }
}

/**
 * The bytes of a body received before a failure, where the client told them.
 *
 * @since 0.1.0
 * @category accessors
 */
export const bytesOf = (error: unknown): number => {
  for (const { source } of causes(error)) if (source instanceof TransportFault) return source.bytes
  return 0
}

interface Fault {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly source: object
}

/** The error and its causes, outermost first; of several tries at connecting, the last. */
function* causes(error: unknown): Generator<Fault> {
  let current = error
  for (let depth = 0; depth < 8 && Predicate.isObject(current); depth++) {
    const code = text(current, "code")
    yield { name: text(current, "name"), code, message: text(current, "message"), source: current }
    current = Predicate.hasProperty(current, "errors") && Array.isArray(current.errors)
      ? current.errors.at(-1)
      : Predicate.hasProperty(current, "cause")
      ? current.cause
      : undefined
  }
}

const text = (source: object, key: string): string => {
  const value: unknown = Reflect.get(source, key)
  return typeof value === "string" ? value : ""
}

const number = (source: object, key: string): number | undefined => {
  const value: unknown = Reflect.get(source, key)
  return typeof value === "number" ? value : undefined
}

const connectCodes = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EACCES",
  "EPERM",
  "EINVAL",
  "EADDRINUSE",
  "ECONNABORTED"
])
const localCodes = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"])
const dnsCodes = /^(ENOTFOUND|EAI_[A-Z]+|ENODATA|ESERVFAIL|EFORMERR|ENONAME)$/
const resetCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/

/** A limit, where it is known. */
const limited = (limit: number | undefined) => limit === undefined ? undefined : { limit }

const fromFault = (fault: Fault, { maxHeaderBytes, url }: Attempted): Reason | undefined => {
  const { code, source } = fault
  if (source instanceof TransportFault) return source.reason
  if (localCodes.has(code)) return { _tag: "LocalLimit", code }
  if (dnsCodes.test(code)) return { _tag: "Dns", hostname: url.hostname, code }
  if (tlsCodes.test(code)) return { _tag: "Tls", host: url.host, code }
  if (connectCodes.has(code) || (code === "ETIMEDOUT" && text(source, "syscall") === "connect")) {
    return connect(source, url, code)
  }
  if (resetCodes.has(code)) {
    if (Reflect.get(source, "connecting") === true) return connect(source, url, code)
    return { _tag: "Reset", bytes: number(source, "bytes") ?? 0, reused: Reflect.get(source, "reused") === true }
  }
  switch (code) {
    case "UND_ERR_CONNECT_TIMEOUT":
      return { _tag: "Timeout", phase: "connect", ...limited(timeoutLimit(fault)) }
    case "UND_ERR_HEADERS_TIMEOUT":
      return { _tag: "Timeout", phase: "headers", ...limited(timeoutLimit(fault)) }
    case "UND_ERR_BODY_TIMEOUT":
      return { _tag: "Timeout", phase: "body", ...limited(timeoutLimit(fault)) }
    case "UND_ERR_HEADERS_OVERFLOW":
    case "HPE_HEADER_OVERFLOW":
      return { _tag: "TooLarge", ...limited(number(source, "limit") ?? maxHeaderBytes), of: "headers" }
    case "UND_ERR_RES_EXCEEDED_MAX_SIZE":
      return { _tag: "TooLarge", ...limited(number(source, "limit")), of: "wire" }
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return { _tag: "Truncated", received: number(source, "bytes") ?? 0 }
  }
  if (fault.message.includes("Invalid EOF state")) return { _tag: "Truncated", received: number(source, "bytes") ?? 0 }
  // undici asserts what a server may break, such as a status below 100.
  if (fault.name === "HTTPParserError" || code.startsWith("HPE_") || code === "ERR_ASSERTION") {
    return { _tag: "Protocol", detail: code || "not HTTP" }
  }
  return undefined
}

const connect = (source: object, url: URL, code: string): Reason => {
  const port = number(source, "port")
  return {
    _tag: "Connect",
    address: text(source, "address") || url.hostname,
    ...(port === undefined ? undefined : { port }),
    code
  }
}

// undici tells the limit of a connect time-out in its message only.
const timeoutLimit = ({ message, source }: Fault): number | undefined => {
  const told = /timeout: (\d+)/.exec(message)?.[1]
  return number(source, "limit") ?? (told === undefined ? undefined : Number(told))
}

const longestDetail = 200

const detailOf = (error: unknown): string => {
  const innermost = [...causes(error)].at(-1)
  const said = innermost === undefined ? String(error) : innermost.message || innermost.name || innermost.code
  return said.replace(/https?:\/\/\S+/g, redactUrl).slice(0, longestDetail)
}
