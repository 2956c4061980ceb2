/**
 * What is decided about one origin: whether a request may be sent now, and what
 * its end means for those that come after it. It composes the policies of this
 * folder. Pure: the state comes in and is changed, the time and the random
 * number are handed in. Whoever calls has locked the state.
 */
import * as Gate from "./Gate.js"
import * as LearnedRate from "./LearnedRate.js"
import type { OriginState } from "./OriginState.js"
import type { LimitHeaders } from "./RateLimitHeaders.js"
import * as Rate from "./Rate.js"
import type { Rules } from "./Rules.js"

export type { LimitHeaders } from "./RateLimitHeaders.js"
export type { Rules } from "./Rules.js"

/** A request that was answered with anything but a refusal for the rate: any status but 429 and 503. */
export interface Answered {
  /** `state.epoch` when the request was admitted. */
  readonly epoch: number
  /** When the request was admitted. */
  readonly startedAt: number
  /** Milliseconds to the first byte, or to the whole answer; NaN where they are not to be counted. */
  readonly latency: number
  /** How many requests were under way at the origin, over all threads, this one included. */
  readonly inFlight: number
  readonly headers?: LimitHeaders | undefined
}

/** A request that was answered with 429 or 503. */
export interface Refused {
  readonly epoch: number
  readonly startedAt: number
  readonly status: number
  /** What `Retry-After` asks for in milliseconds, or `undefined`. */
  readonly retryAfter: number | undefined
  /** How often this entry was sent back before. */
  readonly refusals: number
  readonly headers?: LimitHeaders | undefined
  /** How many requests of the origin were answered in the last so many milliseconds (up to 2,000) with anything but 429 or 503. */
  readonly admittedWithin: (millis: number) => number
  /** In [0, 1). */
  readonly random: number
}

/** A request that nothing answered: the connection was refused, reset or timed out, or the name not found. */
export interface Unreachable {
  readonly startedAt: number
}

/**
 * What becomes of a refused entry. `"back"`: it goes behind those that were
 * never refused and is asked for again, at no cost. A number: so does it, but
 * not before so many milliseconds, since it is refused for its own sake and the
 * origin stays open for the others. `"fail"`: an ordinary failed attempt.
 */
export type Verdict = "back" | "fail" | number

/** May a request be sent now? 0: yes, and its turn is taken. More: ask again in so many milliseconds. -1: the origin is down; the entry ends. */
export const admit = (state: OriginState, rules: Rules, now: number): number => {
  if (state.startedAt === 0) state.startedAt = now
  const wait = Math.max(
    Gate.wait(state, now),
    Gate.isOpen(state) ? LearnedRate.wait(state, now) : 0,
    rules.rate === undefined ? 0 : Rate.wait(state, rules.rate, now)
  )
  if (wait > 0) return wait
  if (Gate.isOpen(state)) LearnedRate.take(state, now)
  else Gate.take(state, now)
  if (rules.rate !== undefined) Rate.take(state, rules.rate, now)
  return 0
}

/** Gives a turn back that was taken and not used. */
export const refund = (state: OriginState, rules: Rules): void => {
  if (Gate.isOpen(state)) LearnedRate.refund(state)
  else state.probeAt = 0
  if (rules.rate !== undefined) Rate.refund(state, rules.rate)
}

/** A request was answered, with any status but 429 and 503. */
export const answered = (state: OriginState, _rules: Rules, now: number, sample: Answered): void => {
  state.answeredAt = now
  state.refusedSince = 0
  if (sample.epoch !== state.epoch) return LearnedRate.answeredLate(state, sample.epoch)
  state.good++
  if (!Gate.isOpen(state)) {
    Gate.open(state, sample.startedAt)
    LearnedRate.opened(state, now)
  }
}

/** A request was answered with 429 or 503. Whether that is a matter of the rate is decided here. */
export const refused = (state: OriginState, rules: Rules, now: number, sample: Refused): Verdict => {
  state.answeredAt = now
  state.refusals++
  if (rules.throttle === undefined || (sample.status !== 429 && sample.retryAfter === undefined)) return "fail"
  if (state.refusedSince === 0) state.refusedSince = now
  if (sample.epoch !== state.epoch) {
    Gate.extend(state, now, sample.retryAfter)
    return "back"
  }
  LearnedRate.closed(state, now, sample.admittedWithin)
  Gate.close(state, now, sample.retryAfter, sample.random)
  return "back"
}

/** Nothing answered a request. */
export const unreachable = (_state: OriginState, _rules: Rules, _now: number, _sample: Unreachable): void => {}

/**
 * Nothing to decide: the origin has answered, no gate is closed, no rate
 * learned, nothing failed. Where moreover the rules have no rate and are not
 * adaptive, a thread may send without `admit`, and need not tell `answered` of
 * answers without `headers`.
 */
export const isOrdinary = (state: OriginState): boolean =>
  state.answeredAt > 0 && state.closedUntil === 0 && state.phase === 0

/** How many requests may be under way at once: `connections`, or less where the rules are adaptive. */
export const inFlightLimit = (_state: OriginState, rules: Rules): number => rules.connections
