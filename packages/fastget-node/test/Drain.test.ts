/**
 * Runs that are drained: what is under way comes to its outcome, and nothing
 * else does. The server holds its answers back until it is let go.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import type { Entry, FastGetConfig, FetchError } from "fastget"
import { FastGet, FetchMetrics } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import type { Worker } from "node:worker_threads"
import * as TestWorkers from "./TestWorkers.js"
import { within } from "./Within.js"

/** A server that keeps its answers until `letGo`, and knows what it was asked for. */
const makeServer = (answer: LoopbackServer.Handler = LoopbackServer.echoPath) =>
  Effect.gen(function*() {
    const asked: Array<number> = []
    const held: Array<() => void> = []
    let isOpen = false
    const server = yield* LoopbackServer.make((request, response) => {
      asked.push(Number(/\d+$/.exec(request.url!)![0]))
      if (isOpen) answer(request, response)
      else held.push(() => answer(request, response))
    })
    const letGo = Effect.sync(() => {
      isOpen = true
      for (const one of held.splice(0)) one()
    })
    return { ...server, asked, held: () => held.length, letGo }
  })

const entriesOf = (url: string, count: number) => Array.from({ length: count }, (_, n) => [n, `${url}/${n}`] as const)

/** A run in the background, what came of it so far, and how to drain it. */
const start = <E = never>(
  entries: Entry.Entries<number, E>,
  options: FastGetConfig.StreamOptions = {},
  consumer: Effect.Effect<void> = Effect.void
) =>
  Effect.gen(function*() {
    const drain = yield* Deferred.make<void>()
    const ids: Array<number> = []
    const reasons: Array<FetchError.Reason> = []
    const outcomes = FastGet.outcomes(entries, { ...options, withHeaders: false, drain: Deferred.await(drain) })
    const fiber = yield* Effect.fork(Stream.runForEach(outcomes, ({ id, result }) =>
      Effect.suspend(() => {
        ids.push(id)
        if (result._tag === "Left") reasons.push(result.left.reason)
        return consumer
      })))
    return {
      ids,
      reasons,
      fiber,
      /** The drain is known everywhere when it is done. */
      drain: Effect.zipRight(Deferred.succeed(drain, undefined), Effect.sleep(0)),
      isOver: () => fiber.unsafePoll() !== null,
      end: Ticks.ends(2000, "the end of the run", Fiber.join(fiber))
    }
  })

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b)

/** That nothing is left behind: the gauges of entries are as before. */
const leavesNothing = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const gauges = Effect.all([Metric.value(FetchMetrics.inFlight), Metric.value(FetchMetrics.queue)])
    const before = yield* gauges
    const result = yield* effect
    expect(yield* gauges).toEqual(before)
    return result
  })

const threads = (options: NodeFastGet.Options = {}) =>
  NodeFastGet.layer({ logLevel: "None", numWorkers: 2, ...options })

const inProcess = (options: FastGetConfig.InProcessOptions = {}) =>
  Layer.provide(FastGet.layer({ logLevel: "None", ...options }), FetchHttpClient.layer)

describe.each<[string, (options?: FastGetConfig.InProcessOptions) => Layer.Layer<FastGet.FastGet, unknown>]>([
  ["on the quick path", (options) => threads(options)],
  ["on the general path", (options) => threads({ fastPath: false, ...options })],
  ["without threads", inProcess]
])("a run that is drained, %s", (_, layer) => {
  it.scopedLive("finishes the requests under way, and begins no other", () =>
    leavesNothing(Effect.gen(function*() {
      const server = yield* makeServer()
      const run = yield* start(entriesOf(server.url, 5000))
      yield* within(10_000, "all connections in use", () => server.held() === 64)
      yield* run.drain
      yield* Effect.sleep(100)
      expect(run.isOver()).toBe(false)
      expect(run.ids).toEqual([])
      yield* server.letGo
      yield* run.end
      expect(sorted(run.ids)).toEqual(sorted(server.asked))
      expect(server.requests()).toBe(64)
      // Whoever comes next has the connections.
      expect(yield* Stream.runCount(FastGet.stream(entriesOf(server.url, 200)))).toBe(200)
    })).pipe(Effect.provide(layer())))

  it.scopedLive(
    "under load has exactly the outcomes of the requests that were made",
    () =>
      leavesNothing(Effect.gen(function*() {
        const server = yield* makeServer((request, response) => {
          setTimeout(() => LoopbackServer.echoPath(request, response), server.requests() * 7 % 10)
        })
        yield* server.letGo
        for (let round = 0; round < 4; round++) {
          const before = server.requests()
          const run = yield* start(entriesOf(server.url, 100_000))
          yield* within(10_000, "requests", () => server.requests() > before + 50 * 3 ** round)
          yield* run.drain
          yield* run.end
          expect(sorted(run.ids)).toEqual(sorted(server.asked.slice(before)))
        }
      })).pipe(Effect.provide(layer())),
    120_000
  )

  it.scopedLive.each([["without a deadline", "none"], ["with a deadline", "50 seconds"]] as const)(
    "waits for no retry, %s",
    ([, deadline]) =>
      leavesNothing(Effect.gen(function*() {
        const server = yield* makeServer((request, response) => {
          if (Number(request.url!.slice(1)) % 2 === 0) return LoopbackServer.echoPath(request, response)
          response.writeHead(503, { "retry-after": "30" }).end()
        })
        yield* server.letGo
        const run = yield* start(entriesOf(server.url, 300), { deadline })
        yield* within(10_000, "150 outcomes, and the others waiting", () => run.ids.length === 150)
        yield* within(10_000, "all requests", () => server.requests() === 300)
        yield* run.drain
        yield* run.end
        expect(run.ids.length).toBe(150)
        expect(run.reasons).toEqual([])
        expect(server.requests()).toBe(300)
      })).pipe(Effect.provide(layer({ throttle: false })))
  )

  it.scopedLive("gives failures that would not be tried again, and leaves out those that would", () =>
    leavesNothing(Effect.gen(function*() {
      const server = yield* makeServer((request, response) => {
        response.writeHead(Number(request.url!.slice(1)) % 2 === 0 ? 404 : 503).end()
      })
      const run = yield* start(entriesOf(server.url, 1000))
      yield* within(10_000, "all connections in use", () => server.held() === 64)
      yield* run.drain
      yield* server.letGo
      yield* run.end
      expect(sorted(run.ids)).toEqual(sorted(server.asked.filter((id) => id % 2 === 0)))
      expect(run.reasons.length).toBe(run.ids.length)
      expect(server.requests()).toBe(64)
    })).pipe(Effect.provide(layer())))

  it.scopedLive("follows no more redirects", () =>
    leavesNothing(Effect.gen(function*() {
      const server = yield* makeServer((request, response) => {
        response.writeHead(302, { location: `/to${request.url}` }).end()
      })
      const run = yield* start(entriesOf(server.url, 1000))
      yield* within(10_000, "all connections in use", () => server.held() === 64)
      yield* run.drain
      yield* server.letGo
      yield* run.end
      expect(run.ids).toEqual([])
      expect(server.requests()).toBe(64)
    })).pipe(Effect.provide(layer())))

  it.scopedLive("waits for no place that another run holds", () =>
    Effect.gen(function*() {
      const server = yield* makeServer()
      const other = yield* start(entriesOf(server.url, 100))
      yield* within(10_000, "the other's requests", () => server.held() === 4)
      const run = yield* start(entriesOf(server.url, 500))
      // What it sends waits for the connections, which are not given to it before the others are answered.
      yield* Effect.sleep(100)
      yield* run.drain
      yield* run.end
      expect(run.ids).toEqual([])
      expect(server.requests()).toBe(4)
      yield* server.letGo
      yield* other.end
      expect(other.ids.length).toBe(100)
    }).pipe(Effect.provide(layer({ connectionsPerOrigin: 4 }))))

  it.scopedLive("while its consumer stands still, ends when that goes on", () =>
    leavesNothing(Effect.gen(function*() {
      const body = JSON.stringify("x".repeat(20_000))
      const server = yield* makeServer((_, response) => void response.end(body))
      yield* server.letGo
      const go = yield* Deferred.make<void>()
      const run = yield* start(entriesOf(server.url, 5000), {}, Deferred.await(go))
      yield* within(10_000, "a result", () => run.ids.length > 0)
      let seen = -1
      yield* within(10_000, "a stall", () => {
        const isStill = seen === server.requests() && server.unanswered() === 0
        seen = server.requests()
        return isStill
      })
      yield* run.drain
      yield* Deferred.succeed(go, undefined)
      yield* run.end
      expect(sorted(run.ids)).toEqual(sorted(server.asked))
      expect(server.requests()).toBeLessThan(1000)
    })).pipe(Effect.provide(layer({ maxBufferedBytes: 200_000 }))))

  it.scopedLive("before it begins, asks for nothing and takes nothing", () =>
    Effect.gen(function*() {
      const server = yield* makeServer()
      let taken = 0
      const entries = Stream.fromIterable(entriesOf(server.url, 100)).pipe(Stream.tap(() => Effect.sync(() => taken++)))
      const outcomes = FastGet.outcomes(entries, { drain: Effect.void })
      expect(yield* Ticks.ends(2000, "the end of the run", Stream.runCount(outcomes))).toBe(0)
      expect(taken).toBe(0)
      expect(server.requests()).toBe(0)
    }).pipe(Effect.provide(layer())))

  it.scopedLive("with no input, or after its end, ends as it would have", () =>
    Effect.gen(function*() {
      const server = yield* makeServer()
      yield* server.letGo
      const empty = yield* start([])
      yield* empty.end
      yield* empty.drain
      expect(empty.ids).toEqual([])
      const run = yield* start(entriesOf(server.url, 10))
      yield* run.end
      yield* run.drain
      expect(sorted(run.ids)).toEqual(sorted(server.asked))
      const silent = yield* start(Stream.never)
      yield* silent.drain
      yield* silent.end
      expect(silent.ids).toEqual([])
    }).pipe(Effect.provide(layer())))

  it.scopedLive("ends with its input's failure, if that came first", () =>
    Effect.gen(function*() {
      const server = yield* makeServer()
      const entries = Stream.concat(Stream.fromIterable(entriesOf(server.url, 20)), Stream.fail("no more" as const))
      const run = yield* start(entries)
      yield* within(10_000, "all requests, and so the end of the input", () => server.held() === 20)
      yield* Effect.sleep(20)
      yield* run.drain
      yield* server.letGo
      expect(yield* Effect.flip(run.end)).toBe("no more")
      expect(sorted(run.ids)).toEqual(sorted(server.asked))
    }).pipe(Effect.provide(layer())))
})

describe("a run that is drained", () => {
  it.scopedLive("ends the same in a thread whose client is not FastGet's", () =>
    leavesNothing(Effect.gen(function*() {
      const server = yield* makeServer((request, response) => {
        if (Number(request.url!.slice(1)) % 2 === 0) return LoopbackServer.echoPath(request, response)
        response.writeHead(503, { "retry-after": "30" }).end()
      })
      const run = yield* start(entriesOf(server.url, 5000))
      yield* within(10_000, "all connections in use", () => server.held() === 64)
      yield* run.drain
      yield* server.letGo
      yield* run.end
      expect(sorted(run.ids)).toEqual(sorted(server.asked.filter((id) => id % 2 === 0)))
      expect(server.requests()).toBe(64)
    })).pipe(Effect.provide(threads({ throttle: false, worker: TestWorkers.spawn("wrapped") }))))

  it.scopedLive("leaves out what a thread had that ends meanwhile, and sends none of it again", () =>
    leavesNothing(Effect.gen(function*() {
      const alive = new Set<Worker>()
      const worker: NonNullable<NodeFastGet.Options["worker"]> = (options) => {
        const thread = TestWorkers.spawn("killing")(options)
        alive.add(thread)
        thread.once("exit", () => alive.delete(thread))
        return thread
      }
      const server = yield* makeServer()
      yield* Effect.gen(function*() {
        const run = yield* start(entriesOf(server.url, 5000))
        yield* within(10_000, "all connections in use", () => server.held() === 64)
        yield* run.drain
        // The first to ask may have all of them: then it is the other thread that has none, and is not meant.
        for (const thread of Array.from(alive)) {
          yield* Effect.promise(() => thread.terminate())
          yield* Effect.exit(within(3000, "its requests to be given up", () => server.unanswered() < 64))
          if (server.unanswered() < 64) break
        }
        expect(server.unanswered()).toBeLessThan(64)
        yield* Effect.sleep(100)
        // How many connections each of the threads had is not known: whoever asked first.
        const others = server.unanswered()
        expect(run.isOver()).toBe(others === 0)
        yield* server.letGo
        yield* run.end
        expect(run.ids.length).toBe(others)
        expect(run.reasons).toEqual([])
        expect(server.requests()).toBe(64)
        expect(yield* Stream.runCount(FastGet.stream(entriesOf(server.url, 200)))).toBe(200)
      }).pipe(Effect.provide(threads({ worker })))
    })))
})
