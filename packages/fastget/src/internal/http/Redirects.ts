/**
 * Where a redirect leads: the `Location` of an answer comes in, the next target
 * goes out, or the reason why it is not followed. A URL may come a second time:
 * servers redirect to themselves once they have opened a session. The third
 * time it is a loop.
 */
import * as Either from "effect/Either"
import * as FetchError from "../../FetchError.js"
import * as FieldLines from "../../platform/FieldLines.js"
import * as Target from "../../platform/Target.js"
import type { Reason } from "../../Reason.js"
import * as Url from "../base/Url.js"
import type { GetSettings } from "../wire/Chunk.js"

/** Statuses whose `Location` is followed. 300, 304, 305 and 306 are not. */
export const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** How often a URL is asked for within one attempt, before it is a loop. */
const mostVisits = 2

/** A request of an attempt, and which of the caller's headers it has. */
export interface Request {
  readonly target: Target.Target
  readonly callerHeaders: GetSettings["headers"]
}

/**
 * The request that follows a redirect. At another origin it has only the headers
 * that may be seen there (`elsewhere`), and so it stays for the rest of the
 * attempt, even where it leads back: the other origin chose what is asked for,
 * and must not choose it with the caller's secrets.
 */
export const requestAfter = (
  { callerHeaders, target: from }: Request,
  to: Target.Target,
  elsewhere: GetSettings["headers"] = noHeaders
): Request =>
  to.origin === from.origin
    ? { target: { ...to, authorization: to.authorization ?? from.authorization }, callerHeaders }
    : { target: to, callerHeaders: elsewhere }

const noHeaders = {}

/** The requests of one attempt so far. */
export interface Trail {
  /** Tells a request. */
  readonly add: (target: Target.Target) => void
  readonly requests: () => number
  readonly visits: (target: Target.Target) => number
}

const key = ({ origin, path }: Target.Target): string => origin + path

export const makeTrail = (): Trail => {
  const visits = new Map<string, number>()
  let requests = 0
  return {
    add: (target) => {
      requests++
      visits.set(key(target), (visits.get(key(target)) ?? 0) + 1)
    },
    requests: () => requests,
    visits: (target) => visits.get(key(target)) ?? 0
  }
}

/** The `Location`s of an answer whose client gave each line as it came. */
export const locations = (header: string): ReadonlyArray<string> => FieldLines.split(header)

/**
 * The same of a client that may have joined several lines with a comma, as
 * `fetch` does. Two URLs are told by the comma before the second one; the rest
 * of a relative one without a slash in front can't be told from a URL with a
 * comma in it.
 */
export const joinedLocations = (header: string): ReadonlyArray<string> => {
  const half = header.slice(0, (header.length - 2) / 2)
  return header === `${half}, ${half}` ? [half] : header.split(/, +(?=https?:\/\/|\/)/i)
}

/**
 * Where a redirect leads, or why it is not followed. Several lines have to lead
 * to the same.
 */
export const next = (
  locations: ReadonlyArray<string>,
  from: Target.Target,
  trail: Trail,
  maxRedirects: number
): Either.Either<Target.Target, Reason> => {
  const no = (problem: "loop" | "max" | "bad" | "blocked") =>
    Either.left({ _tag: "Redirect", problem, location: locations.map(FetchError.redactUrl).join(", ") } as const)
  const targets = locations.map((location) => resolve(location, from))
  const [target] = targets
  if (target === undefined) return no("bad")
  if (targets.some((other) => !isSame(target, other))) return no("bad")
  if (typeof target === "string") return no(target)
  if (trail.visits(target) >= mostVisits) return no("loop")
  return trail.requests() > maxRedirects ? no("max") : Either.right(target)
}

const isSame = (a: Target.Target | "bad" | "blocked", b: Target.Target | "bad" | "blocked"): boolean =>
  typeof a === "string" || typeof b === "string"
    ? a === b
    : a.origin === b.origin && a.path === b.path && a.authorization === b.authorization

const resolve = (location: string, from: Target.Target): Target.Target | "bad" | "blocked" => {
  const text = asText(location)
  // By RFC 3986 an empty reference is the URL itself, but a server that sends one has left the value out.
  if (text === undefined || text.trim() === "") return "bad"
  const url = Url.parse(text, from.origin + from.path)
  if (url === undefined) return "bad"
  if (url.protocol !== "http:" && url.protocol !== "https:") return "blocked"
  const target = Target.parseUrl(url.href)
  return target._tag === "Left" ? "bad" : target.right
}

/**
 * Clients give a character for each byte of a header. What is no ASCII is sent
 * on as the very bytes that came, whether they are UTF-8 or not; in a host they
 * are read as UTF-8, as URLs are. A character beyond a byte says that the client
 * has read UTF-8 before; one that stands for what was no UTF-8 says that bytes
 * are lost, and nobody knows which.
 */
const asText = (location: string): string | undefined => {
  if (location.includes("\uFFFD")) return undefined
  // eslint-disable-next-line no-control-regex -- all characters of one byte
  if (/[^\x00-\xff]/.test(location)) return location
  return location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}
