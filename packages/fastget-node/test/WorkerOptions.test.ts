/**
 * What a layer says reaches the client that fetches, or the layer does not
 * start: however a worker file was started, and whatever client it brings.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type { PoolError } from "fastget"
import { FastGet, FastGetConfig, FetchPool } from "fastget"
import { NodeFastGet, NodeFetchPool, NodeGetClient } from "fastget-node"
import { LoopbackServer } from "loopback"
import { Worker, type WorkerOptions } from "node:worker_threads"
import * as TestWorkers from "./TestWorkers.js"

const layer = (options: NodeFastGet.Options) => NodeFastGet.layer({ numWorkers: 1, logLevel: "None", ...options })

/** Starts the worker whose client is called so, with data of the program's own beside the layer's. */
const client = (name: string): NodeFetchPool.Spawn => (options) =>
  TestWorkers.spawn("clients", { ...options, workerData: { ...options.workerData, client: name } })()

/** Why a layer did not start; a defect if it did. */
const refusal = (options: NodeFastGet.Options): Effect.Effect<PoolError.PoolError & { readonly lost: unknown }> =>
  Effect.map(Effect.exit(Effect.provide(FastGet.FastGet, layer(options))), (exit) => {
    const error = Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : undefined
    if (error?._tag !== "Some") throw new Error(`not refused: ${String(exit)}`)
    return Object.assign(error.value, { lost: error.value.reason._tag === "Options" ? error.value.reason.lost : [] })
  })

const denied = { allow: ["127.0.0.2"] }

/** Whether the guard is on: an entry of a private address is answered in no other way. */
const reasonOf = (url: string) =>
  Effect.map(Effect.flip(FastGet.get(url)), (error) => error._tag === "FetchError" ? error.reason : error)

describe("a worker file that is started without the options of its layer", () => {
  const file = TestWorkers.bundled("own-client")
  const ways: Readonly<Record<string, NodeFetchPool.Spawn>> = {
    "with none": () => new Worker(file, { execArgv: [] }),
    "with others": () => new Worker(file, { execArgv: [], env: { A: "1" } }),
    "with workerData in place of the layer's": (options) =>
      new Worker(file, { ...options, execArgv: [], workerData: { mine: 1 } }),
    "with workerData that is no object": (options) =>
      new Worker(file, { ...options, execArgv: [], workerData: "mine" }),
    "with some of the layer's": ({ workerData }) => {
      const { blackBox, connections } = workerData.fastget
      return new Worker(file, { execArgv: [], workerData: { fastget: { blackBox, connections } } })
    },
    "as the default worker": () => new Worker(new URL("../dist/worker.js", import.meta.url), { execArgv: [] })
  }

  it.scopedLive.each(Object.keys(ways))(
    "%s ends the layer's start, which says what to pass on",
    (way) =>
      Effect.gen(function*() {
        const plain = yield* refusal({ worker: ways[way]! })
        expect(plain._tag).toBe("PoolError")
        expect(plain.reason._tag).toBe("Options")
        expect(plain.message).toContain("worker: (options) => new Worker(file, options)")
        expect(plain.message).toContain("{ ...options, workerData: { ...options.workerData, mine } }")
        const guarded = yield* refusal({
          worker: ways[way]!,
          denyPrivate: true,
          client: { maxHeaderBytes: 1000, tls: { servername: "a.example" } }
        })
        expect(guarded.lost).toEqual(["denyPrivate", "client.maxHeaderBytes", "client.tls"])
        expect(guarded.message).toContain("would not keep denyPrivate, client.maxHeaderBytes, client.tls of its layer")
      }),
    120_000
  )

  it.scopedLive("is not used with the options of a thread before it", () =>
    Effect.gen(function*() {
      let first: WorkerOptions | undefined
      const worker: NodeFetchPool.Spawn = (options) =>
        first === undefined
          ? TestWorkers.spawn("silent", first = options)()
          : TestWorkers.spawn("own-client", first)()
      const error = yield* refusal({ numWorkers: 2, worker })
      expect(error.message).toContain("each time those it gets then")
    }), 120_000)

  it.scopedLive(
    "is not waited for: the layer fails although another thread never gets ready",
    () =>
      Effect.gen(function*() {
        let started = 0
        const worker: NodeFetchPool.Spawn = (options) =>
          started++ === 0 ? TestWorkers.spawn("own-client")() : TestWorkers.spawn("silent")(options)
        const error = yield* refusal({ numWorkers: 2, worker, startTimeout: "20 seconds" })
        expect(error.reason._tag).toBe("Options")
      }),
    120_000
  )
})

describe("a worker of one's own under a layer that denies private addresses", () => {
  const keeping = [
    "the default",
    "FastGet's with the options",
    "FastGet's as a layer, wrapped",
    "FastGet's, wrapped twice, with retries and a filter",
    "FastGet's behind an Effect",
    "FastGet's behind another URL",
    "FastGet's with its body read",
    "the default, wrapped in the program"
  ]

  it.scopedLive.each(keeping)("refuses them where its client is %s", (name) =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const reason = yield* Effect.provide(reasonOf(server.url), layer({ worker: client(name), denyPrivate: denied }))
      expect(reason).toMatchObject({ _tag: "Blocked", rule: "loopback" })
      expect(server.requests()).toBe(0)
    }), 120_000)

  const losing = [
    "fetch",
    "fetch, wrapped",
    "fetch with endless retries",
    "fetch in place of the default",
    "fetch, with FastGet's beside it",
    "undici",
    "node:http",
    "undici with endless retries",
    "one that throws",
    "FastGet's without the options",
    "FastGet's without the guard",
    "run in another runtime"
  ]

  it.scopedLive.each(losing)("does not start where its client is %s", (name) =>
    Effect.gen(function*() {
      const error = yield* refusal({ worker: client(name), denyPrivate: denied, startTimeout: "20 seconds" })
      expect(error.lost).toEqual(["denyPrivate"])
      expect(error.message).toContain("NodeGetClient.make(NodeFetchWorker.clientOptions())")
      expect(error.message).toContain(`keeps: ["denyPrivate"]`)
    }), 120_000)

  it.scopedLive("does not start without NodeFetchWorker.runMain, which the error names", () =>
    Effect.gen(function*() {
      const error = yield* refusal({ worker: TestWorkers.spawn("without-run-main"), denyPrivate: true })
      expect(error.lost).toEqual(["denyPrivate"])
      expect(error.message).toContain("NodeFetchWorker.runMain")
    }), 120_000)

  it.scopedLive("starts where the worker says that its client keeps it in another way", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const worker = client("fetch that says it keeps denyPrivate")
      expect(yield* Effect.provide(FastGet.get(`${server.url}/1`), layer({ worker, denyPrivate: denied })))
        .toEqual({ path: "/1" })
      const error = yield* refusal({ worker, denyPrivate: denied, client: { bodyTimeout: "1 second" } })
      expect(error.lost).toEqual(["client.bodyTimeout"])
    }), 120_000)
})

describe("a worker whose client is not FastGet's", () => {
  it.scopedLive("does not start where an option is given that only FastGet's keeps", () =>
    Effect.gen(function*() {
      const worker = client("fetch")
      const cases: ReadonlyArray<readonly [NodeFastGet.Options, lost: ReadonlyArray<string>]> = [
        [{ connectTimeout: "1 second" }, ["connectTimeout"]],
        [{ client: { proxyFromEnv: true } }, ["client.proxyFromEnv"]],
        [{ client: { tls: { servername: "a.example" } } }, ["client.tls"]],
        [{ client: { headersTimeout: "1 second", dnsTtl: 5 } }, ["client.headersTimeout", "client.dnsTtl"]]
      ]
      for (const [options, lost] of cases) expect((yield* refusal({ worker, ...options })).lost).toEqual(lost)
    }), 120_000)

  it.scopedLive("is used, and asked nothing, where no such option is given", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      for (const name of ["fetch", "one that throws", "FastGet's without the options"]) {
        const options = { worker: client(name), denyPrivate: false, client: { proxyFromEnv: false } }
        yield* Effect.provide(Effect.exit(FastGet.get(server.url)), layer(options))
      }
      expect(server.requests()).toBe(2)
    }), 120_000)
})

describe("a pool that was made of settings", () => {
  const settings = { ...FastGetConfig.defaults(1), denyPrivate: true, logLevel: FastGetConfig.defaults(1).logLevel }

  it.scopedLive("keeps denyPrivate, which they say, without a word of the client", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const made = Layer.provide(FastGet.layerPool(settings), NodeFetchPool.layer(settings))
      expect(yield* Effect.provide(reasonOf(server.url), made)).toMatchObject({ _tag: "Blocked" })
      expect(server.requests()).toBe(0)
    }), 120_000)

  it.scopedLive("and can't keep it is a defect of the layer and of its streams", () =>
    Effect.gen(function*() {
      const inProgram = Layer.provide(FetchPool.layerInProcess, NodeGetClient.layer())
      const unguarded = NodeFetchPool.layer(FastGetConfig.defaults(1))
      for (const pool of [inProgram, unguarded]) {
        const made = yield* Effect.exit(
          Effect.provide(FastGet.FastGet, Layer.provide(FastGet.layerPool(settings), pool))
        )
        expect(Exit.isFailure(made) && Cause.pretty(made.cause)).toContain(
          "denyPrivate can't be true: it takes false over"
        )
      }
      const service = FastGet.make(yield* Effect.provide(FetchPool.FetchPool, inProgram), settings)
      const got = yield* Effect.exit(
        FastGet.get("http://127.0.0.1:1/").pipe(Effect.provideService(FastGet.FastGet, service))
      )
      expect(Exit.isFailure(got) && Cause.pretty(got.cause)).toContain("denyPrivate can't be true")
    }), 120_000)
})
