import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { FastGetConfig } from "fastget"
import { FastGet } from "fastget"
import { NodeFastGet, NodeGetClient } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import * as Net from "node:net"
import * as RetryBudget from "../../fastget/dist/internal/http/RetryBudget.js"

type Handler = LoopbackServer.Handler

const busy = (headers: Readonly<Record<string, string>> = {}): Handler => (_, response) => {
  response.writeHead(503, headers)
  response.end("busy")
}
const silent: Handler = () => {}

/** A handler by the number of the request to its path, from 1. */
const inTurn = (handler: (count: number, path: string) => Handler): Handler => {
  const counts = new Map<string, number>()
  return (request, response) => {
    const path = request.url ?? ""
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    handler(count, path)(request, response)
  }
}

const entriesOf = (url: string, count: number) => Array.from({ length: count }, (_, n) => [n, `${url}/${n}`] as const)

const wrapped = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest((request) => request))
)

/** The three ways a request can go. */
const ways = {
  "the quick path": [{ fastPath: true }, NodeGetClient.layer()],
  "the general path": [{ fastPath: false }, NodeGetClient.layer()],
  "a wrapped client": [{}, Layer.provide(wrapped, NodeGetClient.layer())]
} as const

const over = (way: keyof typeof ways, options: FastGetConfig.InProcessOptions) => {
  const [path, client] = ways[way]
  return Effect.provide(Layer.provide(FastGet.layer({ logLevel: "None", ...path, ...options }), client))
}

const outcomesOf = (entries: ReadonlyArray<readonly [number, string]>) =>
  Effect.map(Stream.runCollect(FastGet.outcomes(entries)), Chunk.toReadonlyArray)

/** The outcome of one URL: its JSON or its reason, and what was counted. */
const outcomeOf = (url: string) =>
  Effect.suspend(() => {
    const toTicks = Ticks.comparison()
    return Effect.map(outcomesOf([[0, url]]), ([outcome]) => {
      const elapsed = Duration.toMillis(outcome!.elapsed)
      return {
        attempts: outcome!.attempts,
        elapsed,
        /** The same on a clock that what runs beside this test does not hurry. */
        ticks: toTicks(elapsed),
        result: Either.match(outcome!.result, { onLeft: ({ reason }) => reason, onRight: (json) => ({ json }) })
      }
    })
  })

const quickly = { times: 2, base: 1, cap: 1 } as const

describe("the retry budget", () => {
  it.scopedLive("keeps 1,000 entries at a server that always says 503 to 1.2 requests each and the floor", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(busy())
      const startedAt = performance.now()
      const outcomes = yield* outcomesOf(entriesOf(server.url, 1000)).pipe(
        Effect.provide(NodeFastGet.layer({ numWorkers: 2, logLevel: "None", retry: quickly }))
      )
      const seconds = (performance.now() - startedAt) / 1000
      const floors = 2 * RetryBudget.floor * (1 + seconds * 1000 / RetryBudget.fadesWithin)
      expect(server.requests()).toBeLessThanOrEqual(1200 + floors)
      expect(server.requests()).toBeGreaterThan(1000 + RetryBudget.floor)
      expect(outcomes.length).toBe(1000)
      for (const { attempts, result } of outcomes) {
        expect(Either.flip(result)).toMatchObject({ right: { attempts, reason: { _tag: "Status", status: 503 } } })
      }
      expect(outcomes.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(server.requests())
    }))

  it.scopedLive("is off where it is unbounded", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(busy())
      yield* outcomesOf(entriesOf(server.url, 500))
      expect(server.requests()).toBe(1500)
    }).pipe(over("the quick path", { retry: { ...quickly, budget: "unbounded" } })))

  it.scopedLive("lets a run of 100 entries that all fail once succeed", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(inTurn((count) => count === 1 ? busy() : LoopbackServer.echoPath))
      const outcomes = yield* outcomesOf(entriesOf(server.url, 100))
      expect(outcomes.filter(({ result }) => Either.isLeft(result))).toEqual([])
      expect(server.requests()).toBe(200)
    }).pipe(over("the quick path", { retry: { ...quickly, budget: 0 } })))

  it.scopedLive("of one origin leaves another's alone", () =>
    Effect.gen(function*() {
      const broken = yield* LoopbackServer.make(busy())
      const shaky = yield* LoopbackServer.make(inTurn((count) => count === 1 ? busy() : LoopbackServer.echoPath))
      yield* outcomesOf(entriesOf(broken.url, 300))
      expect(broken.requests()).toBeLessThan(900)
      const outcomes = yield* outcomesOf(entriesOf(shaky.url, 50))
      expect(outcomes.filter(({ result }) => Either.isLeft(result))).toEqual([])
    }).pipe(over("the quick path", { retry: quickly })))
})

describe.each(Object.keys(ways) as Array<keyof typeof ways>)("attempts and elapsed, over %s,", (way) => {
  it.scopedLive("count the first request and every retry", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(inTurn((count) => count < 3 ? busy() : LoopbackServer.echoPath))
      expect(yield* outcomeOf(`${server.url}/a`)).toMatchObject({ attempts: 3, result: { json: { path: "/a" } } })
    }).pipe(over(way, { retry: quickly })))

  it.scopedLive("of entries that time out tell all of their time", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(silent)
      const { attempts, elapsed, result, ticks } = yield* outcomeOf(`${server.url}/a`)
      expect(result).toMatchObject({ _tag: "Timeout" })
      expect([attempts, server.requests()]).toEqual([3, 3])
      expect(elapsed).toBeGreaterThanOrEqual(295)
      expect(ticks).toBeLessThan(3000)
    }).pipe(over(way, { timeout: 100, retry: quickly })))

  it.scopedLive("count an attempt once, however many redirects it takes", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) => {
        const hop = Number((request.url ?? "").slice(1))
        if (hop === 5) return busy()(request, response)
        response.writeHead(302, { location: `/${hop + 1}` })
        response.end()
      })
      expect(yield* outcomeOf(`${server.url}/0`)).toMatchObject({ attempts: 3, result: { _tag: "Status" } })
      expect(server.requests()).toBe(18)
    }).pipe(over(way, { retry: quickly })))

  it.scopedLive("of a server that can't be reached count each try", () =>
    Effect.gen(function*() {
      const { url } = yield* Effect.scoped(LoopbackServer.make())
      expect(yield* outcomeOf(url)).toMatchObject({ attempts: 3, result: { _tag: "Connect" } })
    }).pipe(over(way, { retry: quickly })))

  it.scopedLive("do not count what is sent again because its connection was stale", () =>
    Effect.gen(function*() {
      let closed = 0
      const server = yield* LoopbackServer.make((request, response) => {
        const { socket } = request
        LoopbackServer.echoPath(request, response)
        // Closed as soon as the answer is out, and without a word before.
        response.once("finish", () => {
          closed++
          setTimeout(() => socket.destroy(), 1)
        })
      })
      const rounds = yield* Effect.replicateEffect(Effect.delay(outcomesOf(entriesOf(server.url, 100)), 2), 3)
      const outcomes = rounds.flat()
      expect(outcomes.filter(({ attempts, result }) => attempts !== 1 || Either.isLeft(result))).toEqual([])
      expect(closed).toBeGreaterThanOrEqual(300)
    }).pipe(over(way, { retry: { times: 0 } })))
})

describe.each(Object.keys(ways) as Array<keyof typeof ways>)("a deadline, over %s,", (way) => {
  it.scopedLive("ends an entry that gets no answer with Timeout total", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(silent)
      const { attempts, elapsed, result, ticks } = yield* outcomeOf(`${server.url}/a`)
      expect({ attempts, result }).toEqual({ attempts: 1, result: { _tag: "Timeout", phase: "total", limit: 200 } })
      expect(elapsed).toBeGreaterThanOrEqual(195)
      expect(ticks).toBeLessThan(1000)
    }).pipe(over(way, { deadline: 200, timeout: "10 seconds" })))

  it.scopedLive("holds while a connection is being made", () =>
    Effect.gen(function*() {
      // Takes the connection and never answers the greeting of TLS.
      const server = yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server: Net.Server = Net.createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { attempts, result, ticks } = yield* outcomeOf(
        `https://127.0.0.1:${(server.address() as Net.AddressInfo).port}/`
      )
      expect({ attempts, result }).toEqual({ attempts: 1, result: { _tag: "Timeout", phase: "total", limit: 200 } })
      expect(ticks).toBeLessThan(1000)
    }).pipe(over(way, { deadline: 200, timeout: "10 seconds" })))

  it.scopedLive("ends a later attempt with the reason of the one before", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(inTurn((count) => count === 1 ? busy() : silent))
      const { attempts, elapsed, result, ticks } = yield* outcomeOf(`${server.url}/a`)
      expect({ attempts, result }).toMatchObject({ attempts: 2, result: { _tag: "Status", status: 503 } })
      expect(elapsed).toBeGreaterThanOrEqual(195)
      expect(ticks).toBeLessThan(1000)
    }).pipe(over(way, { deadline: 200, timeout: "10 seconds", retry: quickly })))

  it.scopedLive("lets no wait begin that would end after it", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(busy({ "retry-after": "5" }))
      const { attempts, result, ticks } = yield* outcomeOf(`${server.url}/a`)
      expect({ attempts, result }).toMatchObject({ attempts: 1, result: { _tag: "Status", retryAfter: 5000 } })
      expect(ticks).toBeLessThan(1000)
    }).pipe(over(way, { throttle: false, deadline: "2 seconds" })))

  it.scopedLive("counts redirects", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) => {
        if (request.url !== "/a") return
        response.writeHead(302, { location: "/b" })
        response.end()
      })
      const { attempts, result, ticks } = yield* outcomeOf(`${server.url}/a`)
      expect({ attempts, result }).toEqual({ attempts: 1, result: { _tag: "Timeout", phase: "total", limit: 200 } })
      expect(ticks).toBeLessThan(1000)
    }).pipe(over(way, { deadline: 200, timeout: "10 seconds" })))

  it.scopedLive("does not count the wait for the first connection", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) => {
        setTimeout(() => LoopbackServer.echoPath(request, response), 100)
      })
      const outcomes = yield* outcomesOf(entriesOf(server.url, 10))
      expect(outcomes.filter(({ result }) => Either.isLeft(result))).toEqual([])
    }).pipe(over(way, { deadline: 700, connectionsPerOrigin: 1 })))

  it.scopedLive("counts the wait for a connection before a retry, which is no attempt", () =>
    Effect.gen(function*() {
      // The first holds the connection for a while, so that the second's deadline is well after its own.
      const server = yield* LoopbackServer.make((request, response) => {
        if (request.url === "/0") setTimeout(() => busy()(request, response), 300)
      })
      const outcomes = yield* outcomesOf(entriesOf(server.url, 2))
      const [first, second] = outcomes.toSorted(({ id: a }, { id: b }) => a - b)
      expect(first).toMatchObject({ attempts: 1, result: { left: { reason: { _tag: "Status", status: 503 } } } })
      expect(second).toMatchObject({ attempts: 1, result: { left: { reason: { _tag: "Timeout" } } } })
      expect(server.requests()).toBe(2)
    }).pipe(over(way, { deadline: 900, connectionsPerOrigin: 1, retry: { times: 1, base: 150, cap: 150 } })))
})
