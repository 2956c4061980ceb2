import * as AdaptiveLimit from "#internal/traffic/AdaptiveLimit"
import * as OriginState from "#internal/traffic/OriginState"
import { describe, expect, it } from "@effect/vitest"
import type { Server } from "./Simulation.js"
import * as Simulation from "./Simulation.js"

type Make = (chance: Simulation.Random) => Server

const run = (make: Make, entries: number, connections: number, adaptive: boolean, seed: number) => {
  const { failed, latencies, state, succeeded, wall } = Simulation.run(make(Simulation.random(seed)), {
    entries,
    seed,
    rules: { connections, adaptive }
  })
  const slowest = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)]!
  return { throughput: succeeded / wall, slowest, failed, limit: state.limit }
}

const bestFixed = (make: Make, entries: number): number =>
  Math.max(...[1, 2, 4, 8, 12, 16, 24, 32, 48, 64].map((n) => run(make, entries, n, false, 3).throughput))

const seeds = [1, 2, 3, 4, 5, 6]

const knee = (inFlight: number) => Math.max(1, inFlight / 12)

describe("an adaptive limit", () => {
  it.each<[string, Make]>([
    ["no jitter", () => ({ inFlight }) => ({ status: 200, after: 20 * knee(inFlight) })],
    ["jitter", (chance) => ({ inFlight }) => ({ status: 200, after: 20 * (0.5 + chance()) * knee(inFlight) })],
    ["a slow server", (chance) => ({ inFlight }) => ({ status: 200, after: 500 * (0.5 + chance()) * knee(inFlight) })]
  ])("finds a knee at 12 of 64: %s", (_, make) => {
    const entries = 20_000
    const best = bestFixed(make, entries)
    const { slowest } = run(make, entries, 64, false, 3)
    for (const seed of seeds) {
      const adaptive = run(make, entries, 64, true, seed)
      expect(adaptive.throughput / best).toBeGreaterThanOrEqual(0.95)
      expect(adaptive.slowest / slowest).toBeLessThanOrEqual(0.6)
    }
  })

  it("finds the knee within 10 s where the first answers take longer: client and connections are new", () => {
    const make: Make = (chance) => ({ inFlight, now }) => ({
      status: 200,
      after: 20 * (0.8 + 0.4 * chance()) * knee(inFlight) + (now < 1500 ? 20 : 0)
    })
    const best = bestFixed(make, 6000)
    const { slowest } = run(make, 6000, 64, false, 3)
    for (const seed of seeds) {
      const adaptive = run(make, 6000, 64, true, seed)
      expect(adaptive.limit).toBeLessThan(28)
      expect(adaptive.throughput / best).toBeGreaterThanOrEqual(0.95)
      expect(adaptive.slowest / slowest).toBeLessThanOrEqual(0.6)
    }
  })

  it.each<[string, Make, number]>([
    ["each takes as long", () => () => ({ status: 200, after: 20 }), 0.97],
    ["some take longer", (chance) => () => ({ status: 200, after: 20 * (0.5 + chance()) }), 0.97],
    ["few take ten times as long", (chance) => () => ({ status: 200, after: 1 + 200 * chance() ** 4 }), 0.7]
  ])("reaches the fixed limit where the server has none: %s", (_, make, atLeast) => {
    for (const seed of seeds) {
      const fixed = run(make, 40_000, 64, false, seed).throughput
      expect(run(make, 40_000, 64, true, seed).throughput / fixed).toBeGreaterThanOrEqual(atLeast)
    }
  })

  it("stays below what a server defers", () => {
    const make: Make = (chance) => ({ inFlight }) => ({
      status: 200,
      after: 20 * (0.5 + chance()) + 15 * Math.max(0, inFlight - 20)
    })
    const best = bestFixed(make, 20_000)
    for (const seed of seeds) expect(run(make, 20_000, 64, true, seed).throughput / best).toBeGreaterThan(0.85)
  })

  it("keeps a server that drops what is too much from dropping most", () => {
    const make: Make = (chance) => ({ inFlight }) =>
      inFlight > 30 ? { status: 0, after: 200 } : { status: 200, after: 20 * (0.5 + chance()) }
    for (const seed of seeds) {
      const { failed, throughput } = run(make, 20_000, 64, true, seed)
      expect(failed / 20_000).toBeLessThan(0.05)
      expect(throughput / bestFixed(make, 4000)).toBeGreaterThan(0.85)
    }
  })

  it("grows back where the origin got slower by itself and not by our requests", () => {
    const make: Make = (chance) => ({ now }) => ({ status: 200, after: (now < 5000 ? 20 : 100) * (0.5 + chance()) })
    for (const seed of seeds) expect(run(make, 40_000, 64, true, seed).limit).toBeGreaterThan(40)
  })

  it("is never above the connections and never below one", () => {
    const state = OriginState.initial()
    const rules = Simulation.rulesOf({ connections: 4, adaptive: true })
    expect(AdaptiveLimit.limit(state, rules)).toBe(4)
    for (let n = 0; n < 50; n++) AdaptiveLimit.pressed(state, rules, 1000 + n, 1000 + n)
    expect(AdaptiveLimit.limit(state, rules)).toBe(1)
  })

  it("is lowered once for refusals of requests that were sent together", () => {
    const state = OriginState.initial()
    const rules = Simulation.rulesOf({ adaptive: true })
    AdaptiveLimit.pressed(state, rules, 2000, 1000)
    const { limit } = state
    for (let n = 0; n < 50; n++) AdaptiveLimit.pressed(state, rules, 2001 + n, 1000)
    expect(state.limit).toBe(limit)
    AdaptiveLimit.pressed(state, rules, 3000, 2500)
    expect(state.limit).toBeLessThan(limit)
  })

  it("does not count answers whose time says nothing", () => {
    const state = OriginState.initial()
    const rules = Simulation.rulesOf({ adaptive: true })
    for (let n = 0; n < 50; n++) {
      AdaptiveLimit.answered(state, rules, 1000 + n, { latency: NaN, inFlight: 8 })
    }
    expect(state.windowCount).toBe(0)
    expect(AdaptiveLimit.limit(state, rules)).toBe(8)
  })
})
