import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as Stream from "effect/Stream"
import { FastGet, FetchMetrics } from "fastget"
import { NodeFastGet } from "fastget-node"
import { FaultServer } from "loopback"

/** The series with a tag: their names, with the reason if they have one, and their values. */
const seriesOf = (key: string, value: string) =>
  Effect.map(FetchMetrics.snapshot, (all) =>
    Object.fromEntries(
      all.filter(({ metricKey }) => metricKey.tags.some((tag) => tag.key === key && tag.value === value))
        .map(({ metricKey, metricState }) => {
          const reason = metricKey.tags.find((tag) => tag.key === "reason")?.value
          return [reason === undefined ? metricKey.name : `${metricKey.name} ${reason}`, valueOf(metricState)]
        })
    ))

const valueOf = (state: MetricState.MetricState.Untyped): unknown => {
  if (MetricState.isGaugeState(state)) return state.value
  return MetricState.isCounterState(state) || MetricState.isHistogramState(state) ? state.count : undefined
}

describe("the metrics", () => {
  it.scopedLive("have the tags of where the stream is run, and those of threads of where the layer is built", () =>
    Effect.gen(function*() {
      const { url } = yield* FaultServer.make
      const entries = ["/ok/1", "/ok/2", "/not-found/3"].map((path, n) => [n, `${url}${path}`] as const)
      const run = Stream.runFold(
        FastGet.streamEither(entries),
        0,
        (n, [, result]) => n + (Either.isRight(result) ? 1 : 0)
      )
      const during = Effect.gen(function*() {
        const one = yield* Effect.tagMetrics(run, "job", "one")
        const other = yield* Effect.tagMetrics(Effect.zipRight(run, run), "job", "other")
        return [one, other, yield* seriesOf("team", "blue")] as const
      })
      const layer = NodeFastGet.layer({ numWorkers: 2, logLevel: "None", retry: { times: 0 } })
      const [one, other, team] = yield* Effect.tagMetrics(Effect.provide(during, layer), "team", "blue")
      expect([one, other]).toEqual([2, 2])
      expect(team).toMatchObject({ fastget_workers: expect.any(Number) })
      expect(yield* seriesOf("job", "one")).toEqual({
        "fastget_outcomes success": 2,
        "fastget_outcomes Status": 1,
        "fastget_attempts": 3,
        "fastget_bytes": expect.any(Number),
        "fastget_latency_ms": 3,
        "fastget_in_flight": 0,
        "fastget_queue": 0
      })
      expect(yield* seriesOf("job", "other")).toMatchObject({ "fastget_outcomes success": 4, "fastget_attempts": 6 })
      expect(yield* seriesOf("team", "blue")).toMatchObject({ fastget_workers: 0 })
    }))

  it.effect("have no series more when they are read", () =>
    Effect.gen(function*() {
      const before = yield* FetchMetrics.snapshot
      // A tag that no series has: to read a metric there would make one.
      const after = yield* Effect.tagMetrics(FetchMetrics.snapshot, "reader", "me")
      expect(after.map(({ metricKey }) => String(metricKey))).toEqual(before.map(({ metricKey }) => String(metricKey)))
      expect(yield* seriesOf("reader", "me")).toEqual({})
      yield* Effect.tagMetrics(Metric.value(FetchMetrics.restarts), "reader", "me")
      expect(yield* seriesOf("reader", "me")).toEqual({ fastget_worker_restarts: 0 })
      expect(before.every(({ metricKey }) => metricKey.name.startsWith("fastget_"))).toBe(true)
    }))
})
