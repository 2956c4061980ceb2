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

/** The same, with requests that take so long to the server, whose answers take no time. When they arrived, sorted. */
const arrivals = (
  rule: RateRule,
  time: number,
  way: (now: number) => number,
  late: () => number
): ReadonlyArray<number> => {
  const state = OriginState.initial()
  const arrived: Array<number> = []
  let open: Array<readonly [sent: number, arrives: number]> = []
  for (let now = 10_000; now < 10_000 + time;) {
    for (const [sent, at] of open) if (at <= now) Rate.answered(state, rule, now, now - sent)
    open = open.filter(([, at]) => at > now)
    const wait = Rate.wait(state, rule, now)
    if (wait === 0) {
      Rate.take(state, rule, now)
      const arrives = now + way(now - 10_000)
      open.push([now, arrives])
      arrived.push(arrives)
    } else now += wait + late()
  }
  return arrived.sort((a, b) => a - b)
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

  it("keeps to it by the server's clock where it has learned from answers how long requests are on their way", () => {
    const rule = { requests: 200, per: 1000, burst: undefined }
    for (let seed = 1; seed <= 20; seed++) {
      // Some take much longer than others, and the more so the longer it goes on.
      const chance = Simulation.random(seed)
      const arrived = arrivals(rule, 20_000, (now) => 1 + 25 * now / 20_000 * chance() ** 8, () => 2 * chance())
      expect(mostWithin(arrived, 999.999)).toBeLessThanOrEqual(200)
    }
  })

  it("leaves less of it unused where answers come soon: 2,000 at 200/s take 10.2 s at most", () => {
    const rules = { rate: { requests: 200, per: 1000, burst: undefined } }
    const arrived: Array<number> = []
    const server: Simulation.Server = ({ now }) => {
      arrived.push(now)
      return { status: 200, after: 1 }
    }
    const { succeeded, wall } = Simulation.run(server, { entries: 2000, rules, lateness: 2, way: 3 })
    expect(succeeded).toBe(2000)
    expect(wall).toBeLessThanOrEqual(10_200)
    expect(mostWithin(arrived, 999.999)).toBeLessThanOrEqual(200)
  })

  it("forgets how long requests were on their way when an origin was not asked for two windows", () => {
    const rule = { requests: 200, per: 1000, burst: undefined }
    const state = OriginState.initial()
    const turn = (now: number) => {
      Rate.take(state, rule, now)
      return state.turnAt - now
    }
    const unknown = turn(10_000)
    Rate.answered(state, rule, 10_001, 1)
    Rate.answered(state, rule, 11_002, 1)
    expect(turn(11_100)).toBeLessThan(unknown)
    Rate.answered(state, rule, 11_200, 500)
    expect(turn(11_300)).toBeGreaterThan(unknown)
    Rate.answered(state, rule, 20_000, 1)
    expect(turn(20_100)).toBeCloseTo(unknown)
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
    Rate.refund(state)
    expect(Rate.wait(state, rule, 5000)).toBe(0)
  })
})
