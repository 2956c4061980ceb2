/** Models of servers, as data for the simulation. */
import type { Arrival, Random, Reply, Server } from "./Simulation.js"

/** Says whether a request is admitted, and changes its state by it. */
export type Limit = (now: number) => boolean

/** A bucket of `capacity` tokens that gets `perSecond` new ones each second. */
export const bucket = (perSecond: number | ((now: number) => number), capacity: number): Limit => {
  const rate = typeof perSecond === "number" ? () => perSecond : perSecond
  let level = capacity
  let at = 0
  return (now) => {
    level = Math.min(capacity, level + (now - at) * rate(now) / 1000)
    at = now
    if (level < 1 - 1e-9) return false
    level--
    return true
  }
}

/** `limit` in each window of `length` milliseconds, the first of which began `phase` before 0. */
export const fixedWindow = (limit: number, length = 1000, phase = 0): Limit => {
  let window = -1
  let count = 0
  return (now) => {
    const current = Math.floor((now + phase) / length)
    if (current !== window) count = 0
    window = current
    if (count >= limit) return false
    count++
    return true
  }
}

/** `limit` in any `length` milliseconds. */
export const slidingWindow = (limit: number, length = 1000): Limit => {
  const admitted: Array<number> = []
  return (now) => {
    while (admitted.length > 0 && admitted[0]! <= now - length) admitted.shift()
    if (admitted.length >= limit) return false
    admitted.push(now)
    return true
  }
}

/** How a server that refuses says when to come again. */
export const tells: Readonly<Record<"seconds" | "date" | "nothing", (now: number) => number | undefined>> = {
  seconds: () => 1000,
  /** A date of whole seconds, a second from now: anything up to a second. A date that has passed says nothing. */
  date: (now) => 1000 - (now + 370) % 1000 || undefined,
  nothing: () => undefined
}

/** Answers within `latency` milliseconds, and refuses what the limit does not admit. */
export const limited =
  (limit: Limit, latency: () => number, retryAfter: (now: number) => number | undefined, status = 429): Server =>
  ({ now }: Arrival): Reply =>
    limit(now) ? { status: 200, after: latency() } : { status, after: latency(), retryAfter: retryAfter(now) }

/** Around `mean` milliseconds, by half of it either way. */
export const around = (mean: number, chance: Random) => () => mean * (0.5 + chance())
