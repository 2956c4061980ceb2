import * as Timer from "#internal/base/Timer"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

/** The timers that keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

describe("the platform's timer", () => {
  it.live("calls once, and not at all where it was stopped", () =>
    Effect.gen(function*() {
      const called: Array<string> = []
      const stop = Timer.unreferenced(() => called.push("stopped"), 1)
      stop()
      // Timers of the same time are called in the order in which they were set.
      yield* Effect.async<void>((resume) => {
        Timer.unreferenced(() => called.push("first"), 1)
        Timer.unreferenced(() => called.push("second"), 1)
        setTimeout(() => resume(Effect.void), 10)
      })
      expect(called).toEqual(["first", "second"])
    }))

  it("does not keep the process alive", () => {
    const before = timers()
    const stop = Timer.unreferenced(() => {}, 60_000)
    expect(timers()).toBe(before)
    stop()
  })
})
