/**
 * An origin that another pool has asked until now, as on another machine: what
 * that one knew is where this one begins. What it may have used up counts as
 * used up.
 */
import * as LearnedRate from "./LearnedRate.js"
import type { OriginState } from "./OriginState.js"
import * as Rate from "./Rate.js"
import type { Rules } from "./Rules.js"

/** What was known of an origin; what is undefined was not. */
export interface Known {
  /** Requests a second that it seems to bear. */
  readonly learnedRate?: number | undefined
  /** In how many milliseconds it may be asked again. */
  readonly opensIn?: number | undefined
}

/** Begins with what is known. A gate that is closed for longer, and a rate that was learned here later, stay. */
export const begin = (state: OriginState, rules: Rules, now: number, { learnedRate, opensIn = 0 }: Known): void => {
  if (rules.rate !== undefined) Rate.empty(state, rules.rate, now)
  if (rules.throttle === undefined) return
  if (learnedRate !== undefined && learnedRate > 0 && state.phase === 0) LearnedRate.inherit(state, learnedRate, now)
  if (opensIn > 0 && now + opensIn > state.closedUntil) {
    state.closedUntil = now + opensIn
    state.closedFor = opensIn
    state.closedAt = now
    state.probeAt = state.doubt = state.good = 0
    state.epoch++
  }
}
