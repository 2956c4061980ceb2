import { describe, expect, it } from "@effect/vitest"
import * as Pace from "../../src/stats/Pace.js"

/** Records `rate` a second, evenly, from one moment to another. */
const go = (pace: Pace.Pace, rate: number, from: number, to: number) => {
  for (let at = from; at < to; at += 20) pace.record(at, rate / 50)
}

describe("Pace", () => {
  it("tells the rate of the last five seconds, and that of less at the start", () => {
    const pace = Pace.make()
    go(pace, 100, 0, 700)
    expect(pace.now(700)).toBeCloseTo(100, 0)
    go(pace, 100, 700, 20_000)
    go(pace, 300, 20_000, 26_000)
    expect(pace.now(26_000)).toBeCloseTo(300, 0)
  })

  it("expects an even rate to go on, and nothing in the first second", () => {
    const pace = Pace.make()
    go(pace, 100, 0, 900)
    expect(pace.expected(900)).toBe(0)
    go(pace, 100, 900, 1500)
    expect(pace.expected(1500)).toBeCloseTo(100, 0)
    go(pace, 100, 1500, 60_000)
    expect(pace.expected(60_000)).toBeCloseTo(100, 0)
  })

  it("forgets a slow start", () => {
    const pace = Pace.make()
    go(pace, 10, 0, 10_000)
    go(pace, 1000, 10_000, 40_000)
    expect(pace.expected(40_000)).toBeGreaterThan(850)
  })

  it("is hardly moved by one second that differs", () => {
    const pace = Pace.make()
    go(pace, 100, 0, 60_000)
    go(pace, 1000, 60_000, 61_000)
    expect(pace.expected(61_000)).toBeLessThan(150)
  })

  it("sinks while nothing comes, and goes to almost nothing", () => {
    const pace = Pace.make()
    go(pace, 100, 0, 30_000)
    const before = pace.expected(30_000)
    expect(pace.expected(40_000)).toBeLessThan(before / 2)
    expect(pace.expected(600_000)).toBeLessThan(0.01)
    expect(pace.now(600_000)).toBe(0)
  })
})
