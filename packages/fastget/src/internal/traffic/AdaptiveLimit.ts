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
const spreadWeight = 0.3

/** So many deviations above the mean are back pressure. */
const deviations = 2.5

/** What a window takes from the limit: where answers take longer, and where requests were refused or not answered. */
const slower = 0.9
const failed = 0.7

/** By the least time seen lately: up to `grows` the limit may grow, from `presses` on it is too high, and from `floods` on far too high. */
const grows = 1.5
const presses = 1.8
const floods = 4

/** Near the limit that was too high before, it grows by less than one in a window. */
const near = 0.9
const step = 0.125

/**
 * A window has so many answers that its mean is known to an eighth: fewer would
 * make it a matter of luck. At least, and at most.
 */
const known = 0.125
const fewest = 10
const manyEnough = 300

/** So often, in milliseconds and in windows, the limit is lowered for some windows to see the least time without a queue. */
const dipAfter = 10_000
const dipAfterWindows = 60
const dipWindows = 2
const dip = 0.5

/**
 * While it is doubled, and answers take longer by this, it is lowered for so many windows to what it began with: the least
 * time until then may be that of a client and of connections that were new, and would let the limit grow far beyond what
 * the server serves at once. Where they still take longer than the least time that is seen then, it is doubled no more.
 */
const doubles = 1.2
const firstDipWindows = 3

/** Means of answers whose times differ much say less: by so much more, for each of their spread, they have to be longer. */
const ofSpread = 0.5

/** Where answers take no longer than so many times the least time, there is no queue, and nothing to see. */
const noQueue = 1.15

/** How many requests may be under way at once. */
export const limit = (state: OriginState, { connections }: Rules): number => {
  const whole = state.limit === 0 ? first : state.limit
  const now = isFirstDip(state) ? Math.min(first, whole) : isDipping(state) ? dip * whole : whole
  return Math.max(1, Math.min(connections, Math.floor(now)))
}

const isDipping = (state: OriginState): boolean => state.dip > dipAfterWindows || isFirstDip(state)

const isFirstDip = (state: OriginState): boolean => state.dip < 0

/** An answer came. */
export const answered = (
  state: OriginState,
  rules: Rules,
  now: number,
  { inFlight, latency }: { readonly latency: number; readonly inFlight: number }
): void => {
  if (state.limit === 0) state.limit = Math.min(first, rules.connections)
  if (state.windowAt === 0) {
    begin(state, now)
    // Of those that were sent together first, the fast ones are answered first.
    state.windowAt = now + (Number.isNaN(latency) ? 0 : latency)
  }
  // By then the answers are those of the limit that the window is of. Not only those sent since then: the slow ones would
  // be missing.
  if (Number.isNaN(latency) || now < state.windowAt) return
  state.windowCount++
  state.windowSum += latency
  state.windowSquares += latency ** 2
  state.windowInFlight = Math.max(state.windowInFlight, inFlight)
  const mean = state.windowSum / state.windowCount
  const least = Math.max(fewest, Math.min(manyEnough, state.spread / known ** 2))
  const isWhole = state.felt === 0 ? state.windowCount >= state.limit : now - state.windowAt >= mean
  if (isWhole && state.windowCount >= least) end(state, rules, now, mean)
}

/** A request was refused, or timed out. Once in a window. */
export const pressed = (state: OriginState, rules: Rules, now: number, sentAt: number): void => {
  if (state.limit === 0) state.limit = Math.min(first, rules.connections)
  if (sentAt < state.changedAt) return
  lower(state, state.limit * failed)
  begin(state, now)
}

const begin = (state: OriginState, now: number): void => {
  state.changedAt = now
  state.windowAt = now + state.mean
  state.windowCount =
    state.windowSum =
    state.windowSquares =
    state.windowInFlight =
      0
}

const lower = (state: OriginState, limit: number): void => {
  state.felt = 1
  state.tooHigh = state.limit
  state.limit = Math.max(1, limit)
}

const end = (state: OriginState, rules: Rules, now: number, mean: number): void => {
  const spread = Math.max(0, state.windowSquares / state.windowCount - mean ** 2)
  const error = Math.sqrt(spread / state.windowCount)
  state.spread += spreadWeight * (spread / mean ** 2 - state.spread)
  const isDip = isDipping(state)
  const isLonger = state.mean > 0 && mean > state.mean + deviations * Math.sqrt(state.variance)
  const isReached = state.windowInFlight >= limit(state, rules)
  see(state, now, mean, mean + error)
  if (!isDip) {
    change(state, rules, mean, Math.max(0, mean - error) / state.best, isReached, isLonger)
    follow(state, mean)
  }
  begin(state, now)
}

/** `times` says how many times the least time answers take, if not longer. */
const change = (
  state: OriginState,
  rules: Rules,
  mean: number,
  times: number,
  isReached: boolean,
  isLonger: boolean
): void => {
  const isFirst = state.felt === 0
  if (isFirst && times > doubles + ofSpread * state.spread) {
    if (state.dipped === 1) state.felt = 1
    else {
      state.dip = -firstDipWindows
      state.dipped = 1
      return
    }
  }
  if (times > presses && isInVain(state, mean)) {
    state.best = mean
    state.heldLimit = 0
  } else if (times > (isFirst ? presses : floods)) {
    hold(state, mean)
    // As many as would be served in the least time, and a few for a queue.
    lower(state, Math.max(state.limit / 2, 1.25 * state.limit / times))
  } else if (times > presses || (isLonger && times > grows)) {
    hold(state, mean)
    lower(state, state.limit * slower)
  } else if (isReached && times <= grows) grow(state, rules)
}

/** Keeps what the limit and the time were before the limit was lowered. */
const hold = (state: OriginState, mean: number): void => {
  if (state.heldLimit !== 0 && state.limit <= state.heldLimit) return
  state.heldLimit = state.limit
  state.heldMean = mean
}

/** The limit was lowered by much, and answers take as long as before: it is not for our requests that they do. */
const isInVain = ({ heldLimit, heldMean, limit }: OriginState, mean: number): boolean =>
  heldLimit > 0 && limit <= 0.6 * heldLimit && mean > 0.85 * heldMean

const grow = (state: OriginState, { connections }: Rules): void => {
  if (state.limit >= state.tooHigh) state.tooHigh = 0
  state.dipped = 0
  const more = state.felt === 0
    ? state.limit
    : state.limit >= near * state.tooHigh && state.tooHigh > 0
    ? step
    : Math.max(1, state.windowCount / state.limit)
  state.limit = Math.min(connections, state.limit + more)
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

/** Keeps the least time, of which `time` is a cautious measure, and counts windows until the limit dips, and those of the dip. */
const see = (state: OriginState, now: number, mean: number, time: number): void => {
  if (isDipping(state)) {
    // The first window of a dip still has the queue of before.
    const isNew = state.dip === dipAfterWindows + 1 || state.dip === -firstDipWindows
    state.best = isNew ? time : Math.min(state.best, time)
    const last = isFirstDip(state) ? -1 : dipAfterWindows + dipWindows
    if (state.dip++ < last) return
    state.dip = 0
    state.bestAt = now
    return
  }
  state.best = state.best === 0 ? time : Math.min(state.best, time)
  if (state.bestAt === 0) state.bestAt = now
  const isDue = state.dip >= dipAfterWindows && now - state.bestAt >= dipAfter
  if (state.dip < dipAfterWindows || (isDue && mean > noQueue * state.best)) state.dip++
}
