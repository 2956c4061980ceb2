/** Streams over a cluster of one process: client, runner and SQLite. */
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { FastGet, PoolError } from "fastget"
import { ClusterFastGet, SqliteCluster } from "fastget-cluster"
import { LoopbackServer, Sqlite, Ticks } from "loopback"
import { embedded, entriesOf, fetchAll } from "./support.js"

const until = (what: string, isSo: () => boolean) => Ticks.within(20_000, what, isSo)

const servers = (count: number) => Effect.replicateEffect(LoopbackServer.make(), count)
const urlsOf = (all: ReadonlyArray<LoopbackServer.LoopbackServer>) => all.map(({ url }) => url)

describe.skipIf(Sqlite.isMissing)("a stream over a cluster", () => {
  it.scopedLive("has exactly one outcome for each entry, of one origin or of many", () =>
    Effect.gen(function*() {
      const all = yield* servers(20)
      const one = yield* fetchAll(entriesOf([all[0]!.url], 3000))
      const many = yield* fetchAll(entriesOf(urlsOf(all), 3000))
      expect([one, many]).toEqual([{ answered: 3000, wrong: [] }, { answered: 3000, wrong: [] }])
      expect(all.reduce((sum, server) => sum + server.requests(), 0)).toBe(6000)
    }).pipe(Effect.provide(embedded())))

  it.scopedLive("is divided into lanes where an origin has them", () =>
    Effect.gen(function*() {
      const [server] = yield* servers(1)
      expect(yield* fetchAll(entriesOf([server!.url], 1000))).toEqual({ answered: 1000, wrong: [] })
      expect(server!.mostSockets()).toBeLessThanOrEqual(8)
    }).pipe(Effect.provide(embedded({ lanes: 4 }, { lanes: 4, connectionsPerOrigin: 8 }))))

  it.scopedLive("gives texts, bytes, headers, values of a schema, and single ones", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make((_, response) => {
        response.setHeader("x-here", "yes").end(`{"n":7}`)
      })
      const entries = [["id", `${url}/a`]] as const
      const [text] = yield* Stream.runCollect(FastGet.outcomes(entries, { as: "text" }))
      const [bytes] = yield* Stream.runCollect(FastGet.outcomes(entries, { as: "bytes" }))
      const read = Either.map(bytes!.result, (body) => new TextDecoder().decode(body))
      expect(text).toMatchObject({ id: "id", status: 200, attempts: 1, bytes: 7, result: { right: `{"n":7}` } })
      expect([text!.headers["x-here"], read]).toEqual(["yes", Either.right(`{"n":7}`)])
      expect(yield* FastGet.get(`${url}/b`, { schema: Schema.Struct({ n: Schema.Number }) })).toEqual({ n: 7 })
    }).pipe(Effect.provide(embedded())))

  it.scopedLive("has a typed failure for what fails, with its id and a redacted URL", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make((request, response) =>
        response.writeHead(request.url!.includes("no") ? 404 : 200).end(request.url!.includes("bad") ? "{" : "{}")
      )
      const id = { any: "value" }
      const entries = [[id, `${url}/no?key=secret`], [id, "nothing"], [id, `${url}/bad`], [id, `${url}/good`]] as const
      const results = yield* Stream.runCollect(FastGet.streamEither(entries))
      const failures = [...results].flatMap(([given, result]) =>
        result._tag === "Left" && given === id ? [result.left] : []
      )
      expect(failures.map(({ reason }) => reason._tag).sort()).toEqual(["Decode", "InvalidUrl", "Status"])
      expect(failures.map(({ url }) => url).join()).not.toContain("secret")
    }).pipe(Effect.provide(embedded({ retry: { times: 0 } }))))

  it.scopedLive("fails with the first failure, and asks for no more", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((_, response) => response.writeHead(404).end())
      const failure = yield* Effect.flip(Stream.runDrain(FastGet.stream(entriesOf([server.url], 5000))))
      expect(failure).toMatchObject({ _tag: "FetchError", reason: { _tag: "Status", status: 404 } })
      yield* until("its requests have ended", () => server.unanswered() === 0)
      expect(server.requests()).toBeLessThan(5000)
    }).pipe(Effect.provide(embedded({ retry: { times: 0 } }))))

  it.scopedLive("that is interrupted stops its requests", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(() => {})
      const fiber = yield* Effect.fork(Stream.runDrain(FastGet.stream(entriesOf([server.url], 200))))
      yield* until("requests are under way", () => server.unanswered() > 0)
      yield* Fiber.interrupt(fiber)
      yield* until("they have been given up", () => server.unanswered() === 0)
      expect(server.requests()).toBeLessThanOrEqual(64)
    }).pipe(Effect.provide(embedded())))

  it.scopedLive("that is drained ends with the outcomes of what is under way", () =>
    Effect.gen(function*() {
      const held: Array<() => void> = []
      const server = yield* LoopbackServer.make((request, response) => {
        held.push(() => LoopbackServer.echoPath(request, response))
      })
      const drain = yield* Deferred.make<void>()
      const outcomes = FastGet.outcomes(entriesOf([server.url], 500), { drain: Deferred.await(drain) })
      const fiber = yield* Effect.fork(Stream.runCollect(outcomes))
      yield* until("all connections are in use", () => held.length === 8)
      yield* Deferred.succeed(drain, undefined)
      // A connection that is free is used as long as the owner has not been told.
      for (let answered = 0; fiber.unsafePoll() === null; yield* Effect.sleep(10)) {
        if (answered < held.length) held[answered++]!()
      }
      const ended = yield* Fiber.join(fiber)
      expect([...ended].every(({ result }) => result._tag === "Right")).toBe(true)
      expect(ended.length).toBe(server.requests())
      expect(ended.length).toBeLessThan(500)
    }).pipe(Effect.provide(embedded({}, { connectionsPerOrigin: 8 }))))

  it.scopedLive("asks for no more than its consumer has room for", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((_, response) => response.end(`"${"a".repeat(64 * 1024)}"`))
      const go = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(Stream.runForEach(
        FastGet.stream(entriesOf([server.url], 1000), { maxBufferedBytes: 1024 * 1024 }),
        () => Deferred.await(go)
      ))
      yield* until("requests have stopped", stopsGrowing(server.requests))
      const asked = server.requests()
      expect(asked).toBeGreaterThan(10)
      // 16 fill the megabyte of the client, as many that of the runner; besides, one for each connection and those of a chunk.
      expect(asked).toBeLessThan(200)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(fiber)
      expect(server.requests()).toBe(1000)
    }).pipe(Effect.provide(embedded({}, { maxBufferedBytes: 1024 * 1024 }))))

  it.scopedLive("keeps its secrets from other origins, and its limits", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const other = yield* LoopbackServer.make(({ headers }, response) => {
        seen.push([headers["authorization"], headers["accept"]])
        response.end("{}")
      })
      const first = yield* LoopbackServer.make(({ headers }, response) => {
        seen.push([headers["authorization"], headers["accept"]])
        response.writeHead(302, { location: other.url }).end()
      })
      yield* FastGet.get(first.url)
      expect(seen).toEqual([["secret", "a/b"], [undefined, "a/b"]])
    }).pipe(Effect.provide(embedded({ headers: { authorization: Redacted.make("secret"), accept: "a/b" } }))))
})

/** Whether a count has stayed the same for so many looks. */
const stopsGrowing = (count: () => number) => {
  let last = -1
  let looks = 0
  return () => {
    looks = count() === last && last > 0 ? looks + 1 : 0
    last = count()
    return looks > 30
  }
}

describe.skipIf(Sqlite.isMissing)("a client that fits no runner", () => {
  const failure = (client: ClusterFastGet.Options, runner: ClusterFastGet.RunnerOptions | undefined) => {
    const layer = Layer.merge(
      ClusterFastGet.layer({ logLevel: "None", ...client }),
      runner === undefined ? Layer.empty : ClusterFastGet.runner({ numWorkers: 1, ...runner })
    )
    return Effect.flip(FastGet.get("http://127.0.0.1:9/")).pipe(
      Effect.provide(Layer.provide(layer, SqliteCluster.layer()))
    )
  }

  it.live("is told that runners have other lanes", () =>
    Effect.gen(function*() {
      const error = yield* failure({ lanes: 2 }, { lanes: 3 })
      expect(PoolError.isPoolError(error) && error.reason).toEqual({
        _tag: "Options",
        lost: ["lanes: 2"],
        advice: "the runners of the cluster have lanes: 3"
      })
    }))

  it.live("is told that no runner answers", () =>
    Effect.gen(function*() {
      const error = yield* failure({ runnerTimeout: "200 millis" }, undefined)
      expect(PoolError.isPoolError(error) && error.reason).toEqual({ _tag: "NoRunner", limit: 200 })
    }))
})
