import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet, FastGetConfig, FetchPool } from "fastget"
import { NodeFetchPool } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

const unit = 64
const limit = 256 * 1024
const bodyBytes = 16 * 1024
const empty = JSON.stringify({ path: "/json", text: "" })
const json = JSON.stringify({ path: "/json", text: "x".repeat(bodyBytes - empty.length) })

const large: LoopbackServer.Handler = (_, response) => {
  response.writeHead(200, { "content-length": bodyBytes })
  response.end(json)
}

/** FastGet over threads, with the counts of its runs. */
const watched = (options: FastGetConfig.LayerOptions, spawn?: NodeFetchPool.Spawn) => {
  const counts = new Set<Int32Array>()
  const watch = (worker: FetchPool.PoolWorker): FetchPool.PoolWorker => ({
    ...worker,
    execute: (chunk) => {
      counts.add(chunk.buffered.held)
      return worker.execute(chunk)
    }
  })
  const layer = Layer.unwrapEffect(Effect.gen(function*() {
    const given = { maxBufferedBytes: limit, logLevel: "None", numWorkers: 2, ...options } as const
    const settings = yield* Effect.orDie(FastGetConfig.resolve(given, FastGetConfig.defaults(2)))
    const service = Effect.map(
      FetchPool.FetchPool,
      ({ workers, ...pool }) => FastGet.make({ ...pool, workers: workers.map(watch) }, settings)
    )
    return Layer.provide(Layer.effect(FastGet.FastGet, service), NodeFetchPool.layer(settings, spawn))
  }))
  const held = () => [...counts].map((count) => unit * Atomics.load(count, 0))
  return { layer, held, isStalled: () => held().some((bytes) => bytes >= limit) }
}

const entries = function*(url: string, count: number): Generator<readonly [number, string]> {
  for (let n = 0; n < count; n++) yield [n, `${url}/${n}`]
}

const idsOf = (count: number) => Array.from({ length: count }, (_, n) => n)

const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b)

/** A stream whose consumer stands still from its first result on, until it may go. */
const stalled = (url: string, count: number, options: FastGetConfig.StreamOptions = {}) =>
  Effect.gen(function*() {
    const go = yield* Deferred.make<void>()
    const fiber = yield* FastGet.outcomes(entries(url, count), options).pipe(
      Stream.tap(() => Deferred.await(go)),
      Stream.runCollect,
      Effect.fork
    )
    return { go: Deferred.succeed(go, undefined), fiber }
  })

describe.each([["quick", true], ["general", false]] as const)("a stream with a slow consumer, on the %s path", (
  _,
  fastPath
) => {
  it.scopedLive("begins no request beyond its bytes, and ends when the consumer goes on", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(large)
      const run = watched({ fastPath })
      yield* Effect.gen(function*() {
        const { fiber, go } = yield* stalled(server.url, 2000)
        yield* within(10_000, "a stall", run.isStalled)
        yield* Effect.sleep(200)
        // What the bytes allow, one for each connection, one more that its place goes to, and the batch that was taken.
        expect(server.requests()).toBeLessThanOrEqual(limit / bodyBytes + 2 * 64 + 16)
        yield* go
        const outcomes = yield* Fiber.join(fiber)
        expect(sorted([...outcomes].map(({ id }) => id))).toEqual(idsOf(2000))
        expect([...outcomes].every(({ result }) => result._tag === "Right")).toBe(true)
      }).pipe(Effect.provide(run.layer))
      expect(server.requests()).toBe(2000)
      expect(run.held()).toEqual([0])
    }))

  it.scopedLive("has no time-out, however long the consumer stands still", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(large)
      const run = watched({ fastPath, timeout: "1500 millis", retry: { times: 0 } })
      yield* Effect.gen(function*() {
        const { fiber, go } = yield* stalled(server.url, 500)
        yield* within(10_000, "a stall", run.isStalled)
        yield* Effect.sleep(2000)
        yield* go
        for (const { attempts, elapsed, result } of yield* Fiber.join(fiber)) {
          expect(result._tag).toBe("Right")
          expect(attempts).toBe(1)
          expect(Duration.toMillis(elapsed)).toBeLessThan(1500)
        }
      }).pipe(Effect.provide(run.layer))
    }))

  it.scopedLive("holds back no other stream on the same pool and the same connections", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(large)
      const run = watched({ fastPath, connectionsPerOrigin: 2 })
      yield* Effect.gen(function*() {
        const { fiber, go } = yield* stalled(server.url, 500)
        yield* within(10_000, "a stall", run.isStalled)
        const others = yield* Effect.forEach(
          [300, 1, 40],
          (count) => Stream.runCount(FastGet.stream(entries(server.url, count))),
          { concurrency: "unbounded" }
        )
        expect(others).toEqual([300, 1, 40])
        expect(run.isStalled()).toBe(true)
        yield* go
        expect((yield* Fiber.join(fiber)).length).toBe(500)
      }).pipe(Effect.provide(run.layer))
      expect(run.held()).toEqual([0, 0, 0, 0])
    }))
})

/** Threads whose worker is the default one, and which a test may end. */
const makeThreads = () => {
  const threads = new Set<Worker>()
  let ended = 0
  const spawn: NodeFetchPool.Spawn = (options) => {
    const worker = new Worker(createRequire(import.meta.url).resolve("fastget-node/worker"), {
      ...options,
      execArgv: []
    })
    threads.add(worker)
    worker.once("exit", () => threads.delete(worker))
    return worker
  }
  const end = Effect.promise(() => {
    ended += threads.size
    return Promise.all([...threads].map((thread) => thread.terminate()))
  })
  return { spawn, end, ended: () => ended }
}

describe("a stream whose bytes are spent", () => {
  it.scopedLive("loses no entry and no byte with threads that end", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(large)
      const threads = makeThreads()
      const run = watched({}, threads.spawn)
      yield* Effect.gen(function*() {
        const { fiber, go } = yield* stalled(server.url, 1000)
        yield* within(10_000, "a stall", run.isStalled)
        yield* threads.end
        yield* go
        // And again and again while bodies are under way.
        let before = server.requests()
        while (threads.ended() < 8) {
          yield* within(10_000, "more requests", () => server.requests() > before + 20)
          before = server.requests()
          yield* threads.end
        }
        const outcomes = yield* Fiber.join(fiber)
        expect(sorted([...outcomes].map(({ id }) => id))).toEqual(idsOf(1000))
        expect([...outcomes].every(({ result }) => result._tag === "Right")).toBe(true)
      }).pipe(Effect.provide(run.layer))
      expect(run.held()).toEqual([0])
    }), 120_000)

  it.scopedLive("is interrupted within a second, and leaves no socket and no thread", () =>
    Effect.gen(function*() {
      const alive = yield* Threads.watch
      const server = yield* LoopbackServer.make(large)
      const run = watched({})
      const program = yield* Effect.fork(Effect.provide(
        Effect.flatMap(stalled(server.url, 1000), ({ fiber }) => Fiber.join(fiber)),
        run.layer
      ))
      yield* within(10_000, "a stall", run.isStalled)
      const startedAt = Ticks.now()
      yield* Fiber.interrupt(program)
      yield* within(1000, "no open socket", () => server.openSockets() === 0)
      yield* within(1000, "no thread", () => alive.alive() === 0)
      expect(Ticks.now() - startedAt).toBeLessThan(1000)
    }))

  it.scopedLive("ends early where only ten of a million are wanted, and the next one runs", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(large)
      const run = watched({ maxBufferedBytes: bodyBytes })
      yield* Effect.gen(function*() {
        const million = FastGet.stream(entries(server.url, 1_000_000))
        expect((yield* Stream.runCollect(Stream.take(million, 10))).length).toBe(10)
        expect(yield* Stream.runCount(FastGet.stream(entries(server.url, 50)))).toBe(50)
      }).pipe(Effect.provide(run.layer))
      expect(run.held()[1]).toBe(0)
    }))

  it.scopedLive("counts values a worker of one's own makes", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(large)
      const run = watched({}, (options) => TestWorkers.spawn("decoding", options)())
      yield* Effect.gen(function*() {
        const { fiber, go } = yield* stalled(server.url, 1000)
        yield* within(10_000, "a stall", run.isStalled)
        yield* go
        expect((yield* Fiber.join(fiber)).length).toBe(1000)
      }).pipe(Effect.provide(run.layer))
      expect(run.held()).toEqual([0])
    }))
})

describe("a consumer a hundred times slower than the network", () => {
  const megabyte = Buffer.from(JSON.stringify("x".repeat(2 ** 20 - 2)))
  const MiB = 2 ** 20

  /** The peak of a process that takes 400 bodies of 1 MiB, one each 10 ms. */
  const peakOf = (maxBufferedBytes: number) =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((_, response) => {
        response.writeHead(200, { "content-length": megabyte.length })
        response.end(megabyte)
      })
      const program = fileURLToPath(new URL("./programs/slow-consumer.mjs", import.meta.url))
      const args = [program, server.url, String(maxBufferedBytes), "400", "10"]
      const output = yield* Effect.async<string>((resume) => {
        const child = execFile(process.execPath, args, (error, stdout) =>
          resume(error === null ? Effect.succeed(stdout) : Effect.die(error)))
        return Effect.sync(() =>
          void child.kill("SIGKILL")
        )
      })
      const { rss, taken } = JSON.parse(output) as { readonly rss: number; readonly taken: number }
      yield* Effect.logInfo(`peak RSS ${Math.round(rss / MiB)} MiB after ${server.requests()} requests`)
      expect(taken).toBe(400)
      return { rss, requests: server.requests() }
    })

  it.scopedLive("takes maxBufferedBytes of memory and 250 MB", () =>
    Effect.gen(function*() {
      const bounded = yield* peakOf(64 * MiB)
      expect(bounded.rss).toBeLessThan(64 * MiB + 250e6)
    }), 120_000)
})
