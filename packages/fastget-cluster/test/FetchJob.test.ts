/** Jobs over a cluster of one process: client, runner and SQLite. */
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { ClusterFastGet, FetchJob, FetchSink, SqliteCluster } from "fastget-cluster"
import { LoopbackServer, Sqlite } from "loopback"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { entriesOf } from "./support.js"

const runner = (options: ClusterFastGet.RunnerOptions = {}) =>
  ClusterFastGet.runner({ numWorkers: 1, ...options }).pipe(Layer.provideMerge(SqliteCluster.layer()))

const collect = (job: string) => Effect.map(Stream.runCollect(FetchJob.results(job)), Chunk.toReadonlyArray)

describe.skipIf(Sqlite.isMissing)("a job", () => {
  it.scopedLive("has one outcome for each entry in the table, in the order of the input", () =>
    Effect.gen(function*() {
      const servers = yield* Effect.replicateEffect(LoopbackServer.make(), 5)
      const entries = entriesOf(servers.map(({ url }) => url), 2000)
      const started = yield* FetchJob.start("one", entries, { chunkSize: 100 })
      expect(started).toMatchObject({ job: "one", entries: 2000 })
      const ended = yield* FetchJob.wait("one")
      expect(ended).toMatchObject({ state: "done", entries: 2000, succeeded: 2000, failed: 0, problem: undefined })
      const outcomes = yield* collect("one")
      expect(outcomes.map(({ entry, id }) => [entry, id])).toEqual(entries.map(([id], entry) => [entry, id]))
      expect(outcomes.every(({ id, result, status }) =>
        status === 200 && result._tag === "Right" && (result.right as { path: string }).path === `/${id}`
      )).toBe(true)
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`SELECT COUNT(*) AS n FROM fastget_job_chunks`).toEqual([{ n: 0 }])
      yield* FetchJob.remove("one")
      expect(yield* FetchJob.list).toEqual([])
      expect(yield* sql`SELECT COUNT(*) AS n FROM fastget_job_results`).toEqual([{ n: 0 }])
    }).pipe(Effect.provide(runner())))

  it.scopedLive("has failures with their reasons, ids of any kind, twice the same one, and numbers as they came", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make((request, response) =>
        response.writeHead(request.url === "/no" ? 404 : 200).end("{ \"n\": 12345678901234567890.10 }")
      )
      const entries = [["a", `${url}/a`], [{ b: [1] }, `${url}/no`], ["a", `${url}/c`], [null, "none"]] as const
      yield* FetchJob.start("kinds", entries, { retry: { times: 0 } })
      expect(yield* FetchJob.wait("kinds")).toMatchObject({ state: "done", succeeded: 2, failed: 2 })
      const outcomes = yield* collect("kinds")
      expect(outcomes.map(({ id, result, text }) => [id, text ?? result])).toMatchObject([
        ["a", "{ \"n\": 12345678901234567890.10 }"],
        [{ b: [1] }, { left: { _tag: "FetchError", id: { b: [1] }, reason: { _tag: "Status", status: 404 } } }],
        ["a", "{ \"n\": 12345678901234567890.10 }"],
        [null, { left: { reason: { _tag: "InvalidUrl" } } }]
      ])
      expect(outcomes.map(FetchJob.toNdjson)[0]).toBe(
        `{"id":"a","url":"${url}/a","ok":true,"status":200,"json":{ "n": 12345678901234567890.10 }}\n`
      )
    }).pipe(Effect.provide(runner())))

  it.scopedLive("writes texts, and files of NDJSON", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make((_, response) => response.end("<p>"))
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-job-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(folder, { recursive: true })))
      yield* FetchJob.start("a/b", entriesOf([url], 250), { as: "text", sink: { folder }, chunkSize: 100 })
      expect(yield* FetchJob.wait("a/b")).toMatchObject({ state: "done", succeeded: 250 })
      const own = Path.join(folder, "a%2Fb")
      const files = Fs.readdirSync(own).sort()
      expect(files.map((name) => name.replace(/-\d+\./, "."))).toEqual([
        "000000000000.ndjson",
        "000000000100.ndjson",
        "000000000200.ndjson"
      ])
      const lines = files.flatMap((name) => Fs.readFileSync(Path.join(own, name), "utf8").trimEnd().split("\n"))
      const records = lines.map((line) => JSON.parse(line) as { readonly id: number; readonly json: string })
      expect(records.map(({ id }) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, n) => n))
      expect(new Set(records.map(({ json }) => json))).toEqual(new Set(["<p>"]))
      const error = yield* Effect.flip(collect("a/b"))
      expect(error.message).toBe(`Job "a/b": its results can't be read here: they are in ${own}`)
    }).pipe(Effect.provide(runner())))

  it.scopedLive("writes to a sink of its own, again where that failed, and says what keeps it", () => {
    const seen = new Map<number, number>()
    let refusals = 0
    const sink = Layer.succeed(FetchSink.FetchSink, {
      write: ({ outcomes }) =>
        Effect.suspend(() => {
          if (outcomes.some(({ entry }) => entry === 150) && refusals++ < 2) {
            return Effect.fail(new Error("the disk is full"))
          }
          for (const { entry } of outcomes) seen.set(entry, (seen.get(entry) ?? 0) + 1)
          return Effect.void
        })
    })
    return Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      yield* FetchJob.start("own", entriesOf([url], 300), { sink: "own", chunkSize: 100 })
      const stuck = yield* Effect.repeat(Effect.zipRight(Effect.sleep(20), FetchJob.status("own")), {
        until: ({ problem, state }) => problem !== undefined || state === "done"
      })
      expect(stuck.problem).toBe("the sink failed: the disk is full")
      expect(yield* FetchJob.wait("own")).toMatchObject({ state: "done", succeeded: 300, problem: undefined })
      expect(seen.size).toBe(300)
    }).pipe(Effect.provide(Layer.provide(runner(), sink)))
  })

  it.scopedLive("that is cancelled stops its requests", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(() => {})
      yield* FetchJob.start("cancelled", entriesOf([server.url], 300))
      yield* Effect.repeat(Effect.sleep(10), { until: () => server.unanswered() > 0 })
      const cancelled = yield* FetchJob.cancel("cancelled")
      expect(cancelled.state).toBe("cancelled")
      yield* Effect.repeat(Effect.sleep(10), { until: () => server.unanswered() === 0 })
      expect(yield* FetchJob.wait("cancelled")).toMatchObject({ state: "cancelled", succeeded: 0, failed: 0 })
    }).pipe(Effect.provide(runner())))

  it.scopedLive("that is removed and started again has nothing of what was under way", () =>
    Effect.gen(function*() {
      const held: Array<() => void> = []
      let isHeld = true
      const server = yield* LoopbackServer.make((request, response) => {
        if (isHeld) held.push(() => response.end("\"old\""))
        else LoopbackServer.echoPath(request, response)
      })
      yield* FetchJob.start("again", entriesOf([`${server.url}/old`], 20))
      yield* Effect.repeat(Effect.sleep(10), { until: () => held.length > 0 })
      yield* FetchJob.remove("again")
      isHeld = false
      yield* FetchJob.start("again", entriesOf([server.url], 5))
      const ended = yield* Effect.fork(FetchJob.wait("again"))
      for (const answer of held) answer()
      expect(yield* Fiber.join(ended)).toMatchObject({ state: "done", entries: 5, succeeded: 5, failed: 0 })
      const outcomes = yield* collect("again")
      expect(outcomes.map(({ result, url }) => [url, result])).toMatchObject(
        entriesOf([server.url], 5).map(([, url]) => [url, { right: { path: new URL(url).pathname } }])
      )
    }).pipe(Effect.provide(runner())))

  it.scopedLive("goes on where storing its entries was broken off, with the same entries only", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const entries = entriesOf([url], 50_000)
      const broken = Stream.concat(Stream.fromIterable(entries.slice(0, 45_000)), Stream.fail("cable"))
      expect(yield* Effect.flip(FetchJob.start("broken", broken))).toBe("cable")
      const { entries: stored, state } = yield* FetchJob.status("broken")
      expect(state).toBe("loading")
      expect(stored).toBeGreaterThanOrEqual(20_000)
      expect(yield* Effect.flip(FetchJob.start("broken", entries.slice(1)))).toMatchObject({
        reason: { _tag: "Different", detail: `its first ${stored} entries are others` }
      })
      expect(yield* Effect.flip(FetchJob.start("broken", entries.slice(0, 5)))).toMatchObject({
        reason: { _tag: "Different", detail: `${stored} entries of it are stored, and the input has 5` }
      })
      expect(yield* Effect.flip(FetchJob.start("broken", entries, { timeout: "1 second" }))).toMatchObject({
        reason: { _tag: "Different", detail: "its options are others" }
      })
      yield* FetchJob.start("broken", entries)
      expect(yield* FetchJob.wait("broken")).toMatchObject({ state: "done", entries: 50_000, succeeded: 50_000 })
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`SELECT COUNT(*) AS n, MAX(entry) AS last FROM fastget_job_results`).toEqual([
        { n: 50_000, last: 49_999 }
      ])
    }).pipe(Effect.provide(runner())))
})

describe.skipIf(Sqlite.isMissing)("a job that can't be", () => {
  const failure = <E, R>(effect: Effect.Effect<unknown, E, R>) => Effect.flip(effect)

  it.scopedLive("is refused with its reason", () =>
    Effect.gen(function*() {
      expect(yield* failure(FetchJob.status("none"))).toMatchObject({ _tag: "JobError", reason: { _tag: "Unknown" } })
      expect(yield* failure(FetchJob.cancel("none"))).toMatchObject({ reason: { _tag: "Unknown" } })
      expect(yield* failure(FetchJob.start("", []))).toMatchObject({ reason: { _tag: "Name" } })
      expect(yield* failure(FetchJob.start("date", [[1, "u"], [new Date() as never, "u"]]))).toMatchObject({
        reason: { _tag: "Id", entry: 1 }
      })
      const secret = { headers: { authorization: Redacted.make("x") } }
      expect(yield* failure(FetchJob.start("secret", [], secret))).toMatchObject({
        message: "Job \"secret\": the header authorization would be stored in the database in the clear: " +
          "allow it with storeSecrets"
      })
      for (
        const [options, option] of [
          [{ chunkSize: 0 }, "chunkSize"],
          [{ sink: "tabel" as never }, "sink"],
          [{ as: "xml" as never }, "as"],
          [{ rate: "1/s" } as never, "rate"],
          [{ concurrency: 3 } as never, "concurrency"],
          [{ tiemout: 3 } as never, "tiemout"]
        ] as const
      ) {
        const exit = yield* Effect.exit(Effect.catchAllDefect(FetchJob.start("options", [], options), Effect.fail))
        expect(exit).toMatchObject({ cause: { error: { _tag: "InvalidOption", option } } })
      }
    }).pipe(Effect.provide(SqliteCluster.layer())))
})
