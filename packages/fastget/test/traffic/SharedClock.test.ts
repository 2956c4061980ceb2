import * as SharedClock from "#internal/traffic/SharedClock"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Ticks } from "loopback"
import { Worker } from "node:worker_threads"

/** By how many milliseconds the clocks of two threads may differ: a thread may be put aside while it compares its own. */
const allowance = 50

/** What a thread that is started now reads from the clock, and what this one reads before and after. */
const readings = (hasProcess: boolean) =>
  Effect.gen(function*() {
    const worker = yield* Effect.acquireRelease(
      Effect.sync(() => new Worker(new URL("../programs/clock.mjs", import.meta.url), { workerData: { hasProcess } })),
      (worker) => Effect.promise(() => worker.terminate())
    )
    const told = Effect.async<{ readonly now: number; readonly timeOrigin: number; readonly own: number }>((resume) => {
      worker.once("message", (message) => resume(Effect.succeed(message)))
      worker.once("error", (error) => resume(Effect.die(error)))
    })
    const before = SharedClock.now()
    const there = yield* told
    return { before, there, after: SharedClock.now() }
  })

describe("the clock of a pool", () => {
  it("never goes back, and tells the time that was read from the thread's own", () => {
    let last = SharedClock.now()
    for (let n = 0; n < 1000; n++) {
      const at = SharedClock.of(performance.now())
      const now = SharedClock.now()
      expect(at).toBeGreaterThanOrEqual(last)
      expect(now).toBeGreaterThanOrEqual(at)
      last = now
    }
  })

  it.scopedLive("is one for threads that began at different times", () =>
    Effect.gen(function*() {
      // By its own clock this thread is so much older than the other one.
      yield* Ticks.within(60_000, "age", () => performance.now() > 10 * allowance)
      const { after, before, there } = yield* readings(true)
      expect(there.now).toBeGreaterThanOrEqual(before - allowance)
      expect(there.now).toBeLessThanOrEqual(after + allowance)
    }))

  it.scopedLive("is that of the day where there is no process to ask", () =>
    Effect.gen(function*() {
      const { there } = yield* readings(false)
      expect(there.now - there.timeOrigin).toBeGreaterThanOrEqual(0)
      expect(there.now - there.timeOrigin).toBeLessThanOrEqual(there.own + 1)
    }))
})
