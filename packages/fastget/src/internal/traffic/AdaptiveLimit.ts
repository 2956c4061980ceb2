/**
 * How many requests may be under way at an origin, by what its answers say, as
 * in Vector's adaptive request concurrency. Doubled until back pressure is felt;
 * then one more for each window in which the limit was reached and answers took
 * no longer, fewer when they take longer, fewer still on refusals and time-outs.
 * Since a mean that only follows itself drifts upwards under load, the least
 * time seen lately is kept in view, and is measured anew from time to time.
 */
import type { OriginState } from "./OriginState.js"
import type { Rules } from "./Rules.js"

const first = 8

/** The newest window's weight in the mean. */
const weight = 0.4

/** So many deviations above the mean are back pressure. */
const deviations = 2.5

/** What a window takes from the limit: where answers take longer, and where requests were refused or not answered. */
const slower = 0.9
const failed = 0.7

/** By the least time seen lately: up to `grows` the limit may grow, from `presses` on it is too high. */
const grows = 1.5
const presses = 2

/** A window has so many answers at least: fewer would make the least time a matter of luck. */
const fewest = 10

/** The limit is halved for some windows so often, in milliseconds and in windows, to see the least time without a queue. */
const dipAfter = 10_000
const dipAfterWindows = 60
const dipWindows = 2

/** How many requests may be under way at once. */
export const limit = (state: OriginState, { connections }: Rules): number => {
  const whole = state.limit === 0 ? first : state.limit
  return Math.max(1, Math.min(connections, Math.floor(isDipping(state) ? whole / 2 : whole)))
}

const isDipping = (state: OriginState): boolean => state.dip > dipAfterWindows

/** An answer came to a request that was sent at `sentAt`. */
export const answered = (
  state: OriginState,
  rules: Rules,
  now: number,
  { inFlight, latency, startedAt }: { readonly startedAt: number; readonly latency: number; readonly inFlight: number }
): void => {
  if (state.limit === 0) state.limit = Math.min(first, rules.connections)
  if (state.windowAt === 0) begin(state, now)
  // Those sent before belong to another limit.
  if (Number.isNaN(latency) || startedAt < state.windowAt) return
  state.windowCount++
  state.windowSum += latency
  state.windowInFlight = Math.max(state.windowInFlight, inFlight)
  const mean = state.windowSum / state.windowCount
  if (state.windowCount >= fewest && now - state.windowAt >= 2 * mean) end(state, rules, now, mean)
}

/** A request was refused, or timed out. Once in a window. */
export const pressed = (state: OriginState, rules: Rules, now: number, sentAt: number): void => {
  if (state.limit === 0) state.limit = Math.min(first, rules.connections)
  if (sentAt < state.windowAt) return
  state.felt = 1
  state.limit = Math.max(1, state.limit * failed)
  begin(state, now)
}

const begin = (state: OriginState, now: number): void => {
  state.windowAt = now
  state.windowCount = state.windowSum = state.windowInFlight = 0
}

const end = (state: OriginState, rules: Rules, now: number, mean: number): void => {
  const isDip = isDipping(state)
  const isLonger = state.mean > 0 && mean > state.mean + deviations * Math.sqrt(state.variance)
  const isReached = state.windowInFlight >= limit(state, rules)
  countDip(state, now, mean)
  if (!isDip) {
    change(state, rules, mean, isReached, isLonger)
    follow(state, mean)
  }
  begin(state, now)
}

const change = (state: OriginState, rules: Rules, mean: number, isReached: boolean, isLonger: boolean): void => {
  const times = mean / state.best
  if (times > presses) {
    state.felt = 1
    // As many as would be served in the least time, and a few for a queue.
    state.limit = Math.max(1, state.limit / 2, 1.25 * state.limit / times)
  } else if (isLonger && times > grows) {
    state.felt = 1
    state.limit = Math.max(1, state.limit * slower)
  } else if (isReached && times <= grows) {
    state.limit = Math.min(rules.connections, state.felt === 0 ? 2 * state.limit : Math.floor(state.limit) + 1)
  }
}

const follow = (state: OriginState, mean: number): void => {
  if (state.mean === 0) {
    state.mean = mean
    state.variance = (mean / 4) ** 2
    return
  }
  const difference = mean - state.mean
  state.mean += weight * difference
  state.variance = (1 - weight) * (state.variance + weight * difference ** 2)
}

/** Counts the windows until the limit dips, and those of the dip, which tell the least time anew. */
const countDip = (state: OriginState, now: number, mean: number): void => {
  if (isDipping(state)) {
    // The first window of a dip still has the queue of before.
    state.best = state.dip === dipAfterWindows + 1 ? mean : Math.min(state.best, mean)
    if (state.dip++ < dipAfterWindows + dipWindows) return
    state.dip = 0
    state.bestAt = now
    return
  }
  state.best = state.best === 0 ? mean : Math.min(state.best, mean)
  if (state.bestAt === 0) state.bestAt = now
  if (state.dip < dipAfterWindows || now - state.bestAt >= dipAfter) state.dip++
}
