/**
 * Which origins a pattern is for: one (`https://api.example.com`), those of a
 * host (`api.example.com`: both schemes, every port), or of all hosts under a
 * name (`*.example.com`).
 */
import * as Either from "effect/Either"
import * as Url from "./Url.js"

/** Without what may be a user and a password in it. */
export const shown = (pattern: string): string => JSON.stringify(pattern.replace(/^([^/]*:\/\/)?.*@/s, "$1***@"))

/** The normal form of a pattern, or what is wrong with it. */
export const normal = (pattern: string): Either.Either<string, string> => {
  const text = pattern.trim()
  if (text.includes("://")) return ofOrigin(text)
  const isWild = text.startsWith("*.")
  const name = isWild ? text.slice(2) : text
  const url = Url.parse(`http://${name}`)
  const isName = url !== undefined && url.href === `http://${url.hostname}/` && !/\/$|:\d*$/.test(name)
  if (isName && !url.hostname.includes("*") && !(isWild && /^\[|^[\d.]+$/.test(url.hostname))) {
    return Either.right(`${isWild ? "*." : ""}${url.hostname}`)
  }
  return Either.left(noOrigin(text))
}

const ofOrigin = (text: string): Either.Either<string, string> => {
  const url = Url.parse(text)
  if (url === undefined || text.includes("*")) return Either.left(noOrigin(text))
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return Either.left(`${shown(text)} is fetched by nobody: only http: and https: are`)
  }
  if (url.username !== "" || url.password !== "") {
    return Either.left(`${shown(text)} has a user in it, and an origin has none`)
  }
  // Also a question mark with nothing behind it.
  return url.href === `${url.origin}/`
    ? Either.right(url.origin)
    : Either.left(`${shown(text)} is more than an origin, which is ${url.origin}`)
}

const noOrigin = (text: string): string => {
  const why = `${shown(text)} is no origin (https://api.example.com), host (api.example.com) or pattern (*.example.com)`
  const url = Url.parse(`http://${text}`)
  return /^[^/]*:\d+$/.test(text) && url !== undefined
    ? `${why}; a host with its port is http://${text} or https://${text}`
    : why
}

/** Whether a pattern in its normal form is for an origin, which has this host. */
export const matches = (pattern: string, origin: string, hostname: string): boolean =>
  pattern === origin || pattern === hostname || (pattern.startsWith("*.") && hostname.endsWith(pattern.slice(1)))
