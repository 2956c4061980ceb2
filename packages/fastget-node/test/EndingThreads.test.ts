/** Pools whose threads end, by themselves or by whoever is outside, and pools that close. */
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { FastGet, FetchMetrics, PoolError } from "fastget"
import type { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import { spawn as spawnProcess } from "node:child_process"
import { entriesOf, failuresOf, program, ready, spawned, using } from "./Losses.js"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

describe("a pool whose workers end", () => {
  it.scopedLive.each(["dies-when-ready", "dies-at-chunk"] as const)(
    "again and again, %s, without an answer fails with PoolError in bounded time",
    (name) =>
      Effect.gen(function*() {
        const threads = yield* Threads.watch
        const server = yield* LoopbackServer.make()
        const error = yield* Effect.flip(Stream.runDrain(FastGet.streamEither(entriesOf(server.url, 5000, {})))).pipe(
          using({ numWorkers: 2, worker: TestWorkers.spawn(name) })
        )
        expect(PoolError.isPoolError(error) && error.reason._tag).toBe("Lost")
        expect(threads.started()).toBeLessThanOrEqual(110)
        yield* within(1000, "no thread", () => threads.alive() === 0)
      }),
    120_000
  )

  it.scopedLive(
    "now and then, because someone terminates them, goes on, and holds no entry to blame",
    () =>
      Effect.gen(function*() {
        const { spawn, workers } = spawned("killing")
        const server = yield* LoopbackServer.make((request, response) => {
          setTimeout(() => LoopbackServer.echoPath(request, response), 5)
        })
        const killing = Effect.gen(function*() {
          yield* within(10_000, "both threads ready", () => ready() === 2)
          yield* Effect.sleep(100)
          void workers[0]!.terminate()
          yield* within(10_000, "the end of one", () => ready() < 2)
        })
        const [failures] = yield* Effect.all([
          failuresOf(server.url, 3000, { 1500: "exit" }),
          Effect.repeatN(killing, 2)
        ], { concurrency: "unbounded" }).pipe(using({ numWorkers: 2, connectionsPerOrigin: 8, worker: spawn }))
        expect(failures).toMatchObject({ 1500: { _tag: "WorkerLost", cause: "exit", exitCode: 3 } })
        expect(Object.keys(failures)).toEqual(["1500"])
      }),
    120_000
  )

  it.scopedLive("while nothing is asked of it goes on for ever", () =>
    Effect.gen(function*() {
      const { spawn, workers } = spawned("without-imports")
      const threads = yield* Threads.watch
      yield* Effect.gen(function*() {
        for (let n = 2; n < 14; n++) {
          yield* within(5000, "a thread", () => workers.length === 1)
          // Only when its greeting is over does it count as ready.
          yield* within(5000, "ready", () => ready() === 1)
          void workers[0]!.terminate()
          yield* within(5000, "its end", () => ready() === 0)
          yield* within(5000, "the next", () => threads.started() === n)
        }
      }).pipe(using({ numWorkers: 1, worker: spawn }))
    }), 120_000)

  it.scopedLive("says nothing of it in the log", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ message }) => void logged.push(message))
      const server = yield* LoopbackServer.make()
      const failures = yield* failuresOf(server.url, 4, { 2: "exit", 3: "throw" }).pipe(
        using({ numWorkers: 1, worker: TestWorkers.spawn("killing") }),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Logger.withMinimumLogLevel(LogLevel.Info)
      )
      expect(Object.keys(failures)).toEqual(["2", "3"])
      expect(logged).toEqual([])
    }))

  it.scopedLive("counts those that were replaced", () =>
    Effect.gen(function*() {
      const { spawn, workers } = spawned("killing")
      const before = Effect.runSync(Metric.value(FetchMetrics.restarts)).count
      const restarts = () => Effect.runSync(Metric.value(FetchMetrics.restarts)).count - before
      yield* Effect.gen(function*() {
        yield* within(5000, "two threads", () => ready() === 2)
        expect(restarts()).toBe(0)
        void workers[0]!.terminate()
        yield* within(5000, "the end of one", () => ready() === 1)
        yield* within(5000, "two threads again", () => ready() === 2)
        expect(restarts()).toBe(1)
      }).pipe(using({ numWorkers: 2, worker: spawn }))
      expect(ready()).toBe(0)
      expect(restarts()).toBe(1)
    }))
})

describe("a pool that closes", () => {
  const closing = (
    options: NodeFastGet.Options,
    path: string,
    isReached: (server: LoopbackServer.LoopbackServer) => boolean
  ) =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      const program = yield* Effect.fork(
        using(options)(
          Stream.runDrain(FastGet.streamEither(entriesOf(server.url, 4, { 0: path, 1: path, 2: path, 3: path })))
        )
      )
      yield* within(10_000, "the moment", () => isReached(server) && threads.alive() === 4)
      yield* Effect.sleep(100)
      const startedAt = Ticks.now()
      yield* Fiber.interrupt(program)
      expect(Ticks.now() - startedAt).toBeLessThan(1000)
      // The events of their ends may stand in the queue still.
      yield* within(50, "no thread", () => threads.alive() === 0)
      yield* within(1000, "no socket", () => server.openSockets() === 0)
    })

  it.scopedLive("ends all its threads within a second where they stand still", () =>
    closing({ numWorkers: 4, worker: TestWorkers.spawn("killing") }, "spin", (server) => server.requests() === 4))

  it.scopedLive("ends all its threads within a second where a decode can't be interrupted", () =>
    closing({ numWorkers: 4, worker: TestWorkers.spawn("killing") }, "stubborn", (server) => server.requests() === 4))

  it.scopedLive("ends all its threads within a second while they start, and one spins", () => {
    let count = 0
    const worker: NodeFastGet.Options["worker"] = (options) =>
      TestWorkers.spawn(count++ === 0 ? "spins-at-load" : "killing")(options)
    return closing({ numWorkers: 4, worker }, "plain", () => true)
  })

  it.scopedLive("lets the process end by itself, with a worker that stands still", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const ended = yield* Deferred.make<{ readonly code: number | null; readonly said: string }>()
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => spawnProcess(process.execPath, [program("interrupted"), `${server.url}/spin`])),
        (child) => Effect.sync(() => void child.kill("SIGKILL"))
      )
      let said = ""
      child.stdout.on("data", (data) => said += String(data))
      child.stderr.on("data", (data) => said += String(data))
      child.once("exit", (code) => Deferred.unsafeDone(ended, Effect.succeed({ code, said })))
      expect(yield* Ticks.ends(15_000, "the end of the process", Deferred.await(ended))).toEqual({
        code: 0,
        said: "interrupted\n"
      })
    }))
})
