import { describe, expect, it } from "@effect/vitest"
import * as Timeline from "../../src/stats/Timeline.js"

const sum = (values: ReadonlyArray<number>) => values.reduce((all, value) => all + value, 0)

describe("Timeline", () => {
  it("counts in spans of a quarter of a second at first", () => {
    const timeline = Timeline.make()
    timeline.record(0, true, 10)
    timeline.record(249, false, 5)
    timeline.record(600, true, 1)
    timeline.refused(510, 3)
    timeline.refused(749, 4)
    expect(timeline.throughput(800)).toEqual({
      seconds: 0.25,
      points: [
        { succeeded: 1, failed: 1, bytes: 15, refused: 0 },
        { succeeded: 0, failed: 0, bytes: 0, refused: 0 },
        { succeeded: 1, failed: 0, bytes: 1, refused: 7 },
        { succeeded: 0, failed: 0, bytes: 0, refused: 0 }
      ]
    })
  })

  it("has no more than 240 points however long it takes, and loses nothing", () => {
    const timeline = Timeline.make()
    const hour = 3_600_000
    for (let at = 0; at < 10 * hour; at += 100) timeline.record(at, at % 1000 !== 0, 2)
    timeline.refused(10 * hour, 5)
    const { points, seconds } = timeline.throughput(10 * hour)
    expect(points.length).toBeLessThanOrEqual(240)
    expect(points.length * seconds).toBeGreaterThanOrEqual(36_000)
    expect(sum(points.map(({ succeeded }) => succeeded))).toBe(324_000)
    expect(sum(points.map(({ failed }) => failed))).toBe(36_000)
    expect(sum(points.map(({ bytes }) => bytes))).toBe(720_000)
    expect(sum(points.map(({ refused }) => refused))).toBe(5)
  })
})
