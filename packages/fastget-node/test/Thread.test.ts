import * as Heartbeat from "#internal/threads/Heartbeat"
import * as Thread from "#internal/threads/Thread"
import * as NodeWorker from "@effect/platform-node/NodeWorker"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FastGetConfig from "fastget/FastGetConfig"
import type { WireChunk } from "fastget/FetchPool"
import type { KeptOptions } from "fastget/platform/KeptOptions"
import * as PoolTraffic from "fastget/platform/PoolTraffic"
import { FaultServer, LoopbackServer } from "loopback"
import type * as WorkerThreads from "node:worker_threads"
import * as SharedBytes from "../../fastget/dist/internal/wire/SharedBytes.js"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

interface Options {
  readonly mustKeep?: KeptOptions
  readonly startTimeout?: number
  readonly stuckTimeout?: number
  readonly told?: string
}

/** A thread with this file, and the platform's handle of it. */
const start = (
  name: TestWorkers.Name,
  { mustKeep = {}, startTimeout = 30_000, stuckTimeout = 30_000, told }: Options = {}
) =>
  Effect.gen(function*() {
    let worker: WorkerThreads.Worker | undefined
    const thread = yield* Thread.start({
      mustKeep,
      traffic: PoolTraffic.make(FastGetConfig.defaults(1), 1, true).forThread(1),
      startTimeout,
      stuckTimeout,
      spawn: (box, number) => {
        const beatEvery = Heartbeat.interval(stuckTimeout)
        const data = { told: told ?? number, blackBox: box.memory, beatEvery, dnsTtl: 5000 }
        return worker = TestWorkers.spawn(name)({ workerData: { fastget: data } })
      }
    })
    return { thread, worker: worker! }
  }).pipe(Effect.provide(NodeWorker.layerManager))

const chunkOf = (...urls: ReadonlyArray<string>): WireChunk => ({
  runId: 0,
  as: "json",
  withHeaders: false,
  quick: true,
  drainable: false,
  settings: {
    timeout: 30_000,
    deadline: Infinity,
    retry: { times: 0, base: 1, cap: 1, budget: Infinity },
    headers: {},
    maxRedirects: 0,
    maxBodyBytes: 1000,
    emptyBody: "fail",
    decodeTimeout: 30_000
  },
  buffered: SharedBytes.make(2 ** 20).chunk(),
  urls
})

/** How many answers a chunk has, or how it failed. */
const countOf = (thread: Thread.Thread, ...urls: ReadonlyArray<string>) =>
  Effect.merge(Stream.runFold(thread.execute(chunkOf(...urls)), 0, (sum, { count }) => sum + count))

describe("a thread", () => {
  it.scopedLive("greets, answers its chunks, and ends with its scope", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      const scope = yield* Scope.make()
      const { thread } = yield* Scope.extend(start("thread-id"), scope)
      expect(thread.hasAnswered()).toBe(false)
      expect(yield* countOf(thread, `${server.url}/1`, `${server.url}/2`, "no URL")).toBe(3)
      expect([thread.hasAnswered(), threads.alive()]).toEqual([true, 1])
      yield* Scope.close(scope, Exit.void)
      expect(yield* thread.end).toMatchObject({ cause: "exit", exitCode: 0 })
      yield* within(5000, "no thread", () => threads.alive() === 0)
    }))

  it.scopedLive("tells each chunk how it ended and which entry did it, and every later one that it never came", () =>
    Effect.gen(function*() {
      const faults = yield* FaultServer.make
      const { thread } = yield* start("killing")
      const beside = yield* Effect.fork(countOf(thread, `${faults.url}/silent`))
      yield* within(20_000, "the request", () => faults.requests("/silent") === 1)
      expect(yield* countOf(thread, `${faults.url}/ok/1`, `${faults.url}/exit`))
        .toEqual({ _tag: "WorkerLost", cause: "exit", exitCode: 3, blame: 1 })
      expect(yield* Fiber.join(beside)).toMatchObject({ _tag: "WorkerLost", cause: "exit", blame: "elsewhere" })
      expect(yield* thread.end).toMatchObject({ cause: "exit", exitCode: 3 })
      expect(yield* countOf(thread, `${faults.url}/ok`)).toBe(Thread.neverSent)
    }))

  it.scopedLive("is terminated where it stands still for stuckTimeout", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      const { thread } = yield* start("killing", { stuckTimeout: 500 })
      expect(yield* countOf(thread, `${server.url}/spin`)).toEqual({ _tag: "WorkerLost", cause: "stuck", blame: 0 })
      expect(threads.alive()).toBe(0)
    }))

  it.scopedLive("that someone terminates is nobody's fault", () =>
    Effect.gen(function*() {
      const faults = yield* FaultServer.make
      const { thread, worker } = yield* start("thread-id")
      const chunk = yield* Effect.fork(countOf(thread, `${faults.url}/silent`))
      yield* within(20_000, "the request", () => faults.requests("/silent") === 1)
      void worker.terminate()
      expect(yield* Fiber.join(chunk)).toMatchObject({ _tag: "WorkerLost", cause: "exit", blame: "elsewhere" })
      expect(yield* thread.end).toMatchObject({ by: "outside" })
    }))

  it.scopedLive.each<[what: string, name: TestWorkers.Name, options: Options, reason: object]>([
    ["throws", "throws-at-load", {}, { _tag: "Start", detail: "broken at load" }],
    ["exits", "exits-at-load", {}, { _tag: "Start", detail: "the worker ended with exit code 7" }],
    ["says nothing", "silent", { startTimeout: 200 }, { _tag: "StartTimeout", limit: 200 }],
    ["speaks another version", "other-protocol", {}, { _tag: "Version", actual: "999" }],
    ["keeps not what it must", "thread-id", { mustKeep: { dnsTtl: 5 } }, { _tag: "Options", lost: ["client.dnsTtl"] }],
    ["has the options of another", "wrapped", { mustKeep: { dnsTtl: 5000 }, told: "0" }, { _tag: "Options" }]
  ])("is not used, and leaves nothing, where it %s", ([, name, options, reason]) =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      expect(yield* Effect.flip(start(name, options))).toMatchObject({ _tag: "PoolError", reason })
      // Its scope is open yet.
      yield* within(5000, "no thread", () => threads.alive() === 0)
    }))
})
