/** A job all of whose programs are killed, as processes, with a real Postgres: nothing is lost, nothing is there twice. */
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FetchJob, PostgresCluster } from "fastget-cluster"
import { LoopbackServer, Postgres, Ticks } from "loopback"
import { once } from "node:events"
import { program, runner, slowly } from "./support.js"

const count = 6000

/** The entries of a job whose chunks are done: those that were stored, less those in chunks that are there. */
const doneOf = (job: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* sql<{ readonly uid: string; readonly entries: string }>`
      SELECT uid, entries FROM fastget_jobs WHERE id = ${job}`
    const chunks = yield* sql<{ readonly entries: string }>`
      SELECT entries FROM fastget_job_chunks WHERE uid = ${found!.uid}`
    const open = new Set(
      chunks.flatMap(({ entries }) => (JSON.parse(entries) as ReadonlyArray<readonly [entry: number]>).map(([n]) => n))
    )
    return Array.from({ length: Number(found!.entries) }, (_, n) => n).filter((n) => !open.has(n))
  })

describe.skipIf(Postgres.isMissing)("a job", () => {
  it.scopedLive("goes on where it was when its client and all runners are killed", () =>
    Effect.gen(function*() {
      const { url } = yield* Postgres.make
      // Half of the entries are answered, and no more before the deaths: there is a middle on any machine.
      let answered = 0
      let isHeld = true
      const asks = new Map<string, number>()
      const handler: LoopbackServer.Handler = (request, response) => {
        asks.set(request.url!, (asks.get(request.url!) ?? 0) + 1)
        if (!isHeld || answered++ < count / 2) slowly(request, response)
      }
      const servers = yield* Effect.replicateEffect(LoopbackServer.make(handler), 10)
      const asked = () => servers.reduce((sum, server) => sum + server.requests(), 0)
      const client = program("job", url, "deaths", JSON.stringify(servers.map(({ url }) => url)), String(count))

      const first = [yield* runner(url), yield* runner(url), yield* client]
      yield* Ticks.within(60_000, "a part is done", () => asked() > count / 2 + 300)
      for (const child of first) child.kill("SIGKILL")
      yield* Ticks.within(20_000, "they are dead", () => first.every(({ signalCode }) => signalCode === "SIGKILL"))
      expect(asked()).toBeLessThan(count)
      const cluster = PostgresCluster.layerClient({ url })
      const done = yield* Effect.provide(doneOf("deaths"), cluster)
      const asksOf = (n: number) => asks.get(`/${n}`)
      const before = done.map(asksOf)
      // Four chunks of 50 entries are under way for each of ten origins.
      expect(done.length).toBeGreaterThan(1000)
      isHeld = false

      yield* runner(url)
      yield* runner(url)
      const second = yield* client
      let said = ""
      second.stdout.on("data", (part) => said += part)
      yield* Effect.promise(() => once(second, "close"))
      expect(JSON.parse(said)).toMatchObject({ state: "done", entries: count, succeeded: count, failed: 0 })
      const outcomes = yield* Effect.provide(Stream.runCollect(FetchJob.results("deaths")), cluster)
      const paths = Chunk.toReadonlyArray(outcomes).map(({ result }) =>
        result._tag === "Right" ? (result.right as { readonly path: string }).path : result
      )
      expect(paths).toEqual(Array.from({ length: count }, (_, n) => `/${n}`))
      // What was done before is not asked for again.
      expect(done.map(asksOf)).toEqual(before)
    }), 120_000)
})
