import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FastGet, PoolError } from "fastget"
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
      const worker = () => TestWorkers.spawn(spawned++ === 0 ? "thread-id" : "silent")()
      const server = yield* LoopbackServer.make()
      const results = yield* using({ numWorkers: 2, worker })(
        Stream.runCollect(FastGet.stream(Array.from({ length: 20 }, (_, n) => [n, `${server.url}/${n}`] as const)))
      )
      expect(results.length).toBe(20)
    }))

  it.scopedLive.each([
    ["missing", "Start"],
    ["throws-at-load", "Start"],
    ["exits-at-load", "Start"],
    ["silent", "StartTimeout"],
    ["other-protocol", "Version"]
  ] as ReadonlyArray<readonly [TestWorkers.Name, PoolError.Reason["_tag"]]>)(
    "fails with PoolError within startTimeout when the worker file is %s, and the program goes on: %s",
    ([name, tag]) =>
      Effect.gen(function*() {
        const threads = yield* Threads.watch
        const server = yield* LoopbackServer.make()
        const startedAt = performance.now()
        const error = yield* startErrorOf({
          worker: TestWorkers.spawn(name),
          startTimeout: "1500 millis",
          numWorkers: 2
        })
        expect(performance.now() - startedAt).toBeLessThan(1500 + grace)
        expect(PoolError.isPoolError(error) && error.reason._tag).toBe(tag)
        expect(error.message).not.toMatch(/undefined|\[object/)
        yield* within(grace, "no thread", () => threads.alive() === 0)
        expect(yield* using({ numWorkers: 1 })(FastGet.get(`${server.url}/next`))).toEqual({ path: "/next" })
      })
  )

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

  it.scopedLive("can be interrupted while a worker is silent", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const starting = yield* Effect.fork(
        startErrorOf({ worker: TestWorkers.spawn("silent"), startTimeout: "1 minute" })
      )
      yield* within(5000, "a thread", () => threads.alive() > 0)
      const startedAt = performance.now()
      const exit = yield* Fiber.interrupt(starting)
      expect(Exit.isInterrupted(exit)).toBe(true)
      yield* within(grace, "no thread", () => threads.alive() === 0)
      expect(performance.now() - startedAt).toBeLessThan(grace)
    }))
})

describe("a worker that ends in the middle of a chunk", () => {
  const heap = { resourceLimits: { maxOldGenerationSizeMb: 128 } }

  it.scopedLive.each(
    [
      ["exit", { cause: "exit", exitCode: 3 }],
      ["throw", { cause: "uncaught" }],
      ["heap", { cause: "out of memory" }]
    ] as const
  )(
    "by %s loses no entry and answers none twice; only the entry that ends workers is WorkerLost",
    ([death, lost]) =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const entries = Array.from(
          { length: 80 },
          (_, n) => [n, n === 40 ? `${server.url}/${death}` : `${server.url}/${n}`] as const
        )
        const results = yield* using({ numWorkers: 2, poolSubmitSize: 8, worker: TestWorkers.spawn("deadly", heap) })(
          Effect.gen(function*() {
            const results = yield* Stream.runCollect(FastGet.streamEither(entries))
            expect(yield* FastGet.get(`${server.url}/next`)).toEqual({ path: "/next" })
            return results
          })
        )
        expect(Chunk.toArray(results).map(([id]) => id).sort((a, b) => a - b)).toEqual(entries.map(([id]) => id))
        for (const [id, result] of results) {
          if (id === 40) expect(result).toMatchObject({ left: { id: 40, reason: { _tag: "WorkerLost", ...lost } } })
          else expect(result).toEqual(Either.right({ path: `/${id}` }))
        }
      }),
    30_000
  )

  it.scopedLive(
    "is told as a failure of the entry by the stream that stops at the first",
    () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const error = yield* using({ numWorkers: 1, worker: TestWorkers.spawn("deadly") })(
          Effect.flip(FastGet.get(`${server.url}/exit`))
        )
        expect(error).toMatchObject({ _tag: "FetchError", reason: { _tag: "WorkerLost", cause: "exit" } })
      }),
    30_000
  )
})
