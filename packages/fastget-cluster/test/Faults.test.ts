/** What else can fail in a cluster, with runners as processes and a real Postgres: each entry has exactly one outcome. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { ClusterFastGet, PostgresCluster } from "fastget-cluster"
import { DeadPort, LoopbackServer, Postgres, Proxy } from "loopback"
import { entriesOf, runner, slowly, tally } from "./support.js"

const count = 3000

/** Streams entries over the runners of a database, and does something when a third of them is answered. */
const streamed = (url: string, inTheMiddle: Effect.Effect<void>, handler = slowly) =>
  Effect.gen(function*() {
    const servers = yield* Effect.replicateEffect(LoopbackServer.make(handler), 10)
    const entries = entriesOf(servers.map((server) => server.url), count)
    let outcomes = 0
    // Half of the entries are not taken from the input before.
    const results = FastGet.streamEither(entries, { queueMaxSize: count / 2 }).pipe(
      Stream.tap(() => Effect.suspend(() => ++outcomes === count / 3 ? Effect.forkDaemon(inTheMiddle) : Effect.void))
    )
    const cluster = Layer.provide(ClusterFastGet.layer({ logLevel: "None" }), PostgresCluster.layerClient({ url }))
    return yield* Effect.provide(tally(results), cluster)
  })

const all = { answered: count, wrong: [] }

describe.skipIf(Postgres.isMissing)("nothing is lost and nothing is there twice", () => {
  it.scopedLive("when a runner stands still, and goes on later", () =>
    Effect.gen(function*() {
      const { url } = yield* Postgres.make
      const [one] = yield* Effect.all([runner(url), runner(url)], { concurrency: "unbounded" })
      expect(yield* streamed(url, Effect.sync(() => one.kill("SIGSTOP")))).toEqual(all)
      one.kill("SIGCONT")
      expect(yield* streamed(url, Effect.void)).toEqual(all)
      expect(one.exitCode).toBe(null)
    }), 120_000)

  it.scopedLive("when the database is away for a while", () =>
    Effect.gen(function*() {
      const { start, stop, url } = yield* Postgres.make
      yield* Effect.all([runner(url), runner(url)], { concurrency: "unbounded" })
      let isAway = false
      const restart = Effect.gen(function*() {
        stop()
        isAway = true
        // Longer than runners keep their origins without it.
        yield* Effect.sleep("8 seconds")
        start()
        isAway = false
      })
      const answers: LoopbackServer.Handler = (request, response) =>
        void setTimeout(() => isAway ? answers(request, response) : slowly(request, response), isAway ? 200 : 0)
      expect(yield* streamed(url, restart, answers)).toEqual(all)
      expect(isAway).toBe(false)
    }), 120_000)

  it.scopedLive("when nothing reaches a runner any more", () =>
    Effect.gen(function*() {
      const { url } = yield* Postgres.make
      const listenPort = yield* DeadPort.closed
      const proxy = yield* Proxy.make(listenPort)
      yield* Effect.all([runner(url), runner(url, { address: { port: proxy.port, listenPort } })], {
        concurrency: "unbounded"
      })
      expect(yield* streamed(url, Effect.sync(proxy.cut))).toEqual(all)
    }), 120_000)

  it.scopedLive("when all runners die, and another one comes", () =>
    Effect.gen(function*() {
      const { url } = yield* Postgres.make
      const first = yield* Effect.all([runner(url), runner(url)], { concurrency: "unbounded" })
      const replace = Effect.sync(() => first.forEach((child) => child.kill("SIGKILL"))).pipe(
        Effect.zipRight(Effect.scoped(Effect.zipRight(runner(url), Effect.never)))
      )
      expect(yield* streamed(url, replace)).toEqual(all)
    }), 120_000)
})
