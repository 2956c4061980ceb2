import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { FastGet, FetchMetrics, PoolError } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import { spawn as spawnProcess } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Worker } from "node:worker_threads"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

/** Runs an effect while a layer is open. */
const using = (options: NodeFastGet.Options) =>
  Effect.provide(NodeFastGet.layer({ logLevel: "None", retry: { times: 0 }, ...options }))

const smallHeap = { resourceLimits: { maxOldGenerationSizeMb: 64 } }

/** Entries by number; those of `special` have a path of their own. */
const entriesOf = (url: string, count: number, special: Readonly<Record<number, string>>) =>
  Array.from({ length: count }, (_, n) => [n, `${url}/${special[n] ?? n}`] as const)

/** The failures by id, once it is sure that each id came once and the others with their answer. */
const failuresOf = (url: string, count: number, special: Readonly<Record<number, string>>) =>
  Effect.map(Stream.runCollect(FastGet.streamEither(entriesOf(url, count, special))), (results) => {
    expect([...results].map(([id]) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n))
    return Object.fromEntries([...results].flatMap(([id, result]) => {
      if (Either.isLeft(result)) return [[id, result.left.reason]]
      if (special[id] === undefined) expect(result.right).toBe(`/${id}`)
      return []
    }))
  })

/** Threads this process starts, to be ended from outside. */
const spawned = (name: TestWorkers.Name) => {
  const workers: Array<Worker> = []
  return {
    workers,
    spawn: (options: Parameters<NodeFastGet.Options["worker"] & {}>[0]) => {
      const worker = TestWorkers.spawn(name)(options)
      workers.push(worker)
      worker.once("exit", () => workers.splice(workers.indexOf(worker), 1))
      return worker
    }
  }
}

/** Blocks this thread. */
const standStill = (millis: number) => {
  const until = performance.now() + millis
  while (performance.now() < until);
}

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

describe("a worker that stands still", () => {
  it.scopedLive(
    "outside of any entry's code is found by halves, and costs nothing but its entry",
    () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const failures = yield* failuresOf(server.url, 8, { 5: "timer-spin" }).pipe(
          using({ numWorkers: 1, stuckTimeout: "400 millis", worker: TestWorkers.spawn("killing") })
        )
        expect(failures).toEqual({ 5: { _tag: "WorkerLost", cause: "stuck" } })
      }),
    120_000
  )
})

describe("a worker that does not stand still", () => {
  const unharmed = (special: Readonly<Record<number, string>>, handler?: LoopbackServer.Handler) =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make(handler)
      const failures = yield* failuresOf(server.url, 30, special).pipe(
        using({ numWorkers: 1, stuckTimeout: "600 millis", worker: TestWorkers.spawn("killing") })
      )
      expect(failures).toEqual({})
      expect(threads.started()).toBe(1)
    })

  it.scopedLive("is left alone while servers are slow", () =>
    unharmed({}, (request, response) => {
      setTimeout(() => LoopbackServer.echoPath(request, response), request.url === "/7" ? 1500 : 0)
    }))

  it.scopedLive("is left alone while an Effect of its decode waits", () => unharmed({ 7: "long" }))

  it.scopedLive("is left alone while it decodes body after body, each within the time", () =>
    unharmed(Object.fromEntries(Array.from({ length: 10 }, (_, n) => [n, "busy"]))))

  it.scopedLive("is left alone while this thread stands still", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      yield* Effect.gen(function*() {
        expect(yield* FastGet.get(`${server.url}/1`)).toBe("/1")
        for (let n = 0; n < 3; n++) {
          standStill(900)
          yield* Effect.sleep(50)
        }
        expect(yield* FastGet.get(`${server.url}/2`)).toBe("/2")
      }).pipe(using({ numWorkers: 1, stuckTimeout: "600 millis", worker: TestWorkers.spawn("killing") }))
      expect(threads.started()).toBe(1)
    }))

  it.scopedLive("is left alone where it never beats", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      yield* Effect.gen(function*() {
        expect(yield* FastGet.get(`${server.url}/1`)).toEqual({ path: "/1" })
        yield* Effect.sleep(500)
        expect(yield* FastGet.get(`${server.url}/2`)).toEqual({ path: "/2" })
      }).pipe(using({ numWorkers: 1, stuckTimeout: "100 millis", worker: TestWorkers.spawn("without-run-main") }))
      expect(threads.started()).toBe(1)
    }))
})

describe("a process that was stopped", () => {
  it.scopedLive("accuses no worker when it goes on", () =>
    Effect.gen(function*() {
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => spawnProcess(process.execPath, [program("stopped")])),
        (child) => Effect.sync(() => void child.kill("SIGKILL"))
      )
      let said = ""
      child.stdout.on("data", (data) => said += String(data))
      yield* within(10_000, "the first answer", () => said.includes("answered"))
      child.kill("SIGSTOP")
      yield* Effect.sleep(1500)
      child.kill("SIGCONT")
      yield* within(5000, "the second answer", () => said.includes("again"))
      expect(said).toBe("answered\nagain, threads: 1\n")
    }))
})

describe("a decode", () => {
  const decoded =
    (options: NodeFastGet.Options, streamOptions: FastGet.WithoutSchema = {}) => (paths: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const threads = yield* Threads.watch
        const server = yield* LoopbackServer.make()
        const entries = paths.map((path) => [path, `${server.url}/${path}`] as const)
        const results = yield* Stream.runCollect(FastGet.streamEither(entries, streamOptions)).pipe(
          using({ numWorkers: 1, worker: TestWorkers.spawn("killing"), ...options })
        )
        expect(threads.started()).toBe(1)
        expect(results.length).toBe(paths.length)
        return Object.fromEntries([...results].map(([path, result]) => [path, Either.merge(result)]))
      })

  it.scopedLive("that takes longer than decodeTimeout is its entry's Decode error, also where it can't be interrupted", () =>
    Effect.gen(function*() {
      const results = yield* decoded({ decodeTimeout: "600 millis" })(["never", "stubborn", "wait", "long", "plain"])
      const timeout = {
        reason: { _tag: "Decode", problem: "timeout", where: "no value within 600 ms" },
        retryable: false
      }
      expect(results).toMatchObject({
        never: timeout,
        stubborn: timeout,
        long: timeout,
        wait: "waited",
        plain: "/plain"
      })
    }))

  it.scopedLive("may take as long as the stream says", () =>
    Effect.gen(function*() {
      const results = yield* decoded({ decodeTimeout: "600 millis" }, { decodeTimeout: "5 seconds" })(["long"])
      expect(results).toEqual({ long: "long" })
    }))

  it.scopedLive("that interrupts itself, or gives what is another thing each time, harms nobody", () =>
    Effect.gen(function*() {
      const results = yield* decoded({})(["interrupt", "getters", "plain"])
      expect(results).toMatchObject({
        interrupt: { reason: { _tag: "Decode", problem: "thrown", where: "decode was interrupted" } },
        getters: { n: 1 },
        plain: "/plain"
      })
    }))
})

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

const ready = () => Effect.runSync(Metric.value(FetchMetrics.workers)).value

const program = (name: string) => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url))

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
