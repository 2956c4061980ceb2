/**
 * A rate that is never exceeded: GCRA in one number, the time at which the next
 * turn is due. A turn that comes late may be made up for, but only by so much
 * that no window has more requests than it may have.
 */
import type { OriginState } from "./OriginState.js"
import type { RateRule } from "./Rules.js"

/**
 * Of `per`, what is left unused, so that requests that overtake each other on their way are not too many for a window:
 * the part of it that late turns may make up for, and the rest for what is held up on the way.
 */
const margin = 0.026
const madeUpFor = 0.01

/** The most, in milliseconds, that requests may come nearer to each other on their way where `burst` is given. */
const jitter = 10

/** Milliseconds from one turn to the next. */
const interval = ({ requests, per, burst }: RateRule): number =>
  (burst === undefined ? per * (1 + margin) : per) / requests

/** By how many milliseconds a turn may come before it is due. */
const tolerance = (rule: RateRule): number =>
  rule.burst === undefined
    ? Math.min(madeUpFor * rule.per, Math.max(20, interval(rule)))
    : Math.max(0, (rule.burst - 1) * interval(rule) - jitter)

/** Milliseconds until a turn may be taken; 0: now. */
export const wait = (state: OriginState, rule: RateRule, now: number): number =>
  Math.max(0, state.turnAt - tolerance(rule) - now)

export const take = (state: OriginState, rule: RateRule, now: number): void => {
  state.turnAt = Math.max(state.turnAt, now) + interval(rule)
}

/** Nothing is to be made up for: the next turn is a whole one away. */
export const empty = (state: OriginState, rule: RateRule, now: number): void => {
  state.turnAt = Math.max(state.turnAt, now + tolerance(rule) + interval(rule))
}

/** Gives a turn back that was not used. */
export const refund = (state: OriginState, rule: RateRule): void => {
  state.turnAt -= interval(rule)
}
