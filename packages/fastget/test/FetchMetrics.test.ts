import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { FastGet, FetchMetrics } from "fastget"
import * as FakeHttpClient from "./FakeHttpClient.js"

const outcomesOf = (reason: string) => Metric.value(Metric.tagged(FetchMetrics.outcomes, "reason", reason))

/** The metrics now. They are the process's, so tests compare. */
const snapshot = Effect.gen(function*() {
  return {
    successes: (yield* outcomesOf("success")).count,
    statuses: (yield* outcomesOf("Status")).count,
    invalid: (yield* outcomesOf("InvalidUrl")).count,
    attempts: (yield* Metric.value(FetchMetrics.attempts)).count,
    bytes: (yield* Metric.value(FetchMetrics.bytes)).count,
    latencies: (yield* Metric.value(FetchMetrics.latency)).count,
    inFlight: (yield* Metric.value(FetchMetrics.inFlight)).value,
    queue: (yield* Metric.value(FetchMetrics.queue)).value
  }
})

const client = FakeHttpClient.make((_, { pathname }) =>
  pathname === "/3" ? new Response("gone", { status: 404 }) : FakeHttpClient.json(1)
)

describe("the metrics", () => {
  it.effect("count outcomes by reason, attempts, bytes and latencies, and the gauges return to what they were", () =>
    Effect.gen(function*() {
      const before = yield* snapshot
      const entries = [
        ...Array.from({ length: 10 }, (_, n) => [n, `http://a.example/${n}`] as const),
        [10, "bad"] as const
      ]
      yield* Stream.runDrain(FastGet.streamEither(entries))
      expect(yield* snapshot).toEqual({
        successes: before.successes + 9,
        statuses: before.statuses + 1,
        invalid: before.invalid + 1,
        attempts: before.attempts + 10,
        bytes: before.bytes + 9 + 4,
        latencies: before.latencies + 11,
        inFlight: before.inFlight,
        queue: before.queue
      })
    }).pipe(Effect.provide(FakeHttpClient.layerFastGet(client))))

  it.effect("leave nothing in flight or queued when the consumer has enough", () =>
    Effect.gen(function*() {
      const before = yield* snapshot
      const entries = Array.from({ length: 1000 }, (_, n) => [n, `http://a.example/x${n}`] as const)
      yield* FastGet.streamEither(entries).pipe(Stream.take(10), Stream.runDrain)
      const after = yield* snapshot
      expect([after.inFlight, after.queue]).toEqual([before.inFlight, before.queue])
    }).pipe(Effect.provide(FakeHttpClient.layerFastGet(client))))
})
