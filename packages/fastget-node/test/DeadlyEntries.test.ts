/** One entry that ends every thread which it reaches costs no other entry. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { LoopbackServer } from "loopback"
import { entriesOf, failuresOf, using } from "./Losses.js"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"

const smallHeap = { resourceLimits: { maxOldGenerationSizeMb: 64 } }

describe("2,000 entries, one of which ends every worker it reaches", () => {
  it.scopedLive.each(
    [
      ["exit", { cause: "exit", exitCode: 3 }, 3, "10 seconds"],
      ["throw", { cause: "uncaught", exitCode: 1 }, 20, "10 seconds"],
      ["heap", { cause: "out of memory" }, 2, "10 seconds"],
      ["spin", { cause: "stuck" }, 2, "700 millis"],
      ["late-spin", { cause: "stuck" }, 2, "700 millis"]
    ] as const
  )(
    "have 1,999 answers and 1 WorkerLost, by %s",
    ([killer, reason, mostLosses, stuckTimeout]) =>
      Effect.gen(function*() {
        const threads = yield* Threads.watch
        const server = yield* LoopbackServer.make()
        const failures = yield* failuresOf(server.url, 2000, { 1000: killer }).pipe(
          using({ numWorkers: 2, stuckTimeout, worker: TestWorkers.spawn("killing", smallHeap) })
        )
        expect(failures).toMatchObject({ 1000: { _tag: "WorkerLost", ...reason } })
        expect(Object.keys(failures)).toEqual(["1000"])
        // Where the black box tells whose code ran, no other entry is tried alone.
        expect(threads.started()).toBeLessThanOrEqual(2 + mostLosses)
      }),
    120_000
  )

  it.scopedLive("have the others answered while that one is tried again", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const order: Array<number> = []
      yield* Stream.runForEach(
        FastGet.streamEither(entriesOf(server.url, 500, { 0: "spin" })),
        ([id]) => Effect.sync(() => order.push(id))
      ).pipe(using({ numWorkers: 2, stuckTimeout: "700 millis", worker: TestWorkers.spawn("killing") }))
      expect(order.length).toBe(500)
      expect(order.at(-1)).toBe(0)
    }))
})
