/** Runners that end in the middle of a run, as processes, with a real Postgres: each entry has exactly one outcome. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { ClusterFastGet, PostgresCluster } from "fastget-cluster"
import { LoopbackServer, Postgres } from "loopback"
import { entriesOf, runner, slowly, tally } from "./support.js"

describe.skipIf(Postgres.isMissing)("a runner", () => {
  it.scopedLive.each(["SIGKILL", "SIGTERM"] as const)(
    "that ends by %s costs no entry its outcome, and none has two",
    (signal) =>
      Effect.gen(function*() {
        const { url } = yield* Postgres.make
        const runners = yield* Effect.all([runner(url), runner(url)], { concurrency: "unbounded" })
        const servers = yield* Effect.replicateEffect(LoopbackServer.make(slowly), 20)
        const entries = entriesOf(servers.map(({ url }) => url), 4000)
        let outcomes = 0
        const results = FastGet.streamEither(entries, { queueMaxSize: 1000 }).pipe(
          Stream.tap(() => Effect.sync(() => ++outcomes === 1000 && runners[0]!.kill(signal)))
        )
        const cluster = Layer.provide(ClusterFastGet.layer({ logLevel: "None" }), PostgresCluster.layerClient({ url }))
        expect(yield* Effect.provide(tally(results), cluster)).toEqual({ answered: 4000, wrong: [] })
        expect(runners.map(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)).toEqual([
          true,
          false
        ])
      }),
    120_000
  )
})
