import { describe, expect } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { FastGetConfig, Outcome } from "fastget"
import { FastGet } from "fastget"
import type { NodeFastGet } from "fastget-node"
import { Limit, LimitingServer, LoopbackServer } from "loopback"
import type { Worker } from "node:worker_threads"
import { within } from "../Within.js"
import * as Law from "./Law.js"
import * as Measure from "./Measure.js"
import * as Servers from "./Servers.js"

/** In the quick suite there are fewer entries. */
const isQuick = Measure.repeats === 0

type Pool = Context.Context<FastGet.FastGet>

type Outcomes = ReadonlyArray<Outcome.Outcome<number, unknown>>

const entriesOf = (urls: ReadonlyArray<string>, count: number) =>
  Array.from({ length: count }, (_, n) => [n, `${urls[n % urls.length]}/${n}`] as const)

/** Every outcome of some entries, each of which has one. */
const outcomesOf = (
  pool: Pool,
  entries: ReadonlyArray<readonly [number, string]>,
  options: FastGet.OutcomesOptions = {}
): Effect.Effect<Outcomes, unknown> =>
  Effect.map(Effect.provide(Stream.runCollect(FastGet.outcomes(entries, options)), pool), (chunk) => {
    const outcomes = [...chunk]
    Law.once(entries.map(([id]) => id), outcomes.map(({ id }) => id))
    return outcomes
  })

/** How many came to what: their own answer, or a reason. */
const counts = (outcomes: Outcomes): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { result, url } of outcomes) {
    const name = Either.isLeft(result) ? result.left.reason._tag : "success"
    if (Either.isRight(result)) expect(result.right).toEqual({ path: new URL(url).pathname })
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

const next = (pool: Pool, url: string) =>
  Effect.map(Effect.provide(FastGet.get(`${url}/next`), pool), (json) => expect(json).toEqual({ path: "/next" }))

/** The ways of a request: quick and general in threads, and without threads. */
const paths: ReadonlyArray<{
  readonly path: string
  readonly options: FastGetConfig.StreamOptions
  readonly pool: (law: Law.Law, options: NodeFastGet.Options) => Effect.Effect<Pool, unknown>
}> = [
  { path: "quick", options: {}, pool: (law, options) => law.pool({ numWorkers: 2, ...options }) },
  { path: "general", options: { fastPath: false }, pool: (law, options) => law.pool({ numWorkers: 2, ...options }) },
  { path: "without threads", options: {}, pool: (law, options) => law.inProcess(options) }
]

/** Does the same on every path at once. */
const onEachPath = (
  body: (way: { readonly path: string; readonly options: FastGetConfig.StreamOptions }, pool: Pool) => Effect.Effect<
    void,
    unknown
  >,
  law: Law.Law,
  options: NodeFastGet.Options = {}
) =>
  Effect.forEach(
    paths,
    (way) => Effect.flatMap(way.pool(law, options), (pool) => body(way, pool)),
    { concurrency: "unbounded", discard: true }
  )

/** Refuses all until it is let go, and tells how often it did. */
const makeRefusing = (law: Law.Law, retryAfter: string | undefined) =>
  Effect.gen(function*() {
    const state = { isClosed: true, refused: 0 }
    const server = yield* law.serve(LoopbackServer.make((request, response) => {
      if (!state.isClosed) return LoopbackServer.echoPath(request, response)
      state.refused++
      response.writeHead(429, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end()
    }))
    return { state, server }
  })

const refusedOnce = (state: { readonly refused: number }) => within(10_000, "a refusal", () => state.refused > 0)

describe("a server that admits so many requests a second", () => {
  Law.test("61: and tells when to come again by seconds, a date, headers, or not, gets all entries answered", (law) => {
    const count = isQuick ? 80 : 200
    const each = (pool: Pool, options: FastGetConfig.StreamOptions) => (tells: LimitingServer.Tells) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LimitingServer.make({ limit: Limit.bucket(200, 40), tells }))
        const outcomes = yield* outcomesOf(pool, entriesOf([server.url], count), {
          ...options,
          // What costs an attempt fails.
          retry: { times: 0 }
        })
        expect([tells, counts(outcomes)]).toEqual([tells, { success: count }])
        expect(new Set(outcomes.map(({ attempts }) => attempts))).toEqual(new Set([1]))
        expect(server.admitted()).toBe(count)
        // Eight at once are refused when the gate closes, and that happens a few times at most.
        expect(server.refused()).toBeLessThanOrEqual(0.3 * count)
        yield* next(pool, server.url)
      })
    return Effect.zipRight(
      onEachPath(
        ({ options }, pool) =>
          Effect.forEach(["seconds", "date", "headers", "none"] as const, each(pool, options), {
            concurrency: "unbounded",
            discard: true
          }),
        law,
        { connectionsPerOrigin: 8 }
      ),
      Effect.sync(() => law.report({ outcomes: "success", repeats: 12 * count }))
    )
  })

  Law.test("61: with 503 and a Retry-After, as some do, gets all of its entries answered", (law) =>
    onEachPath(
      ({ options }, pool) =>
        Effect.gen(function*() {
          const limit = Limit.slidingWindow(40, 500)
          const server = yield* law.serve(LimitingServer.make({ limit, tells: "seconds", status: 503 }))
          const outcomes = yield* outcomesOf(pool, entriesOf([server.url], 80), { ...options, retry: { times: 0 } })
          expect(counts(outcomes)).toEqual({ success: 80 })
          expect(server.refused()).toBeLessThanOrEqual(40)
        }),
      law,
      { connectionsPerOrigin: 8 }
    ))

  Law.test("62: with that rate set refuses nothing: over all threads no more are sent than it says", (law) =>
    onEachPath(
      ({ options, path }, pool) =>
        Effect.gen(function*() {
          const limit = Limit.bucket(5 / 3600, 5)
          const server = yield* law.serve(LimitingServer.make({ limit, tells: "seconds" }))
          const other = yield* law.serve(LoopbackServer.make())
          const waiting = yield* Effect.fork(outcomesOf(pool, entriesOf([server.url], 100), options))
          yield* within(10_000, "five requests", () => server.requests() === 5)
          // Meanwhile others would have been sent.
          yield* outcomesOf(pool, entriesOf([other.url], 5), options)
          yield* Fiber.interrupt(waiting)
          expect([path, server.admitted(), server.refused()]).toEqual([path, 5, 0])
        }),
      law,
      { rate: { requests: 5, per: "1 hour", burst: 5 } }
    ))
})

describe("connections", () => {
  Law.test("63: are one to an origin with connectionsPerOrigin: 1, by the server's count, idle ones included", (law) =>
    Effect.gen(function*() {
      const pool = yield* law.pool({ numWorkers: 4, connectionsPerOrigin: 1 })
      const servers = yield* Effect.replicateEffect(law.serve(LoopbackServer.make()), 3)
      const urls = servers.map(({ url }) => url)
      for (const fastPath of [true, false]) {
        expect(counts(yield* outcomesOf(pool, entriesOf(urls, 150), { fastPath }))).toEqual({ success: 150 })
      }
      expect(servers.map(({ mostSockets, requests }) => [mostSockets(), requests()])).toEqual([
        [1, 100],
        [1, 100],
        [1, 100]
      ])
      law.report({ outcomes: "success", repeats: 300 })
    }))
})

describe("hosts where nobody answers", () => {
  const typed = new Set(["Connect", "Timeout", "OriginDown"])

  Law.test("64: which refuse connections or never answer, cost typed failures, and the others are answered", (law) =>
    Effect.gen(function*() {
      const ports = [yield* Servers.closedPort]
      // Windows has no SIGSTOP.
      if (process.platform !== "win32") ports.push(yield* law.owned(Servers.fullPort))
      const dead = ports.map((port) => `http://127.0.0.1:${port}`)
      const count = 150
      yield* onEachPath(
        ({ options }, pool) =>
          Effect.gen(function*() {
            const server = yield* law.serve(LoopbackServer.make())
            const urls = [server.url, ...dead]
            const outcomes = yield* outcomesOf(pool, entriesOf(urls, urls.length * count), options)
            const ofLive = outcomes.filter(({ url }) => url.startsWith(`${server.url}/`))
            expect(counts(ofLive)).toEqual({ success: count })
            const reasons = Object.keys(counts(outcomes.filter((outcome) => !ofLive.includes(outcome))))
            expect(reasons.filter((reason) => !typed.has(reason))).toEqual([])
            // None of it was asked for once more.
            expect(server.requests()).toBe(count)
          }),
        law,
        { connectTimeout: "300 millis" }
      )
      law.report({ outcomes: "Connect, Timeout, OriginDown, success", repeats: 3 * count })
    }))
})

describe("while an origin is closed", () => {
  Law.test("65: a thread that is terminated costs no entry, and none is answered twice", (law) =>
    Effect.gen(function*() {
      const alive = new Set<Worker>()
      const pool = yield* law.pool({
        numWorkers: 2,
        worker: (options) => {
          const thread = Law.smallWorker(options)
          alive.add(thread)
          thread.once("exit", () => alive.delete(thread))
          return thread
        }
      })
      for (const fastPath of [true, false]) {
        const { server, state } = yield* makeRefusing(law, "1")
        const run = yield* Effect.fork(outcomesOf(pool, entriesOf([server.url], 300), { fastPath }))
        yield* refusedOnce(state)
        yield* Effect.promise(() => [...alive][0]!.terminate())
        state.isClosed = false
        expect(counts(yield* Fiber.join(run))).toEqual({ success: 300 })
        // All connections at once were refused at worst, by each of the threads that were there.
        expect(state.refused).toBeLessThanOrEqual(2 * 64)
        yield* next(pool, server.url)
      }
      law.report({ outcomes: "success", repeats: 600 })
    }))

  Law.test("66: a stream that is interrupted ends at once, and sends nothing any more", (law) =>
    onEachPath(
      ({ options }, pool) =>
        Effect.gen(function*() {
          const { server, state } = yield* makeRefusing(law, "1")
          const other = yield* law.serve(LoopbackServer.make())
          const run = yield* Effect.fork(outcomesOf(pool, entriesOf([server.url, other.url], 400), options))
          yield* refusedOnce(state)
          yield* Law.inTime(0, Fiber.interrupt(run))
          yield* within(Law.grace, "no request is left", () => server.unanswered() + other.unanswered() === 0)
          // What was sent before has arrived when these are answered, by the same threads.
          yield* outcomesOf(pool, entriesOf([other.url], 40), options)
          const before = server.requests()
          state.isClosed = false
          // Waits until the origin opens: what was interrupted does not come before it, nor with it.
          yield* next(pool, server.url)
          expect(server.requests()).toBe(before + 1)
        }),
      law
    ))

  Law.test("67: a stream that is drained ends, and what has its outcome has it once", (law) =>
    onEachPath(
      ({ options }, pool) =>
        Effect.gen(function*() {
          const { server, state } = yield* makeRefusing(law, "60")
          const other = yield* law.serve(LoopbackServer.make())
          const drain = yield* Deferred.make<void>()
          const entries = entriesOf([server.url, other.url], 400)
          const ids: Array<number> = []
          const run = yield* FastGet.outcomes(entries, { ...options, drain: Deferred.await(drain) }).pipe(
            Stream.runForEach(({ id }) => Effect.sync(() => ids.push(id))),
            Effect.provide(pool),
            Effect.fork
          )
          yield* refusedOnce(state)
          yield* within(10_000, "the others", () => other.requests() > 0)
          yield* Deferred.succeed(drain, undefined)
          yield* Law.inTime(1000, Fiber.join(run))
          Law.atMostOnce(entries.map(([id]) => id), ids)
          // What the other origin has answered is there, all of it.
          expect(ids.filter((id) => id % 2 === 1).length).toBe(other.requests())
          yield* next(pool, other.url)
        }),
      law
    ))

  Law.test("68: its entries fail with their Status after retry.times where throttle is false", (law) =>
    onEachPath(
      ({ options }, pool) =>
        Effect.gen(function*() {
          const { server, state } = yield* makeRefusing(law, "0")
          const retry = { times: 2, base: "1 millis", cap: "1 millis", budget: "unbounded" } as const
          const outcomes = yield* outcomesOf(pool, entriesOf([server.url], 100), { ...options, retry })
          expect(counts(outcomes)).toEqual({ Status: 100 })
          expect(new Set(outcomes.map(({ attempts }) => attempts))).toEqual(new Set([3]))
          expect(state.refused).toBe(300)
          state.isClosed = false
          yield* next(pool, server.url)
        }),
      law,
      { throttle: false }
    ))

  Law.test("69: its entries fail with the Status that they got when nothing was admitted for giveUpAfter", (law) =>
    onEachPath(
      ({ options }, pool) =>
        Effect.gen(function*() {
          const { server, state } = yield* makeRefusing(law, undefined)
          const outcomes = yield* outcomesOf(pool, entriesOf([server.url], 200), options)
          expect(counts(outcomes)).toEqual({ Status: 200 })
          for (const { result } of outcomes) {
            expect(Either.isLeft(result) && result.left.reason).toMatchObject({ _tag: "Status", status: 429 })
          }
          // The first that were sent at once, and single ones after them.
          expect(state.refused).toBeLessThanOrEqual(64 + 10)
        }),
      law,
      { throttle: { giveUpAfter: "1 second" } }
    ))
})
