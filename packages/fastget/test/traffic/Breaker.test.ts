import * as Breaker from "#internal/traffic/Breaker"
import * as OriginState from "#internal/traffic/OriginState"
import { describe, expect, it } from "@effect/vitest"
import * as Simulation from "./Simulation.js"

const fail = (state: OriginState.OriginState, count: number, now: number, sentAt = now) => {
  for (let n = 0; n < count; n++) Breaker.unreachable(state, now, sentAt)
}

describe("a breaker", () => {
  it("finds an origin down that has answered nothing for two seconds", () => {
    const state = OriginState.initial()
    fail(state, 9, 1000)
    fail(state, 9, 2999)
    expect(Breaker.isDown(state)).toBe(false)
    fail(state, 1, 3000)
    expect(Breaker.isDown(state)).toBe(true)
  })

  it("counts from when the first that failed was sent", () => {
    const state = OriginState.initial()
    fail(state, 10, 3000, 1000)
    expect(Breaker.isDown(state)).toBe(true)
  })

  it("does not by a few, however long they take", () => {
    const state = OriginState.initial()
    fail(state, 9, 60_000, 1000)
    expect(Breaker.isDown(state)).toBe(false)
  })

  it("gives an origin that has answered ten seconds: it may be restarted", () => {
    const state = { ...OriginState.initial(), answeredAt: 5000 }
    fail(state, 50, 6000)
    fail(state, 50, 15_900)
    expect(Breaker.isDown(state)).toBe(false)
    fail(state, 1, 16_000)
    expect(Breaker.isDown(state)).toBe(true)
  })

  it("does not count what was sent before the last answer as silence since then", () => {
    const state = { ...OriginState.initial(), answeredAt: 20_000 }
    fail(state, 50, 21_000, 1000)
    expect(Breaker.isDown(state)).toBe(false)
  })

  it("begins anew with each answer", () => {
    const state = OriginState.initial()
    fail(state, 9, 1000)
    Breaker.answered(state, true)
    fail(state, 9, 9000)
    expect(Breaker.isDown(state)).toBe(false)
  })

  it("probes after a second, and then after twice as long each time, up to half a minute", () => {
    const state = OriginState.initial()
    fail(state, 10, 3000, 1000)
    const probes: Array<number> = []
    for (let now = 3000; now < 150_000; now += 100) {
      if (!Breaker.mayProbe(state, now)) continue
      probes.push(now)
      Breaker.take(state, now)
    }
    expect(probes.map((at, n) => at - (probes[n - 1] ?? 3000))).toEqual([
      1000,
      2000,
      4000,
      8000,
      16_000,
      30_000,
      30_000,
      30_000
    ])
  })

  it("takes a probe back that was not sent", () => {
    const state = OriginState.initial()
    fail(state, 10, 3000, 1000)
    for (let n = 0; n < 10; n++) {
      expect(Breaker.mayProbe(state, 4000)).toBe(true)
      Breaker.take(state, 4000)
      Breaker.refund(state)
    }
    Breaker.take(state, 4000)
    expect(Breaker.mayProbe(state, 6000)).toBe(true)
  })

  it("is closed by an answer, be it a refusal", () => {
    const state = OriginState.initial()
    fail(state, 10, 3000, 1000)
    Breaker.answered(state, false)
    expect(Breaker.isDown(state)).toBe(false)
  })

  it("is closed by a good answer only where the origin had refused everything for too long", () => {
    const state = OriginState.initial()
    Breaker.giveUp(state, 3000)
    Breaker.answered(state, false)
    expect(Breaker.isDown(state)).toBe(true)
    Breaker.answered(state, true)
    expect(Breaker.isDown(state)).toBe(false)
  })

  it("ends 2,000 entries of a host that never was up within 3 s, at 64 connections that time out after 1 s", () => {
    const { down, failed, requests, wall } = Simulation.run(() => ({ status: 0, after: 1000 }), { entries: 2000 })
    expect(down + failed).toBe(2000)
    expect(requests).toBeLessThanOrEqual(3 * 64)
    expect(wall).toBeLessThanOrEqual(3100)
  })

  it("sends few requests to an origin that refuses connections until it is sure that it is down", () => {
    const { down, failed, requests, wall } = Simulation.run(() => ({ status: 0, after: 1 }), { entries: 2000 })
    expect(down + failed).toBe(2000)
    expect(requests).toBeLessThanOrEqual(64 + 10 + 21)
    expect(wall).toBeLessThanOrEqual(2200)
  })

  it("sends one request in 100 ms while it looks as if nothing answered, and all again with the first answer", () => {
    const state = OriginState.initial()
    fail(state, 10, 1000)
    expect(Breaker.wait(state, 1000)).toBe(0)
    Breaker.take(state, 1000)
    expect(Breaker.wait(state, 1000)).toBe(100)
    expect(Breaker.wait(state, 1100)).toBe(0)
    Breaker.take(state, 1100)
    Breaker.answered(state, true)
    expect(Breaker.wait(state, 1100)).toBe(0)
  })

  it("takes a request back that was not sent while it looks as if nothing answered", () => {
    const state = OriginState.initial()
    fail(state, 10, 1000)
    Breaker.take(state, 1000)
    Breaker.refund(state)
    expect(Breaker.wait(state, 1000)).toBe(0)
    expect(state.probeWait).toBe(0)
  })

  it("costs a server that is restarted within 10 s nothing", () => {
    const server: Simulation.Server = ({ now }) =>
      now > 1500 && now < 9500 ? { status: 0, after: 100 } : { status: 200, after: 5 }
    const { down } = Simulation.run(server, { entries: 20_000 })
    expect(down).toBe(0)
  })

  it("lets entries through again when a probe is answered", () => {
    const server: Simulation.Server = ({ now }) => now < 4500 ? { status: 0, after: 100 } : { status: 200, after: 5 }
    const { state } = Simulation.run(server, { entries: 3000 })
    expect(state.downSince).toBeGreaterThan(0)
    Breaker.answered(state, true)
    expect(Breaker.isDown(state)).toBe(false)
  })
})
