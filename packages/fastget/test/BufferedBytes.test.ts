import * as ValueSize from "#internal/base/ValueSize"
import * as OriginTable from "#internal/traffic/OriginTable"
import * as Answers from "#internal/wire/Answers"
import type { WireBatch } from "#internal/wire/Batch"
import * as Batch from "#internal/wire/Batch"
import type { WireChunk } from "#internal/wire/Chunk"
import * as SharedBytes from "#internal/wire/SharedBytes"
import * as ChunkService from "#internal/worker/ChunkService"
import * as WorkerTraffic from "#internal/worker/WorkerTraffic"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it, vi } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Outcome } from "fastget"
import { FastGet, FastGetConfig, FetchPool, FetchWorker } from "fastget"
import { Ticks } from "loopback"
import * as FakeHttpClient from "./FakeHttpClient.js"
import * as Gates from "./Gates.js"

const unit = 64

/** Looks until the condition holds; a defect if it does not soon. */
const until = (condition: () => boolean): Effect.Effect<void> => {
  const look: Effect.Effect<void> = Effect.suspend(() => condition() ? Effect.void : Effect.delay(look, 1))
  return Ticks.ends(5000, "the condition", look)
}

describe("the count of a run", () => {
  it("is spent from its limit on, over all chunks, until some is taken", () => {
    const count = SharedBytes.make(10 * unit)
    const [a, b] = [count.chunk(), count.chunk()].map((wire) => SharedBytes.join(1, wire)) as [
      SharedBytes.Share,
      SharedBytes.Share
    ]
    a.add(5)
    b.add(4)
    expect([count.isSpent(), a.isSpent(), b.isSpent()]).toEqual([false, false, false])
    b.add(1)
    expect([count.isSpent(), a.isSpent(), b.isSpent()]).toEqual([true, true, true])
    count.take(1)
    expect([count.isSpent(), a.isSpent(), b.isSpent()]).toEqual([false, false, false])
    expect(count.held()).toBe(9)
  })

  it("is shared with a thread that gets a clone of it", () => {
    const count = SharedBytes.make(10 * unit)
    const wire = count.chunk()
    SharedBytes.join(1, structuredClone(wire)).add(10)
    expect(count.isSpent()).toBe(true)
    expect(SharedBytes.close(wire, 4)).toBe(6)
    // What comes too late does not count.
    const before = count.held()
    SharedBytes.join(1, wire).add(3)
    expect(count.held()).toBe(before)
    expect(SharedBytes.close(wire, 4)).toBe(0)
  })

  it("is spent for ever once the run is drained, in every thread, whatever is taken", () => {
    const count = SharedBytes.make(10 * unit)
    const wire = structuredClone(count.chunk())
    const share = SharedBytes.join(1, wire)
    share.add(12)
    expect([count.isDrained(), share.isDrained()]).toEqual([false, false])
    count.drain()
    count.take(12)
    expect([count.isSpent(), share.isSpent(), count.isDrained(), share.isDrained()]).toEqual([true, true, true, true])
    expect(count.held()).toBe(0)
  })

  it("works where there is no shared memory", () => {
    const shared = globalThis.SharedArrayBuffer
    Reflect.deleteProperty(globalThis, "SharedArrayBuffer")
    try {
      const count = SharedBytes.make(unit)
      SharedBytes.join(1, count.chunk()).add(1)
      expect(count.isSpent()).toBe(true)
    } finally {
      Object.assign(globalThis, { SharedArrayBuffer: shared })
    }
  })

  it("tells who listens when it becomes free, and only then", () => {
    const count = SharedBytes.make(2 * unit)
    const share = SharedBytes.join(1, count.chunk())
    let freed = 0
    const stop = share.onFree(() => freed++)
    share.add(1)
    count.take(1)
    expect(freed).toBe(0)
    share.add(4)
    count.take(1)
    expect(freed).toBe(0)
    count.take(2)
    count.take(1)
    expect(freed).toBe(1)
    stop()
    share.add(2)
    count.take(2)
    expect(freed).toBe(1)
  })

  it("reaches beyond 2 GiB", () => {
    const count = SharedBytes.make(2 ** 36)
    const share = SharedBytes.join(1, count.chunk())
    for (let n = 0; n < 32; n++) share.add(SharedBytes.unitsOf(2 ** 31 - 1))
    expect(count.held() * unit).toBe(2 ** 36)
    expect(count.isSpent()).toBe(true)
    count.take(1)
    expect(count.isSpent()).toBe(false)
  })
})

describe("the size of a value", () => {
  it.each<[string, unknown, number]>([
    ["a number", 1, 1],
    ["text", "x".repeat(1000), 1000],
    ["an array", Array.from({ length: 100 }, () => 1), 800],
    ["an object in an object", { a: { b: "x".repeat(500) } }, 500],
    ["a view", new Uint8Array(4000), 4000],
    ["a buffer", new ArrayBuffer(4000), 4000],
    ["a map", new Map([["a", "x".repeat(300)]]), 300],
    ["a set", new Set(["x".repeat(300)]), 300]
  ])("counts %s", (_, value, least) => {
    expect(ValueSize.estimate(value)).toBeGreaterThanOrEqual(least)
    expect(ValueSize.estimate(value)).toBeLessThan(least * 1.1 + 200)
  })

  it("ends for a value that contains itself, and for one that is nested deeply", () => {
    const circle: Array<unknown> = []
    circle.push(circle)
    expect(ValueSize.estimate(circle)).toBeLessThan(200)
    let deep: unknown = 1
    for (let n = 0; n < 100_000; n++) deep = [deep]
    expect(ValueSize.estimate(deep)).toBeGreaterThan(100_000)
  })
})

describe("a run whose bytes are spent", () => {
  const makeRun = (run: number) => {
    const count = SharedBytes.make(unit)
    return { ...count, share: SharedBytes.join(run, count.chunk()) }
  }

  it("is passed over at the gate, and another gets the place", () => {
    const gate = Gates.make(1)
    const [a, b] = [makeRun(1), makeRun(2)]
    const started: Array<string> = []
    const enter = (name: string, { share }: typeof a) => gate.acquire("http://a", share, () => started.push(name))
    enter("a1", a)
    enter("a2", a)
    enter("b1", b)
    a.share.add(1)
    gate.release("http://a")
    expect(started).toEqual(["a1", "b1"])
    gate.release("http://a")
    enter("a3", a)
    enter("b2", b)
    expect(started).toEqual(["a1", "b1", "b2"])
    gate.release("http://a")
    a.take(1)
    expect(started).toEqual(["a1", "b1", "b2", "a2"])
    gate.release("http://a")
    expect(started).toEqual(["a1", "b1", "b2", "a2", "a3"])
  })

  it("is served again when it is free, at every origin, in turn", () => {
    const gate = Gates.make(1)
    const a = makeRun(1)
    const started: Array<string> = []
    a.share.add(1)
    for (const name of ["1", "2", "1", "2"]) {
      gate.acquire(`http://${name}`, a.share, () => {
        started.push(name)
        a.share.add(1)
      })
    }
    expect(started).toEqual([])
    a.take(1)
    expect(started).toEqual(["1"])
    gate.release("http://1")
    a.take(1)
    expect(started).toEqual(["1", "2"])
    gate.release("http://2")
    a.take(1)
    a.take(1)
    expect(started).toEqual(["1", "2", "1", "2"])
  })

  it.live("is served again soon where the count lies with another thread", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const count = SharedBytes.make(unit)
      // What a thread gets: the same memory, and no one to call back.
      const share = SharedBytes.join(1, structuredClone(count.chunk()))
      const started = yield* Deferred.make<void>()
      share.add(1)
      gate.acquire("http://a", share, () => Deferred.unsafeDone(started, Effect.void))
      count.take(1)
      yield* Ticks.ends(1000, "the start", Deferred.await(started))
    }))

  it("keeps a timer only while an entry of it waits", () => {
    vi.useFakeTimers()
    try {
      const gate = Gates.make(1)
      const a = makeRun(1)
      a.share.add(1)
      const tickets = ["1", "2", "2"].map((name) => gate.acquire(`http://${name}`, a.share, () => {}))
      expect(vi.getTimerCount()).toBe(1)
      vi.advanceTimersByTime(100)
      expect(vi.getTimerCount()).toBe(1)
      for (const ticket of tickets) ticket?.cancel()
      expect(vi.getTimerCount()).toBe(0)
      gate.acquire("http://1", a.share, () => {})
      expect(vi.getTimerCount()).toBe(1)
      a.take(1)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

/** FastGet over a pool, with the counts of its runs. */
const watched = <R>(pool: Layer.Layer<FetchPool.FetchPool, never, R>, options: FastGetConfig.LayerOptions) => {
  const counts = new Set<Int32Array>()
  const watch = (worker: FetchPool.PoolWorker): FetchPool.PoolWorker => ({
    ...worker,
    execute: (chunk) => {
      counts.add(chunk.buffered.held)
      return worker.execute(chunk)
    }
  })
  const service = Effect.gen(function*() {
    const { workers, ...pool } = yield* FetchPool.FetchPool
    const settings = yield* FastGetConfig.resolve({ logLevel: "None", ...options }, FastGetConfig.defaults(1))
    return FastGet.make({ ...pool, workers: workers.map(watch) }, settings)
  })
  return {
    layer: Layer.provide(Layer.effect(FastGet.FastGet, Effect.orDie(service)), pool),
    held: () => [...counts].map((count) => Atomics.load(count, 0))
  }
}

const inProcess = (client: HttpClient.HttpClient, connectionsPerOrigin = 64) =>
  Layer.provide(
    FetchPool.layerInProcessWith({ ...FastGetConfig.defaults(1), connectionsPerOrigin }),
    Layer.succeed(HttpClient.HttpClient, client)
  )

const poolOf = (execute: FetchPool.PoolWorker["execute"]) =>
  Layer.succeed(FetchPool.FetchPool, { workers: [{ ready: Effect.void, execute }], isYoung: () => false })

const entries = (count: number, path = "") =>
  Array.from({ length: count }, (_, n) => [n, `http://a/${path}${n}`] as const)

const kilobyte = "x".repeat(1022)

describe("a stream with a slow consumer", () => {
  it.live("holds its limit and a body for each connection, and no more: by first requests, retries and redirects", () =>
    Effect.gen(function*() {
      const limit = 4096
      const asked = new Map<string, number>()
      let most = 0
      const client = FakeHttpClient.make((_, { pathname }) => {
        const times = (asked.get(pathname) ?? 0) + 1
        asked.set(pathname, times)
        if (pathname.startsWith("/busy") && times === 1) return new Response("", { status: 503 })
        if (pathname.startsWith("/moved")) {
          return new Response("", { status: 302, headers: { location: "/a" + pathname } })
        }
        return FakeHttpClient.json(kilobyte)
      })
      const run = watched(inProcess(client, 3), {
        maxBufferedBytes: limit,
        connectionsPerOrigin: 3,
        retry: { times: 1, base: 1 }
      })
      const ids: Array<number> = []
      let spent = 0
      const all = [...entries(60), ...entries(60, "busy"), ...entries(60, "moved")].map(([, url], n) =>
        [n, url] as const
      )
      yield* FastGet.outcomes(all).pipe(
        Stream.runForEach(({ id, result }) => {
          const held = unit * Math.max(...run.held())
          most = Math.max(most, held)
          if (held >= limit) spent++
          expect(result).toMatchObject({ _tag: "Right" })
          return Effect.delay(Effect.sync(() => ids.push(id)), 1)
        }),
        Effect.provide(run.layer)
      )
      expect(ids.sort((a, b) => a - b)).toEqual(all.map(([id]) => id))
      expect(most).toBeLessThanOrEqual(limit + 4 * 1024)
      expect(spent).toBeGreaterThan(30)
      expect(run.held()).toEqual([0])
    }))

  it.live("times out no entry, however long the consumer stands still", () =>
    Effect.gen(function*() {
      const run = watched(inProcess(FakeHttpClient.make(() => FakeHttpClient.json(kilobyte)), 2), {
        maxBufferedBytes: 2048,
        connectionsPerOrigin: 2,
        timeout: "1 second"
      })
      const outcomes = yield* FastGet.outcomes(entries(20)).pipe(
        Stream.tap(({ id }) => id === 0 ? Effect.sleep(1300) : Effect.void),
        Stream.runCollect,
        Effect.provide(run.layer)
      )
      expect(outcomes.length).toBe(20)
      for (const { attempts, elapsed, result } of outcomes) {
        expect(result).toMatchObject({ _tag: "Right" })
        expect(attempts).toBe(1)
        expect(Duration.toMillis(elapsed)).toBeLessThan(1000)
      }
      expect(run.held()).toEqual([0])
    }))

  it.live("holds back no other stream of the same worker, at the same origin", () =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make(() => FakeHttpClient.json(kilobyte))
      const run = watched(inProcess(client, 1), { maxBufferedBytes: 2048, connectionsPerOrigin: 1 })
      yield* Effect.gen(function*() {
        const go = yield* Deferred.make<void>()
        const stalled = yield* FastGet.stream(entries(50)).pipe(
          Stream.tap(() => Deferred.await(go)),
          Stream.runCount,
          Effect.fork
        )
        yield* until(() => run.held().some((held) => held * unit >= 2048))
        expect(yield* Stream.runCount(FastGet.stream(entries(50)))).toBe(50)
        yield* Deferred.succeed(go, undefined)
        expect(yield* Fiber.join(stalled)).toBe(50)
      }).pipe(Effect.provide(run.layer))
      expect(run.held()).toEqual([0, 0])
    }))

  it.live("is served when its consumer takes little: one byte is enough to hold", () =>
    Effect.gen(function*() {
      const run = watched(inProcess(FakeHttpClient.echoPath), { maxBufferedBytes: 1 })
      expect(yield* Effect.provide(Stream.runCount(FastGet.stream(entries(300))), run.layer)).toBe(300)
      expect(run.held()).toEqual([0])
    }))

  it.live("counts a body while something is made of it", () =>
    Effect.gen(function*() {
      let requests = 0
      const go = yield* Deferred.make<void>()
      const client = FakeHttpClient.make(() => {
        requests++
        return FakeHttpClient.json(kilobyte)
      })
      const limits = { ...FastGetConfig.defaults(1), connectionsPerOrigin: 2 }
      const table = OriginTable.make({ threads: 1, inAll: 10, isShared: false })
      const decode = () => Effect.as(Deferred.await(go), 1)
      const execute = ChunkService.make(client, { decode }, undefined, () => WorkerTraffic.over(limits, table, 1))
      const run = watched(poolOf(execute), { maxBufferedBytes: 4096 })
      const count = yield* Effect.fork(Effect.provide(Stream.runCount(FastGet.stream(entries(50))), run.layer))
      yield* until(() => run.held().some((held) => held * unit >= 4096))
      yield* Effect.sleep(20)
      expect(requests).toBeLessThanOrEqual(6)
      yield* Deferred.succeed(go, undefined)
      expect(yield* Fiber.join(count)).toBe(50)
      expect(requests).toBe(50)
      expect(run.held()).toEqual([0])
    }))

  it.live("gets back what is lost with a worker, and what comes twice", () =>
    Effect.gen(function*() {
      let losses = 0
      // Each chunk counts all its bodies and is lost with most of them, until it is of one entry.
      const execute = (
        { buffered, runId, urls }: WireChunk
      ): Stream.Stream<WireBatch, FetchPool.WorkerLost> => {
        const share = SharedBytes.join(runId, buffered)
        const answer = (index: number): readonly [number, Outcome.Answer] => [index, {
          ...Answers.unanswered({ _tag: "EmptyBody", status: 200 }),
          result: { _tag: "Body", body: new TextEncoder().encode("1") },
          held: 3
        }]
        const send = (...indices: ReadonlyArray<number>) => Batch.pack(indices.map(answer), 0)
        share.add(3 * (urls.length + 1))
        if (urls.length === 1) return Stream.make(send(0, 0))
        losses++
        return Stream.concat(Stream.make(send(0)), Stream.fail({ _tag: "WorkerLost", cause: "exit", exitCode: 1 }))
      }
      const run = watched(poolOf(execute), { maxBufferedBytes: 40 * unit })
      expect(yield* Effect.provide(Stream.runCount(FastGet.stream(entries(100))), run.layer)).toBe(100)
      expect(losses).toBeGreaterThan(30)
      expect(run.held()).toEqual([0])
    }))

  it.live("steps aside for an entry that must be alone in its worker", () =>
    Effect.gen(function*() {
      const serve = FetchWorker.make(FakeHttpClient.make(() => FakeHttpClient.json(kilobyte)))
      let losses = 0
      const execute = (chunk: WireChunk): Stream.Stream<WireBatch, FetchPool.WorkerLost> =>
        chunk.urls.some((url) => url.includes("suspect")) && losses++ === 0
          ? Stream.fail({ _tag: "WorkerLost", cause: "exit", exitCode: 1 })
          : serve(chunk)
      const run = watched(poolOf(execute), { maxBufferedBytes: 20_000, connectionsPerOrigin: 1 })
      yield* Effect.gen(function*() {
        const go = yield* Deferred.make<void>()
        const stalled = yield* FastGet.streamEither(entries(100)).pipe(
          Stream.tap(() => Deferred.await(go)),
          Stream.runCollect,
          Effect.fork
        )
        yield* until(() => run.held().some((held) => held * unit >= 20_000))
        const other = FastGet.stream([["s", "http://a/suspect"]] as const)
        expect(yield* Ticks.ends(3000, "the other stream", Stream.runCount(other))).toBe(1)
        expect(losses).toBe(2)
        yield* Deferred.succeed(go, undefined)
        const ends = yield* Fiber.join(stalled)
        expect([...ends].map(([id]) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n))
        expect([...ends].every(([, result]) => result._tag === "Right")).toBe(true)
      }).pipe(Effect.provide(run.layer))
      expect(run.held()).toEqual([0, 0])
    }))
})
