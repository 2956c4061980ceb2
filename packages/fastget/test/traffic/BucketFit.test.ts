import * as BucketFit from "#internal/traffic/BucketFit"
import { describe, expect, it } from "@effect/vitest"

/** When a bucket of `depth` that gets `rate` tokens a second is empty. */
const emptyAfter = (depth: number, rate: number, sent: (at: number) => number): number => {
  let level = depth
  for (let at = 0;; at += 0.1) {
    level = Math.min(depth, level + rate * 0.0001) - sent(at) * 0.0001
    if (level < 0) return at
  }
}

describe("the rate of a bucket", () => {
  it.each([[20, 100], [5, 100], [1000, 1000], [4, 20]])(
    "is found by when %i tokens were spent, at %i a second",
    (depth, rate) => {
      const sent = (at: number) => rate / 4 * Math.exp(at / 250)
      const time = emptyAfter(depth, rate, sent)
      const found = BucketFit.leastRate({ depth: () => depth, start: () => depth, time, sent }, 100 * rate)
      expect(found / rate).toBeGreaterThan(0.98)
      expect(found / rate).toBeLessThan(1.02)
    }
  )

  it("is nothing where what it held was enough", () => {
    const course = { depth: () => 100, start: () => 100, time: 1000, sent: () => 50 }
    expect(BucketFit.leastRate(course, 1000)).toBeLessThan(1e-3)
  })

  it("is the most there may be where no rate explains it", () => {
    const course = { depth: () => 1, start: () => 0, time: 1000, sent: () => 5000 }
    expect(BucketFit.leastRate(course, 1000)).toBeGreaterThan(999)
  })
})
