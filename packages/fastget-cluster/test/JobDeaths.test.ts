/** A job all of whose programs are killed, as processes, with a real Postgres: nothing is lost, nothing is there twice. */
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FetchJob, PostgresCluster } from "fastget-cluster"
import { LoopbackServer, Postgres, Ticks } from "loopback"
import { once } from "node:events"
import { program, runner, slowly } from "./support.js"

const count = 6000

describe.skipIf(Postgres.isMissing)("a job", () => {
  it.scopedLive("goes on where it was when its client and all runners are killed", () =>
    Effect.gen(function*() {
      const { url } = yield* Postgres.make
      // Half of the entries are answered, and no more before the deaths: there is a middle on any machine.
      let answered = 0
      let isHeld = true
      const handler: LoopbackServer.Handler = (request, response) => {
        if (!isHeld || answered++ < count / 2) slowly(request, response)
      }
      const servers = yield* Effect.replicateEffect(LoopbackServer.make(handler), 10)
      const asked = () => servers.reduce((sum, server) => sum + server.requests(), 0)
      const client = program("job", url, "deaths", JSON.stringify(servers.map(({ url }) => url)), String(count))

      const first = [yield* runner(url), yield* runner(url), yield* client]
      yield* Ticks.within(60_000, "a part is done", () => asked() > count / 3)
      for (const child of first) child.kill("SIGKILL")
      yield* Ticks.within(20_000, "they are dead", () => first.every(({ signalCode }) => signalCode === "SIGKILL"))
      const before = asked()
      expect(before).toBeLessThan(count)
      isHeld = false

      yield* runner(url)
      yield* runner(url)
      const second = yield* client
      let said = ""
      second.stdout.on("data", (part) => said += part)
      yield* Effect.promise(() => once(second, "close"))
      expect(JSON.parse(said)).toMatchObject({ state: "done", entries: count, succeeded: count, failed: 0 })
      const outcomes = yield* Stream.runCollect(FetchJob.results("deaths")).pipe(
        Effect.provide(PostgresCluster.layerClient({ url }))
      )
      const paths = Chunk.toReadonlyArray(outcomes).map(({ result }) =>
        result._tag === "Right" ? (result.right as { readonly path: string }).path : result
      )
      expect(paths).toEqual(Array.from({ length: count }, (_, n) => `/${n}`))
      // What was done before is not asked for again: only chunks that were under way, four of 50 for each origin.
      expect(asked()).toBeLessThanOrEqual(count + Math.min(before, servers.length * 4 * 50))
    }), 120_000)
})
