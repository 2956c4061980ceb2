/**
 * HTTP servers that don't take whatever comes: one that admits so many requests
 * in a time and refuses the others, and one that gets slower the more it is
 * asked at once. They count what they admitted and refused, and their sockets.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Limit } from "./Limit.js"
import * as LoopbackServer from "./LoopbackServer.js"

/** How a refusal tells when to come again: by a number of seconds, by a date, by headers of the limit, or not at all. */
export type Tells = "seconds" | "date" | "headers" | "none"

export interface Options {
  readonly limit: Limit
  readonly tells: Tells
  /** What a refusal has; default 429. */
  readonly status?: number
  /** Milliseconds until an answer or a refusal; default 0. */
  readonly latency?: number
  /** Whether a path is always refused, whatever the limit says; default none. */
  readonly refuses?: (path: string) => boolean
  /** Is told of each request. */
  readonly onRequest?: (isAdmitted: boolean) => void
}

export interface LimitingServer extends LoopbackServer.LoopbackServer {
  readonly admitted: () => number
  readonly refused: () => number
}

const now = (): number => performance.now()

/** Whole seconds, as headers have them. */
const seconds = (millis: number): number => Math.max(1, Math.ceil(millis / 1000))

/** What answers and refusals have in their heads. */
const headersOf = (limit: Limit, tells: Tells, isAdmitted: boolean): Record<string, string | number> => {
  if (tells === "headers") {
    return {
      "ratelimit-limit": limit.perSecond(),
      "ratelimit-remaining": isAdmitted ? limit.remaining(now()) : 0,
      "ratelimit-reset": seconds(limit.renewedIn(now()))
    }
  }
  if (isAdmitted || tells === "none") return {}
  const wait = seconds(limit.renewedIn(now()))
  return { "retry-after": tells === "seconds" ? `${wait}` : new Date(Date.now() + wait * 1000).toUTCString() }
}

/** Admits what the limit admits, and answers it with its path; refuses the others. */
export const make = (options: Options): Effect.Effect<LimitingServer, never, Scope.Scope> => {
  const { latency = 0, limit, onRequest, refuses, status = 429, tells } = options
  let admitted = 0
  let refused = 0
  const answer: LoopbackServer.Handler = (request, response) => {
    const isAdmitted = refuses?.(request.url!) !== true && limit.admits(now())
    if (isAdmitted) admitted++
    else refused++
    onRequest?.(isAdmitted)
    for (const [name, value] of Object.entries(headersOf(limit, tells, isAdmitted))) response.setHeader(name, value!)
    if (isAdmitted) LoopbackServer.echoPath(request, response)
    else response.writeHead(status, { "content-length": 0 }).end()
  }
  return Effect.map(
    LoopbackServer.make(latency === 0 ? answer : later(() => latency, answer)),
    (server) => ({ ...server, admitted: () => admitted, refused: () => refused })
  )
}

export interface KneeOptions {
  /** How many requests at once it serves as fast as one. */
  readonly knee: number
  /** Milliseconds for each of those; for more at once, in proportion. */
  readonly latency: number
  /** Is told how many milliseconds an answer took. */
  readonly onAnswer?: (millis: number) => void
}

/** Gets slower with each request at once beyond its knee: more of them get no more answers a second. */
export const knee = (options: KneeOptions): Effect.Effect<LoopbackServer.LoopbackServer, never, Scope.Scope> => {
  let atOnce = 0
  return LoopbackServer.make((request, response) => {
    const startedAt = now()
    atOnce++
    response.once("close", () => {
      atOnce--
      options.onAnswer?.(now() - startedAt)
    })
    later(() => options.latency * Math.max(1, atOnce / options.knee), LoopbackServer.echoPath)(request, response)
  })
}

const later = (latency: () => number, answer: LoopbackServer.Handler): LoopbackServer.Handler => (request, response) =>
  void setTimeout(() => answer(request, response), latency())
