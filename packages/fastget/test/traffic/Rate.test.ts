import * as OriginState from "#internal/traffic/OriginState"
import * as Rate from "#internal/traffic/Rate"
import type { RateRule } from "#internal/traffic/Rules"
import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Simulation from "./Simulation.js"

/** Sends as often as it may for so long, asking again by a timer that fires late. */
const sends = (rule: RateRule, time: number, late: () => number): ReadonlyArray<number> => {
  const state = OriginState.initial()
  const sent: Array<number> = []
  for (let now = 1000; now < 1000 + time;) {
    const wait = Rate.wait(state, rule, now)
    if (wait === 0) {
      Rate.take(state, rule, now)
      sent.push(now)
    } else now += wait + late()
  }
  return sent
}

/** The most of the sorted times that lie in a span of `length`. */
const mostWithin = (times: ReadonlyArray<number>, length: number): number => {
  let most = 0
  for (let from = 0, to = 0; to < times.length; to++) {
    while (times[to]! - times[from]! > length) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

const rules = FastCheck.record({
  requests: FastCheck.integer({ min: 1, max: 1000 }),
  per: FastCheck.constantFrom(100, 1000, 10_000, 60_000),
  burst: FastCheck.option(FastCheck.integer({ min: 1, max: 200 }), { nil: undefined })
})

describe("a rate", () => {
  it("lets no window have more than its requests, whatever timers do", () => {
    FastCheck.assert(FastCheck.property(rules, FastCheck.nat(), FastCheck.nat(5), (rule, seed, late) => {
      const chance = Simulation.random(seed)
      const sent = sends(rule, Math.min(3 * rule.per, 3000 * rule.per / rule.requests), () => late * chance())
      const burst = rule.burst ?? 0
      const times = rule.burst === undefined ? [rule.per] : [0, rule.per / 10, rule.per, 2 * rule.per]
      for (const time of times) {
        expect(mostWithin(sent, time)).toBeLessThanOrEqual(burst + time * rule.requests / rule.per + 1e-6)
      }
    }))
  })

  it("keeps to it by the server's clock, to which some requests come sooner than others", () => {
    const rule = { requests: 200, per: 1000, burst: undefined }
    const chance = Simulation.random(1)
    const arrived = sends(rule, 20_000, () => 2 * chance()).map((at) => at + 10 * chance()).sort((a, b) => a - b)
    expect(mostWithin(arrived, 1000)).toBeLessThanOrEqual(200)
    const burst = { ...rule, burst: 20 }
    const inBursts = sends(burst, 20_000, () => 30 * chance()).map((at) => at + 10 * chance()).sort((a, b) => a - b)
    for (const time of [0, 50, 100, 1000]) {
      expect(mostWithin(inBursts, time)).toBeLessThanOrEqual(20 + time / 5)
    }
  })

  it("loses nothing to timers that fire late: 2,000 at 200/s take 10.5 s at most", () => {
    const chance = Simulation.random(1)
    const server = () => ({ status: 200, after: 5 })
    for (const lateness of [0, 1, 2]) {
      const rules = { rate: { requests: 200, per: 1000, burst: undefined } }
      const { requests, succeeded, wall } = Simulation.run(server, { entries: 2000, rules, lateness, seed: chance() })
      expect({ requests, succeeded }).toEqual({ requests: 2000, succeeded: 2000 })
      expect(wall).toBeLessThanOrEqual(10_500)
    }
  })

  it("sends a burst at once after a quiet time, and then keeps the rate", () => {
    const rule = { requests: 10, per: 1000, burst: 5 }
    const sent = sends(rule, 1000, () => 0)
    // One of the five is kept for what comes sooner than expected.
    expect(sent.filter((at) => at === 1000).length).toBe(4)
    expect(sent.length).toBeLessThanOrEqual(15)
  })

  it("has one request in ten seconds where it is to have one", () => {
    const sent = sends({ requests: 1, per: 10_000, burst: undefined }, 60_000, () => 0)
    expect(sent.length).toBe(6)
    expect(mostWithin(sent, 10_000)).toBe(1)
  })

  it("takes a turn back that was not used", () => {
    const state = OriginState.initial()
    const rule = { requests: 1, per: 1000, burst: undefined }
    Rate.take(state, rule, 5000)
    expect(Rate.wait(state, rule, 5000)).toBeGreaterThan(0)
    Rate.refund(state, rule)
    expect(Rate.wait(state, rule, 5000)).toBe(0)
  })
})
