import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it, layer } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Outcome, PoolError } from "fastget"
import { FastGet, FastGetConfig, FetchPool } from "fastget"
import { NodeFetchPool, NodeGetClient } from "fastget-node"
import type { GetSettings, WireChunk } from "fastget/FetchPool"
import { LoopbackServer, Ticks } from "loopback"
import type { ServerResponse } from "node:http"
import * as Batch from "../../fastget/dist/internal/wire/Batch.js"
import * as SharedBytes from "../../fastget/dist/internal/wire/SharedBytes.js"
import { within } from "./Within.js"

const defaults = FastGetConfig.defaults(1)

/** Of the settings, those that go to a worker. */
const settings: GetSettings = {
  timeout: defaults.timeout,
  deadline: Infinity,
  retry: { times: 0, base: 1, cap: 1, budget: Infinity },
  headers: {},
  maxRedirects: defaults.maxRedirects,
  maxBodyBytes: defaults.maxBodyBytes,
  emptyBody: "fail",
  decodeTimeout: defaults.decodeTimeout
}

const chunkOf = (urls: ReadonlyArray<string>, options: Partial<WireChunk> = {}): WireChunk => ({
  runId: 0,
  as: "json",
  withHeaders: false,
  quick: true,
  drainable: false,
  settings,
  buffered: SharedBytes.make(defaults.maxBufferedBytes).chunk(),
  urls,
  ...options
})

const paths = (url: string, count: number) => Array.from({ length: count }, (_, n) => `${url}/${n}`)

/** The answers of a chunk by their place, as they come; a place that comes twice is a defect. */
const execute = (chunk: WireChunk, onAnswer: (index: number) => void = () => {}) =>
  Effect.gen(function*() {
    const { workers: [worker] } = yield* FetchPool.FetchPool
    const answers = new Map<number, Outcome.Answer>()
    yield* worker!.ready
    yield* Stream.runForEach(worker!.execute(chunk), (batch) =>
      Effect.sync(() =>
        Batch.unpack(batch, (index, answer) => {
          if (answers.has(index)) {
            throw new Error(`twice: ${index}`)
          }
          answers.set(index, answer)
          onAnswer(index)
        })
      ))
    return answers
  })

const textOf = (answer: Outcome.Answer | undefined) =>
  answer?.result._tag === "Body" ? new TextDecoder().decode(answer.result.body) : answer?.result

describe("the header host over a pool in the program", () => {
  const client = HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "yes"))
  const wrapped = (layer: Layer.Layer<HttpClient.HttpClient>) =>
    Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, client)).pipe(Layer.provide(layer))
  const host = { headers: { Host: "a.example" } }
  const over = (layer: Layer.Layer<HttpClient.HttpClient>, options: object = {}) =>
    Layer.provide(FastGet.layer({ logLevel: "None", ...options }), layer)

  it.scopedLive.each(["fetch", "fetch, wrapped"])(
    "is refused where %s would leave it out",
    (name) =>
      Effect.gen(function*() {
        const fetch = name === "fetch" ? FetchHttpClient.layer : wrapped(FetchHttpClient.layer)
        const made = yield* Effect.exit(Effect.provide(FastGet.FastGet, over(fetch, host)))
        const got = yield* Effect.exit(Effect.provide(FastGet.get("http://127.0.0.1:1/", host), over(fetch)))
        const exits: ReadonlyArray<Exit.Exit<unknown, unknown>> = [made, got]
        for (const exit of exits) {
          expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("\"host\" is left out by fetch")
        }
      })
  )

  it.scopedLive.each(["FastGet's client", "FastGet's client, wrapped", "undici"])(
    "is sent by %s",
    (name) =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make((request, response) =>
          void response.end(JSON.stringify(request.headers.host))
        )
        const clients = {
          "FastGet's client": NodeGetClient.layer(),
          "FastGet's client, wrapped": wrapped(NodeGetClient.layer()),
          undici: NodeHttpClient.layerUndici
        }
        const layer = over(clients[name as keyof typeof clients])
        expect(yield* Effect.provide(FastGet.get(server.url, host), layer)).toBe("a.example")
      })
  )
})

const limits = { ...defaults, connectionsPerOrigin: 20 }

const pools: Readonly<Record<string, Layer.Layer<FetchPool.FetchPool, PoolError.PoolError>>> = {
  "in the program, over fetch": Layer.provide(FetchPool.layerInProcessWith(limits), FetchHttpClient.layer),
  "in the program, over FastGet's own client": Layer.provide(
    FetchPool.layerInProcessWith(limits),
    NodeGetClient.layer()
  ),
  "of worker threads": NodeFetchPool.layer(limits)
}

describe.each(Object.entries(pools))("a pool %s", (_, pool) => {
  layer(pool, { excludeTestServices: true })((it) => {
    it.scoped("gives each outcome of a chunk once, in its place", () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const answers = yield* execute(chunkOf(paths(server.url, 500)))
        expect(answers.size).toBe(500)
        for (const [index, answer] of answers) expect(textOf(answer)).toBe(`{"path":"/${index}"}`)
        expect(answers.get(7)).toMatchObject({ status: 200, attempts: 1, bytes: 13, headers: undefined })
      }))

    it.scoped("ends at once for a chunk without entries", () =>
      Effect.gen(function*() {
        expect((yield* Ticks.ends(2000, "the end", execute(chunkOf([])))).size).toBe(0)
      }))

    it.scoped("answers bad URLs beside good ones", () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const answers = yield* execute(chunkOf(["nonsense", `${server.url}/1`, "ftp://a/", `${server.url}/3`]))
        expect([...answers].sort(([a], [b]) => a - b).map(([, { result }]) => result._tag))
          .toEqual(["Failure", "Body", "Failure", "Body"])
      }))

    it.scoped("gives outcomes as they arrive, however long one of the chunk takes", () =>
      Effect.gen(function*() {
        const held: Array<ServerResponse> = []
        const server = yield* LoopbackServer.make((request, response) =>
          request.url === "/0" ? void held.push(response) : LoopbackServer.echoPath(request, response)
        )
        const order: Array<number> = []
        yield* execute(chunkOf(paths(server.url, 50)), (index) => {
          order.push(index)
          if (order.length === 49) held[0]!.end("0")
        })
        expect(order.length).toBe(50)
        expect(order.at(-1)).toBe(0)
      }))

    it.scoped("carries the headers when they are wanted, and sends those of the settings", () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make((request, response) => {
          response.setHeader("x-back", String(request.headers["x-there"]))
          response.end("1")
        })
        const answers = yield* execute(
          chunkOf([server.url], { withHeaders: true, settings: { ...settings, headers: { "x-there": "7" } } })
        )
        expect(answers.get(0)).toMatchObject({ status: 200, headers: { "x-back": "7" } })
      }))

    it.scoped("tells failures by their reasons", () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make((request, response) => {
          if (request.url === "/status") response.writeHead(404).end("gone")
          else if (request.url === "/empty") response.writeHead(204).end()
          else if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end()
          else if (request.url === "/large") response.end("x".repeat(100_000))
        })
        const urls = ["status", "empty", "loop", "large", "silent"].map((path) => `${server.url}/${path}`)
        const answers = yield* execute(
          chunkOf([...urls, "http://127.0.0.1:1/"], { settings: { ...settings, timeout: 500, maxBodyBytes: 1000 } })
        )
        const reasons = [...answers].sort(([a], [b]) => a - b).map(([, { result }]) =>
          result._tag === "Failure" ? result.reason : undefined
        )
        expect(reasons).toMatchObject([
          { _tag: "Status", status: 404, snippet: "gone" },
          { _tag: "EmptyBody", status: 204 },
          { _tag: "Redirect", problem: "loop" },
          { _tag: "TooLarge", limit: 1000, of: "wire" },
          { _tag: "Timeout", limit: 500 },
          {}
        ])
        expect(["Connect", "Transport"]).toContain(reasons[5]?._tag)
      }))

    it.scoped("follows redirects and tries again", () =>
      Effect.gen(function*() {
        let failures = 2
        const server = yield* LoopbackServer.make((request, response) => {
          if (request.url === "/from") response.writeHead(301, { location: "/to" }).end()
          else if (request.url === "/busy" && failures-- > 0) response.writeHead(503).end()
          else LoopbackServer.echoPath(request, response)
        })
        const answers = yield* execute(
          chunkOf([`${server.url}/from`, `${server.url}/busy`], {
            settings: { ...settings, retry: { times: 2, base: 1, cap: 1, budget: Infinity } }
          })
        )
        expect([textOf(answers.get(0)), textOf(answers.get(1))]).toEqual([`{"path":"/to"}`, `{"path":"/busy"}`])
        expect([answers.get(0)?.attempts, answers.get(1)?.attempts]).toEqual([1, 3])
      }))

    it.scoped("opens no more connections than its layer says", () =>
      Effect.gen(function*() {
        const held: Array<() => void> = []
        const server = yield* LoopbackServer.make((request, response) => {
          held.push(() => LoopbackServer.echoPath(request, response))
          // When there are as many as there may be, and some time more would have come.
          if (server.requests() === 20) setTimeout(() => held.splice(0).forEach((answer) => answer()), 50)
          else if (server.requests() > 20) held.splice(0).forEach((answer) => answer())
        })
        expect((yield* execute(chunkOf(paths(server.url, 200)))).size).toBe(200)
        expect(server.mostAtOnce()).toBe(20)
      }))

    it.scoped("serves chunks of several runs at the same time", () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const all = yield* Effect.forEach([1, 2, 3, 4, 5], (runId) =>
          execute(chunkOf(paths(server.url, 200), { runId })), {
          concurrency: "unbounded"
        })
        expect(all.map(({ size }) =>
          size
        )).toEqual([200, 200, 200, 200, 200])
      }))

    it.scoped("closes the connections of a chunk that is interrupted, and serves the next", () =>
      Effect.gen(function*() {
        const silent = yield* LoopbackServer.make(() => {})
        const server = yield* LoopbackServer.make()
        const fiber = yield* Effect.fork(execute(chunkOf(paths(silent.url, 200))))
        yield* within(5000, "20 requests", () => silent.requests() === 20)
        yield* Fiber.interrupt(fiber)
        yield* within(1000, "no open socket", () => silent.openSockets() === 0)
        expect(silent.requests()).toBe(20)
        expect((yield* execute(chunkOf(paths(server.url, 100)))).size).toBe(100)
        expect((yield* execute(chunkOf(paths(silent.url, 1), { settings: { ...settings, timeout: 100 } }))).size).toBe(
          1
        )
      }))
  })
})
