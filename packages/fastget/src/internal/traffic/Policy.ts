/**
 * What is decided about one origin: whether a request may be sent now, and what
 * its end means for those that come after it. It composes the policies of this
 * folder. Pure: the state comes in and is changed, the time and the random
 * number are handed in. Whoever calls has locked the state.
 */
import * as AdaptiveLimit from "./AdaptiveLimit.js"
import * as Breaker from "./Breaker.js"
import * as Gate from "./Gate.js"
import * as LearnedRate from "./LearnedRate.js"
import type { OriginState } from "./OriginState.js"
import * as OwnMatter from "./OwnMatter.js"
import * as Quota from "./Quota.js"
import * as Rate from "./Rate.js"
import type { LimitHeaders } from "./RateLimitHeaders.js"
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
  /** How often this entry was sent back before; 0 unless told. */
  readonly refusals?: number | undefined
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
 * never refused and is asked for again, at no cost. A number: it is asked for
 * again at no cost, not before so many milliseconds, but then before all others:
 * whether it is refused then tells if that is its own matter. `"fail"`: an
 * ordinary failed attempt.
 */
export type Verdict = "back" | "fail" | number

/** The entry that closed the gate is there so many milliseconds before it opens. */
const ahead = 5

/** May a request be sent now? 0: yes, and its turn is taken. More: ask again in so many milliseconds. -1: the origin is down; the entry ends. */
export const admit = (state: OriginState, rules: Rules, now: number): number => {
  if (state.startedAt === 0) state.startedAt = now
  const said = look(state, rules, now)
  if (said === -1) state.skipped++
  if (said !== 0) return said
  Breaker.take(state, now)
  if (Gate.isOpen(state)) LearnedRate.take(state, now)
  else Gate.take(state, now)
  Quota.take(state, now)
  if (rules.rate !== undefined) Rate.take(state, rules.rate, now)
  return 0
}

/** What `admit` would say. Takes no turn and changes nothing. */
export const look = (state: OriginState, rules: Rules, now: number): number => {
  const wait = waitFor(state, rules, now)
  if (!Breaker.isDown(state)) return wait
  return wait > 0 || !Breaker.mayProbe(state, now) ? -1 : 0
}

const waitFor = (state: OriginState, rules: Rules, now: number): number =>
  Math.max(
    Gate.wait(state, now),
    Breaker.wait(state, now),
    Gate.isOpen(state) ? Math.max(LearnedRate.wait(state, now), Quota.wait(state, now)) : 0,
    rules.rate === undefined ? 0 : Rate.wait(state, rules.rate, now)
  )

/** Gives a turn back that was taken and not used. */
export const refund = (state: OriginState, rules: Rules): void => {
  if (Gate.isOpen(state)) LearnedRate.refund(state)
  else state.probeAt = 0
  Quota.refund(state)
  Breaker.refund(state)
  if (rules.rate !== undefined) Rate.refund(state)
}

/** A request was answered, with any status but 429 and 503. */
export const answered = (state: OriginState, rules: Rules, now: number, sample: Answered): void => {
  state.answeredAt = now
  state.refusedSince = 0
  Breaker.answered(state, true)
  if (rules.rate !== undefined) Rate.answered(state, rules.rate, now, sample.latency)
  if (rules.adaptive) AdaptiveLimit.answered(state, rules, now, sample)
  if (rules.throttle === undefined) return
  if (sample.headers !== undefined) Quota.told(state, rules, now, sample.headers, sample.inFlight)
  if (sample.epoch !== state.epoch) return LearnedRate.answeredLate(state, sample.epoch)
  state.good++
  OwnMatter.answered(state, now, sample.refusals ?? 0)
  if (!Gate.isOpen(state)) opened(state, now, sample.startedAt)
}

/** A probe was answered well. */
const opened = (state: OriginState, now: number, sentAt: number): void => {
  if (state.doubt > 0) {
    OwnMatter.found(state, now)
    // What was concluded from such refusals is no rate.
    if (state.own === 2 || state.phase < 2) LearnedRate.forget(state)
  }
  Gate.open(state, sentAt)
  LearnedRate.opened(state, now)
}

/** A request was answered with 429 or 503. Whether that is a matter of the rate is decided here. */
export const refused = (state: OriginState, rules: Rules, now: number, sample: Refused): Verdict => {
  state.answeredAt = now
  state.refusals++
  Breaker.answered(state, false)
  if (rules.adaptive) AdaptiveLimit.pressed(state, rules, now, sample.startedAt)
  if (rules.throttle === undefined || (sample.status !== 429 && sample.retryAfter === undefined)) return "fail"
  if (state.refusedSince === 0) state.refusedSince = sample.startedAt
  const wanted = wantedBy(sample)
  const isTooLong = wanted !== undefined && wanted > rules.throttle.giveUpAfter
  const asked = isTooLong ? undefined : wanted
  const verdict = sample.epoch === state.epoch
    ? judged(state, rules.throttle.giveUpAfter, now, sample, asked, isTooLong)
    : late(state, now, asked)
  return isTooLong ? "fail" : verdict
}

/** What a refusal asks for, in milliseconds: by the header for it, else by those of a limit of which nothing remains. */
const wantedBy = ({ headers, retryAfter }: Refused): number | undefined =>
  retryAfter ?? (headers !== undefined && headers.remaining === 0 && headers.reset > 0 ? headers.reset : undefined)

/** A refusal of a request that was sent before the gate closed. */
const late = (state: OriginState, now: number, asked: number | undefined): Verdict => {
  Gate.extend(state, now, asked)
  return "back"
}

const judged = (
  state: OriginState,
  giveUpAfter: number,
  now: number,
  sample: Refused,
  asked: number | undefined,
  isTooLong: boolean
): Verdict => {
  const { random, refusals } = sample
  const isProbe = !Gate.isOpen(state)
  OwnMatter.refused(state, refusals)
  if (OwnMatter.isKnown(state, refusals) && !OwnMatter.isOrigins(state)) {
    state.ownAt = now
    if (isProbe) state.probeAt = 0
    else if (refusals === 0) LearnedRate.keep(state, now)
    return OwnMatter.isHopeless(state, refusals) ? "fail" : OwnMatter.wait(refusals, asked, random)
  }
  // One that asks for too long may be alone with that; a probe that does as well is not.
  if (now - state.refusedSince > giveUpAfter || (isProbe && isTooLong)) {
    close(state, now, sample, wantedBy(sample))
    Breaker.giveUp(state, now)
    return "fail"
  }
  if (isProbe && OwnMatter.isDoubtful(state, refusals)) {
    state.doubt++
    state.probeAt = 0
    return OwnMatter.wait(refusals, asked, random)
  }
  close(state, now, sample, asked)
  // It is the first to be sent when the gate opens.
  return isProbe ? "back" : Math.max(0, state.closedFor - ahead)
}

const close = (
  state: OriginState,
  now: number,
  { admittedWithin, headers, random }: Refused,
  asked: number | undefined
) => {
  // Where headers tell the limit, there is nothing to be learned.
  if (headers === undefined || headers.remaining > 0) LearnedRate.closed(state, now, admittedWithin)
  state.quotaUntil = state.inRow = 0
  Gate.close(state, now, asked, random)
}

/** Nothing answered a request. */
export const unreachable = (state: OriginState, rules: Rules, now: number, sample: Unreachable): void => {
  if (rules.rate !== undefined) Rate.answered(state, rules.rate, now, now - sample.startedAt)
  if (rules.adaptive) AdaptiveLimit.pressed(state, rules, now, sample.startedAt)
  Breaker.unreachable(state, now, sample.startedAt)
}

/**
 * Nothing to decide: the origin has answered, no gate is closed, no rate
 * learned, nothing failed. Where moreover the rules have no rate and are not
 * adaptive, a thread may send without `admit`, and need not tell `answered` of
 * answers without `headers`.
 */
export const isOrdinary = (state: OriginState): boolean =>
  state.answeredAt > 0 && state.closedUntil === 0 && state.phase === 0 && state.failures === 0 &&
  state.downSince === 0 && state.own === 0 && state.quotaUntil === 0

/** How many requests may be under way at once: `connections`, or less where the rules are adaptive. */
export const inFlightLimit = (state: OriginState, rules: Rules): number =>
  rules.adaptive ? AdaptiveLimit.limit(state, rules) : rules.connections
