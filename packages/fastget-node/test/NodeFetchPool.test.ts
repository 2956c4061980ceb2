import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import type { NodeFetchPool } from "fastget-node"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as Os from "node:os"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

/** How much later than its deadline something may be noticed. */
const grace = 1000

/** Runs an effect while a layer is open. */
const using = (options: NodeFastGet.Options) => Effect.provide(NodeFastGet.layer({ logLevel: "None", ...options }))

const startErrorOf = (options: NodeFastGet.Options) =>
  Effect.map(Effect.exit(using(options)(Effect.void)), (exit) => {
    const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
    if (error === undefined) throw new Error(`no typed error: ${String(exit)}`)
    return error
  })

describe("the start of a pool", () => {
  it.scopedLive("takes availableParallelism() threads by default, and they end with the layer", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      yield* using({})(within(10_000, "all threads", () => threads.started() === Os.availableParallelism()))
      expect(threads.started()).toBe(Os.availableParallelism())
      yield* within(grace, "no thread", () => threads.alive() === 0)
    }))

  it.scopedLive("waits for the first worker only", () =>
    Effect.gen(function*() {
      let spawned = 0
      const worker: NodeFetchPool.Spawn = (options) =>
        TestWorkers.spawn(spawned++ === 0 ? "thread-id" : "silent")(options)
      const server = yield* LoopbackServer.make()
      const results = yield* using({ numWorkers: 2, worker })(
        Stream.runCollect(FastGet.stream(Array.from({ length: 20 }, (_, n) => [n, `${server.url}/${n}`] as const)))
      )
      expect(results.length).toBe(20)
    }))

  it.scopedLive("fails with PoolError when the function that starts a thread throws", () =>
    Effect.gen(function*() {
      const worker = () => {
        throw new Error("no thread today")
      }
      const error = yield* startErrorOf({ worker, startTimeout: "1500 millis", numWorkers: 2 })
      expect(error.message).toContain("no thread today")
    }))

  it.scopedLive("says what the worker file said when it threw", () =>
    Effect.gen(function*() {
      const error = yield* startErrorOf({ worker: TestWorkers.spawn("throws-at-load"), numWorkers: 1 })
      expect(error.message).toContain("broken at load")
    }))

  it.scopedLive("says which protocol a worker speaks and what to reinstall", () =>
    Effect.gen(function*() {
      const error = yield* startErrorOf({ worker: TestWorkers.spawn("other-protocol"), numWorkers: 1 })
      expect(error.message).toMatch(/999.*install/)
    }))
})
