/** The parts of a cluster, each alone: a client's side against owners that answer by hand, and an owner's side. */
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as FastGet from "fastget/FastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import { LoopbackServer, Sqlite } from "loopback"
import * as ClusterConfig from "../src/ClusterConfig.js"
import { SqliteCluster } from "../src/index.js"
import * as ClusterPool from "../src/internal/client/ClusterPool.js"
import * as CreatedByOne from "../src/internal/engine/CreatedByOne.js"
import * as Health from "../src/internal/engine/Health.js"
import type { FetchPayload, MorePayload, Reply } from "../src/internal/protocol/OriginEntity.js"
import { OriginEntity, protocol } from "../src/internal/protocol/OriginEntity.js"
import * as ClientRuns from "../src/internal/runner/ClientRuns.js"
import * as OriginOwner from "../src/internal/runner/OriginOwner.js"
import { reply } from "./support.js"

/** Owners that answer so. */
const owners = (fetch: (payload: FetchPayload) => Reply, more: (payload: MorePayload) => Reply) =>
  OriginEntity.toLayer(
    Effect.succeed(OriginEntity.of({
      Fetch: ({ payload }) => Effect.succeed(fetch(payload)),
      More: ({ payload }) => Effect.succeed(more(payload)),
      Drop: () => Effect.void,
      RunStored: () => Effect.die("not asked")
    })),
    { concurrency: "unbounded" }
  )

/** What comes of entries over such owners. */
const outcomesOf = (urls: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const pool = yield* ClusterPool.make({ lanes: 1, runnerTimeout: 5000 })
    const service = FastGet.make(pool, { ...FastGetConfig.defaults(1), poolSubmitSize: 100 })
    const all = FastGet.outcomes(urls.map((url, n) => [n, url] as const), { logLevel: "None" })
    return Chunk.toReadonlyArray(yield* Effect.provideService(Stream.runCollect(all), FastGet.FastGet, service))
  })

describe.skipIf(Sqlite.isMissing)("a client's side", () => {
  it.scopedLive("asks again for what an owner does not know any more, under another name", () =>
    Effect.gen(function*() {
      const fetched: Array<FetchPayload> = []
      yield* Layer.build(owners(
        (payload) => {
          fetched.push(payload)
          // The first owner answers one of them, and dies.
          return fetched.length === 1 ? reply(1, false, [0]) : reply(1, true, payload.urls.map((_, index) => index))
        },
        () => ({ _tag: "Unknown" })
      ))
      const urls = Array.from({ length: 20 }, (_, n) => `http://a.example/${n}`)
      const outcomes = yield* outcomesOf(urls)
      expect(outcomes.map(({ id }) => id).sort((a, b) => a - b)).toEqual(urls.map((_, n) => n))
      const names = fetched.map(({ chunk, client, run }) => `${client}/${run}/${chunk}`)
      expect(new Set(names).size).toBe(names.length)
      expect(fetched.flatMap((payload) => payload.urls).length).toBe(urls.length + fetched[0]!.urls.length - 1)
    }).pipe(Effect.provide(SqliteCluster.layer())))

  it.scopedLive("fails where the runners don't fit", () =>
    Effect.gen(function*() {
      yield* Layer.build(owners(() => ({ _tag: "Refused", protocol, lanes: 3 }), () => ({ _tag: "Unknown" })))
      expect(yield* Effect.flip(outcomesOf(["http://a.example/1"]))).toMatchObject({
        _tag: "PoolError",
        reason: { _tag: "Options", advice: "the runners of the cluster have lanes: 3" }
      })
    }).pipe(Effect.provide(SqliteCluster.layer())))

  it.scopedLive("is answered by an owner with a service of its own", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const service = yield* FastGet.FastGet
      const runs = yield* ClientRuns.make(service)
      expect(runs.find({ client: "a", run: 1 })).toBe(undefined)
      yield* Layer.build(OriginOwner.layer({ service, rate: undefined, isRated: false, lanes: 1 }))
      const outcomes = yield* outcomesOf([`${url}/a`, `${url}/b`])
      expect(outcomes.map(({ result }) => result).sort()).toMatchObject([{ right: {} }, { right: {} }])
    }).pipe(Effect.provide([
      SqliteCluster.layer(),
      Layer.provide(FastGet.layer({ logLevel: "None" }), FetchHttpClient.layer)
    ])))
})

describe("the options of a cluster", () => {
  it.effect("belong to one side each", () =>
    Effect.gen(function*() {
      expect(yield* ClusterConfig.resolve({ runnerTimeout: "2 seconds" })).toEqual({ lanes: 1, runnerTimeout: 2000 })
      expect(yield* Effect.flip(ClusterConfig.resolve({ lanes: 0 }))).toMatchObject({ option: "lanes" })
      const names = Object.keys(FastGetConfig.fields)
      const both = names.filter((name) => ClusterConfig.isOfClients(name) && ClusterConfig.isOfRunners(name, undefined))
      expect(both).toEqual([])
      expect([ClusterConfig.isOfRunners("rate", "1/s"), ClusterConfig.isOfClients("timeout")]).toEqual([true, true])
      expect([ClusterConfig.isOfRunners("concurrency", 3), ClusterConfig.isOfRunners("concurrency", "adaptive")])
        .toEqual([
          false,
          true
        ])
    }))
})

describe("a runner that does not answer a ping", () => {
  it.effect("is dead after three seconds; one that answers the second is alive", () =>
    Effect.gen(function*() {
      const address = RunnerAddress.make("a.example", 1)
      let pings = 0
      const alive = (ping: Effect.Effect<void>) =>
        RunnerHealth.RunnerHealth.pipe(
          Effect.flatMap(({ isAlive }) => isAlive(address)),
          Effect.provide(Layer.provide(Health.layer, Layer.succeed(Runners.Runners, { ping: () => ping } as never))),
          Effect.fork
        )
      const silent = yield* alive(Effect.never)
      const second = yield* alive(Effect.suspend(() => ++pings === 1 ? Effect.never : Effect.void))
      yield* TestClock.adjust("3200 millis")
      expect([yield* silent.await, yield* second.await]).toMatchObject([{ value: false }, { value: true }])
    }))
})

describe.skipIf(Sqlite.isMissing)("tables", () => {
  it.scoped("are created by a layer that is built once", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* Layer.build(CreatedByOne.createdByOne(Layer.effectDiscard(sql`CREATE TABLE here (a INTEGER)`)))
      expect(yield* sql`SELECT * FROM here`).toEqual([])
    }).pipe(Effect.provide(SqliteCluster.layer())))

  it.scoped("are created once for each client of a database, and again where that failed", () =>
    Effect.gen(function*() {
      let runs = 0
      const create = CreatedByOne.create((sql) => {
        runs++
        return runs === 1 ? sql`CREATE nothing` : sql`CREATE TABLE once (a INTEGER)`
      })
      const another = Effect.scoped(
        Effect.flatMap(Layer.build(SqliteCluster.layer()), (it) => Effect.provide(create, it))
      )
      yield* Effect.flip(create)
      yield* create
      yield* create
      expect(runs).toBe(2)
      yield* another
      expect(runs).toBe(3)
    }).pipe(Effect.provide(SqliteCluster.layer())))
})
