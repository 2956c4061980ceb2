/**
 * What a server admits in a second, concluded from how much it has admitted
 * until it refused. Two kinds of servers are told apart. A window has a number
 * of requests for a second and then none. A bucket has some to begin with, and
 * gets new ones all the time; it may hold much less than those of a second.
 */
import * as BucketFit from "./BucketFit.js"
import type { OriginState } from "./OriginState.js"

/** The growth of a settled rate after its plateau. */
export interface Growth {
  /** In milliseconds; below 0 where it was refused before it grew. */
  readonly time: number
  readonly rate: (at: number) => number
}

/** How much of the rate is used: of a window's, and of a bucket's, which is known well enough to take some of its tokens, too. */
const windowShare = 0.975
const bucketShare = 0.99
const tokensUsed = 0.6

/** In about so many seconds. */
const seconds = 9

/** Below this, counts are too small to tell a window from a bucket. */
const few = 8

interface Facts {
  /** What is certain: so much was admitted in a cycle of waiting and sending, and is again. */
  readonly sure: number
  /** What a bucket has got at least since it was empty the last time. */
  readonly least: number
  /** If what came first were a second's. */
  readonly window: number
  readonly isWindow: boolean
}

const factsOf = (state: OriginState, waited: number): Facts => {
  const { capacity, capacityTime, counted, countedTime } = state
  const least = counted / (countedTime + state.waited) * 1000
  const isNear = state.waited > 900 || counted > 0.9 * capacity
  return {
    // A window is new after a second, but perhaps not before.
    sure: waited >= 990 ? counted / (countedTime + waited) * 1000 : 0,
    least,
    window: Math.max(Math.min(capacity, counted), Math.min(capacity / (1 + capacityTime / 1000), least)),
    isWindow: capacity >= few && countedTime < 1100 && counted <= 1.1 * capacity && isNear
  }
}

/** Requests a second, concluded from the burst and the growing rate that were refused after `countedTime`. */
export const first = (state: OriginState, waited: number): number => {
  const { capacity, capacityTime, counted, countedTime } = state
  const { isWindow, least, sure, window } = factsOf(state, waited)
  const mean = counted / countedTime * 1000
  const fit = searched(state)
  if (isWindow) return Math.max(sure, window * windowShare)
  // Too few to tell, or refused before the rate grew: between the certain and the possible.
  if (counted < 3 || fit <= 0) return Math.max(sure, Math.sqrt(Math.max(least, sure) * mean))
  if (counted < few) return Math.max(sure, 0.7 * fit)
  const whole = capacity / (1 + capacityTime / 1000)
  if (fit > 0.8 * whole && fit < 1.3 * whole) return Math.max(sure, whole * windowShare)
  return Math.max(sure, least * windowShare, fit * bucketShare + tokensUsed * depth(state, fit) / seconds)
}

/** Requests a second, concluded from a settled rate that was refused: too high from the beginning, or after it has grown. */
export const next = (state: OriginState, waited: number, growth: Growth): number => {
  const { capacityTime, counted, countedTime } = state
  const had = state.rate
  // It was kept for long, and so was not too high.
  if (growth.time >= 0) return Math.max(state.rateFrom, windowShare * grown(state, growth))
  const { isWindow, least, sure, window } = factsOf(state, waited)
  const most = 0.97 * had
  if (isWindow) {
    if (state.waited > 900) state.capacity = Math.min(state.capacity, counted)
    return Math.min(most, Math.max(sure, window * windowShare))
  }
  if (counted < few) return Math.min(most, Math.max(sure, had * (countedTime < 300 ? 0.7 : 0.85)))
  if (countedTime < 2 * capacityTime) {
    return Math.min(most, Math.max(sure, Math.min(least, counted / countedTime * 1000), 0.5 * had))
  }
  const net = (counted - state.capacity) / (countedTime - capacityTime) * 1000
  return Math.min(most, Math.max(sure, net * windowShare, windowShare * state.capacity, 0.5 * had))
}

/** How many tokens the bucket has, of which `rate` come in a second: some of those admitted first came meanwhile. */
const depth = (state: OriginState, rate: number): number => {
  const part = state.capacity < 10 ? 0.5 : 0
  return Math.max(0.3, state.capacity - part - rate * state.capacityTime / 1000)
}

/** By the growth of the rate after its plateau, at the beginning of which the bucket was full. */
const grown = (state: OriginState, { rate, time }: Growth): number =>
  BucketFit.leastRate({ depth: (n) => depth(state, n), start: (n) => depth(state, n), time, sent: rate }, state.rate)

/** By the burst and the growing rate after it. */
const searched = (state: OriginState): number => {
  const { burst, counted, growsFrom, openedBefore, rate, rateFrom, refusedAt, waited } = state
  const time = refusedAt - growsFrom
  if (growsFrom === 0 || time <= 5 || rate <= rateFrom) return 0
  if (state.capacity <= 3) return 0.88 * rate
  const before = growsFrom - openedBefore
  const growth = Math.log(rate / rateFrom) / time
  // As many as were admitted, and half of the one that was not.
  const scale = (counted + 0.5 - burst) * growth * 1000 / (rate - rateFrom)
  return BucketFit.leastRate({
    depth: (n) => depth(state, n),
    start: (n) => Math.min(depth(state, n), n * waited / 1000) - burst + n * before / 1000,
    time,
    sent: (at) => scale * rateFrom * Math.exp(growth * at)
  }, rate)
}
