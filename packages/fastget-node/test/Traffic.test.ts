import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { FetchPool } from "fastget"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import type { Worker } from "node:worker_threads"
import * as ClientServers from "./ClientServers.js"
import * as TestWorkers from "./TestWorkers.js"
import { within } from "./Within.js"

const layer = (options: NodeFastGet.Options = {}) => NodeFastGet.layer({ logLevel: "None", numWorkers: 4, ...options })

const entriesOf = (urls: ReadonlyArray<string>, count: number) =>
  Array.from({ length: count }, (_, n) => [n, `${urls[n % urls.length]}/${n}`] as const)

const after = (millis: number): LoopbackServer.Handler => (request, response) =>
  void setTimeout(() => LoopbackServer.echoPath(request, response), millis)

/** How many entries succeeded. */
const successes = (entries: Iterable<readonly [number, string]>, options: FastGet.OutcomesOptions = {}) =>
  Stream.runFold(FastGet.outcomes(entries, options), 0, (sum, { result }) => sum + (Either.isRight(result) ? 1 : 0))

/** Refuses with 429 while it says so, and tells how many it refused. */
const makeRefusing = (retryAfter: string) => {
  const state = { isClosed: true, refused: 0, asked: 0 }
  const handler: LoopbackServer.Handler = (request, response) => {
    state.asked++
    if (!state.isClosed) return LoopbackServer.echoPath(request, response)
    state.refused++
    response.writeHead(429, { "retry-after": retryAfter }).end()
  }
  return { state, handler }
}

/** Keeps the threads that a layer starts. */
const makeThreads = () => {
  const alive = new Set<Worker>()
  const worker: NonNullable<NodeFastGet.Options["worker"]> = (options) => {
    const thread = TestWorkers.spawn("killing")(options)
    alive.add(thread)
    thread.once("exit", () => alive.delete(thread))
    return thread
  }
  return { alive, worker }
}

describe("connections", () => {
  it.scopedLive("are one to each origin for all threads with connectionsPerOrigin: 1, idle ones included", () =>
    Effect.gen(function*() {
      const servers = yield* Effect.replicateEffect(LoopbackServer.make(after(2)), 3)
      const urls = servers.map(({ url }) => url)
      for (let round = 0; round < 2; round++) {
        expect(yield* successes(entriesOf(urls, 300))).toBe(300)
      }
      expect(servers.map(({ mostSockets }) => mostSockets())).toEqual([1, 1, 1])
      expect(servers.map(({ requests }) => requests())).toEqual([200, 200, 200])
      // Of 200 requests each. A connection that were handed on after one or two of them would cost more than they do.
      for (const { allSockets } of servers) expect(allSockets()).toBeLessThan(40)
    }).pipe(Effect.provide(layer({ connectionsPerOrigin: 1 }))))

  it.scopedLive("through a proxy are one to each origin for all threads with connectionsPerOrigin: 1, too", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(after(2))
      const proxy = yield* ClientServers.makeProxy(Number(new URL(server.url).port))
      yield* ClientServers.processEnvironment("HTTP_PROXY", proxy.url)
      yield* Effect.provide(
        Effect.gen(function*() {
          for (let round = 0; round < 2; round++) {
            expect(yield* successes(entriesOf(["http://a.example"], 200))).toBe(200)
          }
        }),
        layer({ connectionsPerOrigin: 1, client: { proxyFromEnv: true } })
      )
      expect([server.mostSockets(), server.requests()]).toEqual([1, 400])
    }))

  it.scopedLive("go to the thread that has entries: none idles in one while an entry waits in another", () =>
    Effect.gen(function*() {
      const held: Array<() => void> = []
      const server = yield* LoopbackServer.make((request, response) =>
        void held.push(() => LoopbackServer.echoPath(request, response))
      )
      // All threads have had their connections by then.
      const first = yield* Effect.fork(successes(entriesOf([server.url], 100)))
      yield* within(10_000, "all connections in use", () => held.length === 8)
      const releasing = setInterval(() => held.splice(0).forEach((answer) => answer()), 1)
      expect(yield* Fiber.join(first)).toBe(100)
      clearInterval(releasing)
      // One chunk after another: a run of one entry goes to one thread, and eight of them to any.
      const gets = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 16 }), (_, n) => FastGet.get(`${server.url}/${n}`), {
          concurrency: "unbounded"
        })
      )
      yield* within(10_000, "all connections in use again", () => held.length === 8)
      yield* Effect.sleep(50)
      expect(held.length).toBe(8)
      const again = setInterval(() => held.splice(0).forEach((answer) => answer()), 1)
      expect((yield* Fiber.join(gets)).length).toBe(16)
      clearInterval(again)
      expect(server.mostSockets()).toBe(8)
    }).pipe(Effect.provide(layer({ connectionsPerOrigin: 8 }))))

  it.scopedLive("to all origins are maxConnections for all threads, and each origin gets some", () =>
    Effect.gen(function*() {
      let open = 0
      let most = 0
      const servers = yield* Effect.replicateEffect(LoopbackServer.make(after(1)), 12)
      const urls = servers.map(({ url }) => url)
      const watching = setInterval(() => {
        open = servers.reduce((sum, { unanswered }) => sum + unanswered(), 0)
        most = Math.max(most, open)
      }, 1)
      expect(yield* successes(entriesOf(urls, 600))).toBe(600)
      clearInterval(watching)
      expect(most).toBeLessThanOrEqual(6)
      for (const { mostSockets } of servers) expect(mostSockets()).toBeLessThanOrEqual(4)
    }).pipe(Effect.provide(layer({ connectionsPerOrigin: 4, maxConnections: 6 }))))

  it.scopedLive("of a thread that was terminated come back to the others", () =>
    Effect.gen(function*() {
      const { alive, worker } = makeThreads()
      const silent = yield* LoopbackServer.make(() => {})
      const server = yield* LoopbackServer.make(after(1))
      yield* Effect.gen(function*() {
        for (let round = 0; round < 3; round++) {
          const hanging = yield* Effect.fork(successes(entriesOf([silent.url], 40)))
          yield* within(10_000, "all connections in use", () => silent.unanswered() === 4)
          for (const thread of alive) void thread.terminate()
          yield* Fiber.interrupt(hanging)
          expect(yield* successes(entriesOf([server.url, silent.url].slice(0, 1), 100))).toBe(100)
        }
        const last = yield* Effect.fork(successes(entriesOf([silent.url], 40)))
        yield* within(10_000, "all connections in use again", () => silent.unanswered() === 4)
        yield* Fiber.interrupt(last)
      }).pipe(Effect.provide(layer({ connectionsPerOrigin: 4, numWorkers: 2, worker })))
      expect([server.mostSockets() <= 4, silent.mostSockets() <= 4]).toEqual([true, true])
    }))
})

describe("an origin whose requests hang", () => {
  it.scopedLive("does not keep the entries of others from being sent", () =>
    Effect.gen(function*() {
      const silent = yield* LoopbackServer.make(() => {})
      const server = yield* LoopbackServer.make()
      const run = yield* Effect.fork(successes(entriesOf([server.url, silent.url], 1600)))
      yield* within(20_000, "all of the other", () => server.requests() === 800)
      expect(silent.requests()).toBeLessThanOrEqual(8)
      yield* Fiber.interrupt(run)
    }).pipe(Effect.provide(layer({ connectionsPerOrigin: 8, numWorkers: 2 }))))
})

describe("an origin that refuses", () => {
  it.scopedLive("is closed for all threads, and nobody fails: what it sent back is asked for again", () =>
    Effect.gen(function*() {
      const { handler, state } = makeRefusing("1")
      const server = yield* LoopbackServer.make(handler)
      const other = yield* LoopbackServer.make()
      const run = yield* Effect.fork(successes(entriesOf([server.url], 500)))
      yield* within(10_000, "a refusal", () => state.refused > 0)
      // Another origin is not slowed.
      expect(yield* successes(entriesOf([other.url], 500))).toBe(500)
      state.isClosed = false
      expect(yield* Fiber.join(run)).toBe(500)
      expect(state.refused).toBeLessThanOrEqual(64)
      expect(server.requests()).toBe(500 + state.refused)
    }).pipe(Effect.provide(layer())))

  it.scopedLive("tells in outcomes one attempt for what was sent back, and no retry is spent for it", () =>
    Effect.gen(function*() {
      const { handler, state } = makeRefusing("1")
      const server = yield* LoopbackServer.make(handler)
      const run = yield* Effect.fork(
        Stream.runCollect(FastGet.outcomes(entriesOf([server.url], 20), { retry: { times: 0 }, timeout: "500 millis" }))
      )
      yield* within(10_000, "a refusal", () => state.refused > 0)
      state.isClosed = false
      const outcomes = [...yield* Fiber.join(run)]
      expect(outcomes.map(({ attempts }) => attempts)).toEqual(outcomes.map(() => 1))
      expect(outcomes.every(({ result }) => Either.isRight(result))).toBe(true)
    }).pipe(Effect.provide(layer())))

  it.scopedLive("is waited for by the threads that are left when one is terminated, and by the next one", () =>
    Effect.gen(function*() {
      const { alive, worker } = makeThreads()
      const { handler, state } = makeRefusing("2")
      const server = yield* LoopbackServer.make(handler)
      yield* Effect.gen(function*() {
        const run = yield* Effect.fork(Stream.runCollect(FastGet.outcomes(entriesOf([server.url], 300))))
        yield* within(10_000, "a refusal", () => state.refused > 0)
        const before = state.asked
        yield* Effect.promise(() => [...alive][0]!.terminate())
        state.isClosed = false
        const ids = [...yield* Fiber.join(run)].map(({ id, result }) => Either.isRight(result) ? id : `${id} failed`)
        expect(ids.length).toBe(300)
        expect(new Set(ids)).toEqual(new Set(Array.from({ length: 300 }, (_, n) => n)))
        expect(state.asked).toBeGreaterThanOrEqual(before)
      }).pipe(Effect.provide(layer({ numWorkers: 2, worker })))
    }))

  it.scopedLive("lets a run end that is interrupted or drained while it is closed, and tells what it knows", () =>
    Effect.gen(function*() {
      const { handler, state } = makeRefusing("60")
      const server = yield* LoopbackServer.make(handler)
      const interrupted = yield* Effect.fork(successes(entriesOf([server.url], 300)))
      yield* within(10_000, "a refusal", () => state.refused > 0)
      const drain = yield* Deferred.make<void>()
      const drained = yield* Effect.fork(successes(entriesOf([server.url], 300), { drain: Deferred.await(drain) }))
      let told: ReadonlyArray<FetchPool.OriginTraffic> = []
      yield* Effect.forkScoped(
        Effect.forever(Effect.delay(Effect.map(FastGet.traffic, (traffic) => void (told = traffic)), 10))
      )
      yield* within(10_000, "entries to wait", () => told.length === 1 && told[0]!.waiting > 0)
      const [traffic] = told
      expect(traffic).toMatchObject({ origin: server.url, downSince: undefined })
      expect(traffic!.askedFor).toBeGreaterThanOrEqual(60_000)
      expect(traffic!.opensIn).toBeGreaterThan(30_000)
      expect(traffic!.waiting).toBeGreaterThan(0)
      yield* Fiber.interrupt(interrupted)
      yield* Deferred.succeed(drain, undefined)
      expect(yield* Fiber.join(drained)).toBe(0)
      expect(state.refused).toBeLessThanOrEqual(64)
    }).pipe(Effect.provide(layer())))
})

describe("an origin that nothing answers", () => {
  it.scopedLive("ends its entries unasked after a while, with a reason of their own", () =>
    Effect.gen(function*() {
      const outcomes = yield* Stream.runCollect(
        FastGet.outcomes(entriesOf(["http://127.0.0.1:9"], 2000), {
          retry: { base: "300 millis", budget: "unbounded" }
        })
      )
      const reasons = [...outcomes].map(({ result }) => Either.isLeft(result) ? result.left.reason : undefined)
      expect(reasons.length).toBe(2000)
      const down = reasons.filter((reason) => reason?._tag === "OriginDown")
      expect(down.length).toBeGreaterThan(0)
      expect(down[0]).toMatchObject({ last: { _tag: "Connect" } })
    }).pipe(Effect.provide(layer())))
})

describe("streams", () => {
  it.scopedLive("on one origin share it fairly, and one at another origin is not slowed", () =>
    Effect.gen(function*() {
      // So slow that neither waits for its own consumer, nor for the thread that sends its chunks, where that is busy.
      const server = yield* LoopbackServer.make(after(40))
      const other = yield* LoopbackServer.make()
      const counts = { a: 0, b: 0 }
      const count = (name: "a" | "b") =>
        Effect.fork(
          Stream.runForEach(
            FastGet.stream(entriesOf([`${server.url}/${name}`], 700)),
            () => Effect.sync(() => counts[name]++)
          )
        )
      const runs = [yield* count("a"), yield* count("b")]
      yield* within(10_000, "both to run", () => counts.a > 50 && counts.b > 50)
      const before = { ...counts }
      expect(yield* successes(entriesOf([other.url], 1000))).toBe(1000)
      yield* within(40_000, "one of them half done", () => counts.a > 350 || counts.b > 350)
      const [a, b] = [counts.a - before.a, counts.b - before.b]
      expect(Math.min(a, b) / (a + b)).toBeGreaterThanOrEqual(0.4)
      yield* Effect.forEach(runs, Fiber.join)
    }).pipe(Effect.provide(layer({ connectionsPerOrigin: 8 }))))
})
