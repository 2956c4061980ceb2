/**
 * A rate that is never exceeded: GCRA in one number, the time at which the next
 * turn is due. A turn that comes late may be made up for, but only by so much
 * that no window has more requests than it may have, by the clock of the server
 * as well: how unevenly requests get there is learned from answers.
 */
import type { OriginState } from "./OriginState.js"
import type { RateRule } from "./Rules.js"

/** Of `per`, the part that late turns may make up for. */
const madeUpFor = 0.01

/**
 * Requests overtake each other on their way: after one that took long comes, a window's turns later, one that takes no
 * time. By how much is known from answers, since a request has arrived before its answer does: the slowest one's time,
 * less the fastest one's. This part of `per` at most, and this one where nothing is known.
 */
const mostWay = 0.03
const unknownWay = 0.016

/** A little more than was seen, for the turns that were taken before it was. */
const ofSeen = 1.1
const more = 1

/** The most, in milliseconds, that requests may come nearer to each other on their way where `burst` is given. */
const jitter = 10

/** By how much longer than `per` the turns of a window take, so that it is kept by the server's clock. */
const way = (state: OriginState, { per }: RateRule): number => {
  const { answersBefore, fastest, fastestBefore, slowest, slowestBefore } = state
  const seen = Math.max(slowest, slowestBefore) - Math.min(fastest, answersBefore === 0 ? Infinity : fastestBefore)
  const known = ofSeen * Math.max(0, seen) + more
  return Math.min(mostWay * per, answersBefore === 0 ? Math.max(unknownWay * per, known) : known)
}

/** Milliseconds from one turn to the next. */
const interval = (state: OriginState, rule: RateRule): number =>
  least(rule) + (rule.burst === undefined ? way(state, rule) / rule.requests : 0)

/** The same where requests take no time on their way. */
const least = ({ burst, per, requests }: RateRule): number =>
  (burst === undefined ? per * (1 + madeUpFor) : per) / requests

/** By how many milliseconds a turn may come before it is due. */
const tolerance = (rule: RateRule): number =>
  rule.burst === undefined
    ? Math.min(madeUpFor * rule.per, Math.max(20, rule.per * (1 + madeUpFor) / rule.requests))
    : Math.max(0, (rule.burst - 1) * least(rule) - jitter)

/** Milliseconds until a turn may be taken; 0: now. */
export const wait = (state: OriginState, rule: RateRule, now: number): number =>
  Math.max(0, state.turnAt - tolerance(rule) - now)

export const take = (state: OriginState, rule: RateRule, now: number): void => {
  state.turnOfRate = interval(state, rule)
  state.turnAt = Math.max(state.turnAt, now) + state.turnOfRate
}

/** Nothing is to be made up for: the next turn is a whole one away. */
export const empty = (state: OriginState, rule: RateRule, now: number): void => {
  state.turnAt = Math.max(state.turnAt, now + tolerance(rule) + interval(state, rule))
}

/** A request was answered after `latency` milliseconds, and so had arrived by then, or had failed. NaN is not counted. */
export const answered = (state: OriginState, { per }: RateRule, now: number, latency: number): void => {
  // Of this window and the one before: a turn looks back as far as the requests that its own is in a window with.
  if (now - state.windowOfRateAt >= per) {
    state.answersBefore = now - state.windowOfRateAt < 2 * per ? 1 : 0
    state.slowestBefore = state.answersBefore * state.slowest
    state.fastestBefore = state.fastest
    state.slowest = 0
    state.fastest = Infinity
    state.windowOfRateAt = now
  }
  if (Number.isNaN(latency)) return
  state.slowest = Math.max(state.slowest, latency)
  state.fastest = Math.min(state.fastest, latency)
}

/** Gives the turn back that was taken last and not used. */
export const refund = (state: OriginState): void => {
  state.turnAt -= state.turnOfRate
}
