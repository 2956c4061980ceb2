import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Gauge from "fastget/platform/Gauge"

it.effect("a gauge is added to, and taken from", () =>
  Effect.gen(function*() {
    const gauge = Metric.gauge("fastget_test_gauge")
    Gauge.add(gauge, 5)
    Gauge.add(gauge, -2)
    expect((yield* Metric.value(gauge)).value).toBe(3)
  }))
