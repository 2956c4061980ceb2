import * as OriginState from "#internal/traffic/OriginState"
import * as RateEstimate from "#internal/traffic/RateEstimate"
import { describe, expect, it } from "@effect/vitest"

const stateWith = (fields: Partial<OriginState.OriginState>): OriginState.OriginState => ({
  ...OriginState.initial(),
  waited: 1000,
  ...fields
})

/** What a bucket admits to a burst of all it holds and a growing rate after it, as `LearnedRate` sends them. */
const searched = (depth: number, perSecond: number) => {
  const state = stateWith({ capacity: depth, burst: depth, openedBefore: 1000, growsFrom: 1060, rateFrom: 1.5 * depth })
  let level = depth
  let due = 0
  state.rate = state.rateFrom
  for (let now = 1000;; now += 0.1) {
    level = Math.min(depth, level + perSecond / 10_000)
    if (now >= 1060) {
      state.rate *= Math.exp(Math.log(1.25) / 50 * 0.1)
      due += state.rate / 10_000
    } else due += depth / 600
    for (; due >= 1; due--) {
      if (level < 1) return { ...state, refusedAt: now, countedTime: now - 1000 }
      level--
      state.counted++
    }
  }
}

const plateau = { time: -1, rate: () => 0 }

describe("what a server admits in a second", () => {
  it.each([[20, 100], [200, 1000], [10, 100], [40, 200]])(
    "is found for a bucket of %i with %i a second",
    (depth, perSecond) => {
      const rate = RateEstimate.first(searched(depth, perSecond), 1000)
      expect(rate / perSecond).toBeGreaterThan(0.94)
      expect(rate / perSecond).toBeLessThan(1.03)
    }
  )

  it("is a little less than what came first, where the second time it was as much: a window", () => {
    const state = stateWith({
      capacity: 100,
      capacityTime: 10,
      counted: 100,
      countedTime: 80,
      rate: 160,
      rateFrom: 150
    })
    expect(RateEstimate.first(state, 1000)).toBe(97.5)
  })

  it("is what a second had, where a bucket holds as much", () => {
    const rate = RateEstimate.first(searched(100, 100), 1000)
    expect(rate).toBeGreaterThan(90)
    expect(rate).toBeLessThan(105)
  })

  it("is at least what was admitted in a cycle of waiting and sending", () => {
    const state = stateWith({ capacity: 600, counted: 600, countedTime: 500, rate: 5000, rateFrom: 10, waited: 59_000 })
    expect(RateEstimate.first(state, 59_500)).toBeGreaterThanOrEqual(10)
  })

  it("is between the certain and the possible where one request only was admitted", () => {
    const state = stateWith({ capacity: 1, counted: 1, countedTime: 125, rate: 10, rateFrom: 8 })
    const rate = RateEstimate.first(state, 1000)
    expect(rate).toBeGreaterThan(0.8)
    expect(rate).toBeLessThan(8)
  })

  it("is so where the rate had not grown yet", () => {
    const state = stateWith({ capacity: 1, counted: 4, countedTime: 500, rate: 8, rateFrom: 8 })
    const rate = RateEstimate.first(state, 500)
    expect(rate).toBeGreaterThan(2)
    expect(rate).toBeLessThan(8)
  })

  it("is less where a settled rate was refused, by what the bucket has been spent", () => {
    // 100 a second were asked for; 80 and a fifth of a second's were admitted.
    const state = stateWith({ phase: 2, capacity: 16, counted: 96, countedTime: 1000, rate: 100, rateFrom: 100 })
    const rate = RateEstimate.next(state, 1000, plateau)
    expect(rate).toBeGreaterThan(75)
    expect(rate).toBeLessThan(80)
  })

  it("is halved at most by one refusal", () => {
    const state = stateWith({ phase: 2, capacity: 20, counted: 30, countedTime: 400, rate: 100, rateFrom: 100 })
    expect(RateEstimate.next(state, 1000, plateau)).toBe(50)
  })

  it("never falls by a refusal for having grown, since it was sustained before", () => {
    const state = stateWith({ phase: 2, capacity: 20, counted: 990, countedTime: 9900, rate: 180, rateFrom: 98 })
    const rate = RateEstimate.next(state, 1000, {
      time: 700,
      rate: (at) => 98 * Math.exp(Math.log(2) * (at / 800) ** 2)
    })
    expect(rate).toBeGreaterThanOrEqual(98)
    expect(rate).toBeLessThan(180)
  })
})
