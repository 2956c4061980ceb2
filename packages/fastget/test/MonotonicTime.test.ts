import * as MonotonicTime from "#internal/base/MonotonicTime"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"

describe("MonotonicTime", () => {
  it.effect("is of Effect's Clock, in milliseconds", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      const before = MonotonicTime.now(clock)
      yield* TestClock.adjust("1500 millis")
      expect(MonotonicTime.now(clock) - before).toBe(1500)
    }))

  it.live("passes while a fiber sleeps", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      const before = MonotonicTime.now(clock)
      yield* Effect.sleep(20)
      expect(MonotonicTime.now(clock) - before).toBeGreaterThan(15)
    }))
})
