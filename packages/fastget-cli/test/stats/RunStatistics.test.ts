import { describe, expect, it } from "@effect/vitest"
import * as Summary from "../../src/report/Summary.js"
import * as RunStatistics from "../../src/stats/RunStatistics.js"
import * as Origins from "../support/Origins.js"
import * as Outcomes from "../support/Outcomes.js"

describe("RunStatistics", () => {
  it("counts outcomes, bad rows, attempts and bytes", () => {
    const statistics = RunStatistics.make()
    statistics.begun({ total: 10, skipped: 2 })
    statistics.record(Outcomes.outcome())
    statistics.record(Outcomes.outcome({ attempts: 3, bytes: 50 }))
    statistics.record(Outcomes.outcome({ reason: Outcomes.status(503), attempts: 3, bytes: 0 }))
    statistics.badRow()
    statistics.written(70)
    statistics.written(7)
    expect(statistics.snapshot()).toMatchObject({
      total: 10,
      skipped: 2,
      done: 4,
      succeeded: 2,
      failed: 1,
      badRows: 1,
      attempts: 7,
      retried: 2,
      bytes: 150,
      written: 77
    })
  })

  it("counts failures by reason, status and phase, the most frequent first", () => {
    const statistics = RunStatistics.make()
    const timeout = { _tag: "Timeout", phase: "headers", limit: 1 } as const
    for (
      const reason of [Outcomes.status(500), timeout, timeout, Outcomes.status(404), timeout, Outcomes.status(404)]
    ) {
      statistics.record(Outcomes.outcome({ reason }))
    }
    statistics.record(Outcomes.outcome({ reason: { _tag: "Reset", bytes: 0, reused: false } }))
    expect(statistics.snapshot().failures).toEqual([
      { reason: "Timeout", detail: "headers", count: 3 },
      { reason: "Status", detail: "404", count: 2 },
      { reason: "Status", detail: "500", count: 1 },
      { reason: "Reset", detail: undefined, count: 1 }
    ])
  })

  it("tells of the origins what the library said last, and when requests were refused", () => {
    const clock = Outcomes.makeClock()
    const statistics = RunStatistics.make({ now: clock.now })
    clock.set(1000)
    statistics.begun({ total: 1, skipped: 0 })
    const closed = Origins.traffic({ refusals: 3, waiting: 7, opensIn: 900 })
    clock.set(1250)
    statistics.traffic([closed])
    clock.set(1500)
    statistics.traffic([{ ...closed, refusals: 4, opensIn: 650 }])
    const { origins, throughput, traffic } = statistics.snapshot()
    expect(origins).toMatchObject([{ host: "api.example.com", refusals: 4, opensIn: 650, heldUp: 500 }])
    expect(traffic).toEqual([{ ...closed, refusals: 4, opensIn: 650 }])
    expect(throughput.points.map(({ refused }) => refused)).toEqual([0, 3, 1])
  })

  it("tells the time that is left by the rate of late, and not by entries that were done before", () => {
    const clock = Outcomes.makeClock()
    const statistics = RunStatistics.make({ now: clock.now })
    clock.set(5000)
    statistics.begun({ total: 100_000, skipped: 90_000 })
    for (let n = 1; n <= 3000; n++) {
      clock.set(5000 + n * 10)
      statistics.record(Outcomes.outcome({ id: n }))
    }
    const { rate, seconds, secondsLeft } = statistics.snapshot()
    expect(seconds).toBe(30)
    expect(rate.average).toBe(100)
    expect(rate.now).toBeCloseTo(100, 0)
    expect(secondsLeft).toBeGreaterThan(69)
    expect(secondsLeft).toBeLessThan(71)
  })

  it("does not know the time that is left without a total or a rate, and knows it is none at the end", () => {
    const clock = Outcomes.makeClock()
    const statistics = RunStatistics.make({ now: clock.now })
    statistics.begun({ total: undefined, skipped: 0 })
    clock.set(3000)
    expect(statistics.snapshot().secondsLeft).toBeUndefined()
    statistics.begun({ total: 1, skipped: 0 })
    clock.set(6000)
    expect(statistics.snapshot().secondsLeft).toBeUndefined()
    statistics.record(Outcomes.outcome())
    expect(statistics.snapshot().secondsLeft).toBe(0)
  })

  it("follows what is skipped where that is not known before", () => {
    const statistics = RunStatistics.make()
    let skipped = 0
    statistics.begun({ total: undefined, skipped: () => skipped })
    statistics.record(Outcomes.outcome())
    skipped = 7
    expect(statistics.snapshot()).toMatchObject({ total: undefined, skipped: 7, done: 1 })
  })

  it("has no total below what is done, where the input is longer than when it was counted", () => {
    const statistics = RunStatistics.make()
    statistics.begun({ total: 3, skipped: 2 })
    for (let n = 0; n < 4; n++) statistics.record(Outcomes.outcome())
    const snapshot = statistics.snapshot()
    expect(snapshot).toMatchObject({ total: 6, skipped: 2, done: 4, secondsLeft: 0 })
    expect(Summary.headline(snapshot)).toMatch(/^fetched 4 of 4 in .+, 2 done before$/)
  })

  it("keeps the twenty slowest URLs, slowest first, without secrets", () => {
    const statistics = RunStatistics.make()
    for (let n = 0; n < 1000; n++) {
      const id = n * 7919 % 1000
      statistics.record(Outcomes.outcome({ millis: id, url: `http://u:secret@a.example/${id}?key=secret` }))
    }
    const { slowest } = statistics.snapshot()
    expect(slowest.map(({ millis }) => millis)).toEqual(Array.from({ length: 20 }, (_, index) => 999 - index))
    expect(slowest[0]).toEqual({
      url: "http://***@a.example/999?key=***",
      millis: 999,
      attempts: 1,
      status: 200,
      reason: "success"
    })
    expect(JSON.stringify(statistics.snapshot())).not.toContain("secret")
  })

  it("does not grow with the run: 200,000 outcomes of as many hosts leave a small snapshot", () => {
    const clock = Outcomes.makeClock()
    const statistics = RunStatistics.make({ now: clock.now })
    for (let n = 0; n < 200_000; n++) {
      clock.set(n * 10)
      statistics.record(Outcomes.outcome({
        url: `http://h${n}.example/${"x".repeat(100)}`,
        millis: n % 5000,
        ...(n % 3 === 0 ? { reason: Outcomes.status(500 + n % 100) } : undefined)
      }))
    }
    expect(JSON.stringify(statistics.snapshot()).length).toBeLessThan(50_000)
  })
})
