import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import { FetchMetrics } from "fastget"
import type { OriginTraffic } from "fastget/FetchPool"
import type { PoolTraffic } from "fastget/platform/PoolTraffic"
import * as TrafficReport from "fastget/platform/TrafficReport"
import { quiet } from "./traffic/QuietOrigin.js"

describe("what is said of origins", () => {
  it("is one line when one closes and one when it opens, and none for what does not change", () => {
    const lines = TrafficReport.makeLines()
    const closed = { ...quiet, isRefusing: true, opensIn: 11_900, askedFor: 12_000 }
    expect([quiet, closed, { ...closed, opensIn: 5000 }, { ...quiet, learnedRate: 98.4 }, quiet].map(lines)).toEqual([
      undefined,
      "http://a refuses requests for their rate: its entries wait 12 s",
      undefined,
      "http://a is asked again, at about 98 requests/s",
      undefined
    ])
    // That nothing remains of a limit which its headers tell is no refusal.
    expect([{ ...quiet, opensIn: 800 }].map(lines)).toEqual([undefined])
    expect([{ ...quiet, downSince: 1 }, quiet].map(lines)).toEqual([
      "http://a answers nothing: its entries end unasked, but for one from time to time",
      "http://a is asked again"
    ])
  })

  it("is once that more origins are asked than there is room for", () => {
    const line = TrafficReport.makeMissedSlots([])
    expect(line({ all: 255, missed: 0 })).toBeUndefined()
    expect(line({ all: 255, missed: 2 })).toMatch(/^There is room for about 255 origins at once/)
    expect(line({ all: 255, missed: 9 })).toBeUndefined()
  })

  it.scoped("goes to the log at the level of the layer, and into the metrics", () =>
    Effect.gen(function*() {
      const told: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => told.push(`${logLevel.label} ${String(message)}`))
      let listener: (origin: OriginTraffic) => void = () => {}
      const closed = {
        ...quiet,
        isRefusing: true,
        waiting: 5,
        opensIn: 900,
        askedFor: 1000,
        refusals: 3,
        learnedRate: 50
      }
      const traffic = {
        origins: () => [closed],
        slots: () => ({ all: 4095, missed: 7 }),
        onChange: (onChange: typeof listener) => {
          listener = onChange
          return () => {}
        }
      } as unknown as PoolTraffic
      const before = (yield* Metric.value(FetchMetrics.refusals)).count
      const missedBefore = (yield* Metric.value(FetchMetrics.originsWithoutSlot)).count
      yield* Effect.scoped(Effect.gen(function*() {
        yield* TrafficReport.report(traffic, { logLevel: LogLevel.Warning })
        listener(closed)
      })).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      expect(told[0]).toBe("WARN http://a refuses requests for their rate: its entries wait 1.0 s")
      expect(told[1]).toMatch(/^WARN There is room for about 4095 origins at once, and more are asked/)
      expect(told.length).toBe(2)
      expect((yield* Metric.value(FetchMetrics.originsWithoutSlot)).count).toBe(missedBefore + 7)
      expect((yield* Metric.value(FetchMetrics.refusals)).count).toBe(before + 3)
      // What was not to last is 0 when the layer has ended.
      expect((yield* Metric.value(FetchMetrics.waiting)).value).toBe(0)
    }))
})
