/**
 * A limit that the server tells by headers, and so is known before it is hit:
 * where nothing remains of it, nothing is sent until it is renewed. Requests
 * that are under way are counted as if the server had not seen them yet.
 */
import type { OriginState } from "./OriginState.js"
import type { LimitHeaders } from "./RateLimitHeaders.js"
import type { Rules } from "./Rules.js"

/** Two answers tell of the same window if their ends are no more than so many milliseconds apart: resets are whole seconds. */
const sameWindow = 1100

/** A limit of so many times the connections is far away, and not counted. */
const farAway = 4

/** Milliseconds until a request may be sent; 0: now. */
export const wait = (state: OriginState, now: number): number =>
  state.quotaUntil > now && state.quotaLeft <= 0 ? state.quotaUntil - now : 0

export const take = (state: OriginState, now: number): void => {
  if (state.quotaUntil === 0) return
  if (now >= state.quotaUntil) renew(state, now)
  state.quotaLeft--
}

/** The window is over. The next answer tells of the next one; until then the last one's length is as good as any. */
const renew = (state: OriginState, now: number): void => {
  state.quotaUntil = now + sameWindow
  state.quotaLeft = state.quotaRemaining = state.quota
}

/** Gives back what was taken and not used. */
export const refund = (state: OriginState): void => {
  if (state.quotaUntil !== 0) state.quotaLeft++
}

/** An answer tells the limit while `inFlight` requests are under way, the answered one included. */
export const told = (state: OriginState, rules: Rules, now: number, headers: LimitHeaders, inFlight: number): void => {
  const { limit, remaining, reset } = headers
  if (remaining > farAway * rules.connections) {
    state.quotaUntil =
      state.quota =
      state.quotaLeft =
      state.quotaRemaining =
        0
    return
  }
  const until = now + reset
  const isSame = now < state.quotaUntil && Math.abs(until - state.quotaUntil) < sameWindow
  // Answers overtake each other: the least number is the newest.
  state.quotaRemaining = isSame ? Math.min(state.quotaRemaining, remaining) : remaining
  state.quotaLeft = state.quotaRemaining - Math.max(0, inFlight - 1)
  state.quotaUntil = isSame ? Math.max(until, state.quotaUntil) : until
  state.quota = limit ?? Math.max(state.quota, remaining + 1)
}
