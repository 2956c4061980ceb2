import * as Inheritance from "#internal/traffic/Inheritance"
import * as OriginState from "#internal/traffic/OriginState"
import * as Policy from "#internal/traffic/Policy"
import { describe, expect, it } from "@effect/vitest"

const now = 100_000
const rules: Policy.Rules = { connections: 64, rate: undefined, throttle: { giveUpAfter: 900_000 }, adaptive: false }

/** How many requests are admitted in so many milliseconds, asked for every millisecond. */
const admitted = (state: OriginState.OriginState, own: Policy.Rules, from: number, millis: number): number => {
  let count = 0
  for (let at = from; at < from + millis; at++) while (Policy.admit(state, own, at) === 0) count++
  return count
}

describe("an origin that another pool has asked", () => {
  it("is asked at the rate that was learned, from the first request on", () => {
    const state = OriginState.initial()
    Inheritance.begin(state, rules, now, { learnedRate: 50 })
    expect(admitted(state, rules, now, 5000)).toBeGreaterThanOrEqual(245)
    expect(state.rate).toBe(50)
    expect(admitted(state, rules, now + 5000, 1000)).toBeLessThanOrEqual(51)
  })

  it("stays closed for as long as it was, and then is asked by a probe", () => {
    const state = OriginState.initial()
    Inheritance.begin(state, rules, now, { opensIn: 3000 })
    expect(Policy.look(state, rules, now)).toBe(3000)
    expect(admitted(state, rules, now, 3000)).toBe(0)
    expect(admitted(state, rules, now + 3000, 10)).toBe(1)
    Inheritance.begin(state, rules, now + 10, { opensIn: 20 })
    expect(Policy.look(state, rules, now + 100)).toBe(2900)
  })

  it("has no burst left of its rate", () => {
    const rated = { ...rules, rate: { requests: 100, per: 1000, burst: 50 } }
    const fresh = OriginState.initial()
    const state = OriginState.initial()
    Inheritance.begin(state, rated, now, {})
    expect(admitted(fresh, rated, now, 100)).toBeGreaterThan(45)
    expect(admitted(state, rated, now, 100)).toBeLessThanOrEqual(10)
    expect(admitted(state, rated, now + 100, 1000)).toBeLessThanOrEqual(101)
  })

  it("has nothing learned where refusals are ordinary failures", () => {
    const state = OriginState.initial()
    Inheritance.begin(state, { ...rules, throttle: undefined }, now, { learnedRate: 1, opensIn: 5000 })
    expect(Policy.look(state, { ...rules, throttle: undefined }, now)).toBe(0)
  })
})
