import * as Gate from "#internal/traffic/Gate"
import * as OriginState from "#internal/traffic/OriginState"
import { describe, expect, it } from "@effect/vitest"

const closed = (asked: number | undefined, random = 0) => {
  const state = OriginState.initial()
  Gate.close(state, 1000, asked, random)
  return state
}

/** Lets the gate open with a probe that is refused. */
const refuseProbe = (state: OriginState.OriginState, asked?: number, random = 0) => {
  const now = state.closedUntil
  Gate.take(state, now)
  Gate.close(state, now, asked, random)
}

describe("a gate", () => {
  it("is closed for as long as it was asked", () => {
    const state = closed(7000)
    expect(Gate.wait(state, 1000)).toBe(7000)
    expect(Gate.wait(state, 7999)).toBe(1)
    expect(Gate.wait(state, 8000)).toBe(0)
  })

  it("is closed for half a second where nothing was asked", () => {
    expect(Gate.wait(closed(undefined), 1000)).toBe(510)
    expect(Gate.wait(closed(undefined, 1), 1000)).toBe(550)
  })

  it("stays closed for the longest that is asked for", () => {
    const state = closed(1000)
    Gate.extend(state, 1200, 500)
    Gate.extend(state, 1300, undefined)
    expect(state.closedUntil).toBe(2000)
    Gate.extend(state, 1400, 5000)
    expect(state.closedUntil).toBe(6400)
    expect(state.closedFor).toBe(5400)
  })

  it("is not closed again by what comes late", () => {
    const state = closed(1000)
    Gate.extend(state, 2000, 5000)
    expect(state.closedUntil).toBe(2000)
  })

  it("opens with one probe, and with another where that has no answer for long", () => {
    const state = closed(1000)
    expect(Gate.wait(state, 2000)).toBe(0)
    Gate.take(state, 2000)
    expect(Gate.wait(state, 2001)).toBeGreaterThan(0)
    expect(Gate.wait(state, 2000 + Gate.probeAgainAfter)).toBe(0)
    Gate.open(state, 2000)
    expect(Gate.wait(state, 2001)).toBe(0)
    expect(Gate.isOpen(state)).toBe(true)
  })

  it("is closed for longer each time a probe is refused, up to a minute", () => {
    const state = closed(undefined)
    const opens = Array.from({ length: 9 }, () => {
      refuseProbe(state)
      return Math.round((state.closedUntil - 1000) / 1020)
    })
    expect(opens).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it("forgets that where something was admitted since, but for the least wait that was enough", () => {
    const state = closed(undefined)
    refuseProbe(state)
    refuseProbe(state)
    Gate.open(state, state.closedUntil)
    Gate.close(state, 10_000, undefined, 0)
    expect(state.level).toBe(0)
    expect(state.closedUntil).toBe(11_020)
  })

  it("has a new epoch each time it closes", () => {
    const state = closed(undefined)
    expect(state.epoch).toBe(1)
    refuseProbe(state)
    expect(state.epoch).toBe(2)
  })
})
