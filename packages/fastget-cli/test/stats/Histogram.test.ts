import { describe, expect, it } from "@effect/vitest"
import * as Histogram from "../../src/stats/Histogram.js"

describe("Histogram", () => {
  it("gives quantiles at most 1.1 % beside the true ones, over seven orders of magnitude", () => {
    const histogram = Histogram.make()
    const values = Array.from({ length: 100_000 }, (_, index) => 0.01 * 1.00021 ** index)
    for (const value of values) histogram.record(value)
    const wanted = [0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1]
    const found = histogram.quantiles(wanted)
    for (const [index, quantile] of wanted.entries()) {
      const exact = values[Math.ceil(quantile * values.length) - 1]!
      expect(Math.abs(found[index]! / exact - 1)).toBeLessThan(0.011)
    }
  })

  it("keeps the count, the mean and the largest value exactly", () => {
    const histogram = Histogram.make()
    for (const value of [0, 1, 2, 5, 92]) histogram.record(value)
    expect([histogram.count(), histogram.mean(), histogram.max()]).toEqual([5, 20, 92])
  })

  it("counts what is out of its range at the edges", () => {
    const histogram = Histogram.make()
    for (const value of [-1, 0, 1e-9, 1e12, Infinity]) histogram.record(value)
    expect(histogram.buckets(2).map(({ count }) => count).filter((count) => count > 0)).toEqual([3, 2])
  })

  it("gives every value in one bucket, from the first to the last", () => {
    const histogram = Histogram.make()
    for (const value of [1, 1.1, 3, 900, 1000]) histogram.record(value)
    const buckets = histogram.buckets(2)
    expect(buckets.reduce((all, { count }) => all + count, 0)).toBe(5)
    expect(buckets[0]!.from).toBeLessThanOrEqual(1)
    expect(buckets.at(-1)!.to).toBeGreaterThan(1000)
    for (const [index, { from }] of buckets.slice(1).entries()) expect(from).toBe(buckets[index]!.to)
  })

  it("gives zeros and no buckets where nothing was recorded", () => {
    const histogram = Histogram.make()
    expect(histogram.quantiles([0.5, 0.99])).toEqual([0, 0])
    expect(histogram.mean()).toBe(0)
    expect(histogram.buckets(2)).toEqual([])
  })
})
