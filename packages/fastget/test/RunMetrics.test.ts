import * as RunMetrics from "#internal/run/RunMetrics"
import * as Answers from "#internal/wire/Answers"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { FetchMetrics } from "fastget"

const outcomesOf = (reason: string) => Metric.value(Metric.tagged(FetchMetrics.outcomes, "reason", reason))

/** The metrics now. They are the process's, so the test compares. */
const snapshot = Effect.gen(function*() {
  const latency = yield* Metric.value(FetchMetrics.latency)
  return {
    successes: (yield* outcomesOf("success")).count,
    resets: (yield* outcomesOf("Reset")).count,
    attempts: (yield* Metric.value(FetchMetrics.attempts)).count,
    bytes: (yield* Metric.value(FetchMetrics.bytes)).count,
    latencies: latency.count,
    elapsed: latency.sum
  }
})

it.effect("answers add their attempts, bytes and times to the metrics, and outcomes their reasons", () =>
  Effect.gen(function*() {
    const before = yield* snapshot
    const answer = Answers.unanswered({ _tag: "Reset", bytes: 0, reused: false })
    RunMetrics.untagged.record([{ ...answer, attempts: 2, bytes: 5, elapsed: 10 }, {
      ...answer,
      attempts: 1,
      bytes: 3,
      elapsed: 7
    }])
    RunMetrics.untagged.count(4, new Map([["Reset", 2]]))
    expect(yield* snapshot).toEqual({
      successes: before.successes + 4,
      resets: before.resets + 2,
      attempts: before.attempts + 3,
      bytes: before.bytes + 8,
      latencies: before.latencies + 2,
      elapsed: before.elapsed + 17
    })
  }))
