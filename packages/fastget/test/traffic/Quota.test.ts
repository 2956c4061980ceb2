import * as OriginState from "#internal/traffic/OriginState"
import * as Quota from "#internal/traffic/Quota"
import { describe, expect, it } from "@effect/vitest"
import * as Simulation from "./Simulation.js"

const rules = Simulation.rulesOf()
const headers = (remaining: number, reset = 60_000) => ({ remaining, reset, limit: 100, window: 60_000 })

describe("a limit told by headers", () => {
  it("holds nothing back while something remains", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(5), 1)
    expect(Quota.wait(state, 1000)).toBe(0)
  })

  it("holds back until it is renewed where nothing remains", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(2), 1)
    Quota.take(state, 1001)
    Quota.take(state, 1001)
    expect(Quota.wait(state, 1001)).toBe(59_999)
    expect(Quota.wait(state, 61_000)).toBe(0)
  })

  it("counts requests under way as if the server had not seen them", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(10), 11)
    expect(Quota.wait(state, 1000)).toBeGreaterThan(0)
    Quota.told(state, rules, 1010, headers(5), 3)
    expect(Quota.wait(state, 1010)).toBe(0)
  })

  it("believes the least number of answers that overtook each other", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(3), 1)
    Quota.told(state, rules, 1010, headers(9, 59_990), 1)
    expect(state.quotaLeft).toBe(3)
  })

  it("begins anew with a new window", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(1), 1)
    Quota.take(state, 1000)
    Quota.take(state, 61_000)
    expect(state.quotaLeft).toBe(99)
    Quota.told(state, rules, 61_010, headers(98), 1)
    expect(state.quotaLeft).toBe(98)
  })

  it("is not counted where it is far away", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(5000), 1)
    expect(state.quotaUntil).toBe(0)
  })

  it("gives back what was not used", () => {
    const state = OriginState.initial()
    Quota.told(state, rules, 1000, headers(1), 1)
    Quota.take(state, 1000)
    Quota.refund(state)
    expect(Quota.wait(state, 1000)).toBe(0)
  })
})
