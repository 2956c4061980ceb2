/**
 * Where a request goes: the URL of an entry comes in as text, a checked target
 * goes out, ready for the wire, or the reason why it can't be fetched.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Url from "../internal/base/Url.js"
import type { Reason } from "../Reason.js"

/**
 * The longest URL that is sent, in characters. Servers refuse far shorter ones.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxUrlLength = 65_536

/**
 * A URL, ready for the wire: without fragment and userinfo, in the normal form
 * of `URL`. Userinfo becomes the value of an Authorization header.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target {
  /** Scheme, host and port: `https://example.com`. */
  readonly origin: string
  /** Path and query, with the first slash. */
  readonly path: string
  readonly authorization: string | undefined
}

const invalid = (detail: string): Either.Either<never, Reason> => Either.left({ _tag: "InvalidUrl", detail })

/**
 * Checks and prepares a URL: absolute, `http:` or `https:`, up to 65,536
 * characters, with no control characters in it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parseUrl = (input: string): Either.Either<Target, Reason> => {
  if (input.length > maxUrlLength) return invalid(`it is longer than ${maxUrlLength} characters`)
  if (input.trim() === "") return invalid("it is empty")
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(input)) return invalid("it contains a control character")
  const url = Url.parse(input)
  if (url === undefined) return invalid("it is not an absolute URL")
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return invalid(`its scheme is ${url.protocol} and only http: and https: are fetched`)
  }
  const { origin, password, username } = url
  url.hash = ""
  url.username = ""
  url.password = ""
  // From href: pathname and search would lose a question mark with nothing after it.
  const target = { origin, path: url.href.slice(origin.length) }
  if (username === "" && password === "") return Either.right({ ...target, authorization: undefined })
  const userinfo = `${unescaped(username)}:${unescaped(password)}`
  return Either.right({ ...target, authorization: `Basic ${Encoding.encodeBase64(bytesOf(userinfo))}` })
}

/** Escapes as the bytes they stand for. A percent sign that begins none stands for itself, as curl has it. */
const unescaped = (text: string): string =>
  text.replace(/%([\da-f]{2})/gi, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)))

/** Of a text whose characters are bytes: `URL` has escaped all others. */
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

const mostOrigins = 10_000

// Characters that URL leaves as they are in a path and in a query. No dot segments, no percent signs.
const plainOrigin = /^https?:\/\/[^/?#\\@\s]+$/
const plainPath = /^\/(?:[\w\-~!$&()*+,;=:@/?]|(?<!\/)\.)*$/

/**
 * `parseUrl` for many URLs of few origins: an origin is parsed once, and a path
 * that normalising would leave as it is is taken as it is. The same results,
 * with no URL object for each.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeParser = (): (input: string) => Either.Either<Target, Reason> => {
  const origins = new Map<string, string>()
  return (input) => {
    const slash = input.indexOf("/", 8)
    if (slash < 0 || input.length > maxUrlLength) return parseUrl(input)
    const given = input.slice(0, slash)
    const path = input.slice(slash)
    const known = origins.get(given)
    if (known !== undefined && plainPath.test(path)) {
      return Either.right({ origin: known, path, authorization: undefined })
    }
    const target = parseUrl(input)
    if (known === undefined && target._tag === "Right" && plainOrigin.test(given)) {
      if (origins.size >= mostOrigins) origins.clear()
      origins.set(given, target.right.origin)
    }
    return target
  }
}

/**
 * The URL of an entry as text; of what is no URL at all, a description that
 * `parseUrl` refuses.
 *
 * @since 0.1.0
 * @category conversions
 */
export const urlText = (url: unknown): string =>
  typeof url === "string" ? url : url instanceof URL ? url.href : `<${url === null ? "null" : typeof url}>`
