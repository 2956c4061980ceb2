/** The parts of a job, each alone: its input, its tables, its sinks, and who fetches its chunks. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlError from "@effect/sql/SqlError"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as FastGet from "fastget/FastGet"
import * as FetchError from "fastget/FetchError"
import { LoopbackServer, Sqlite } from "loopback"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { JobOutcome } from "../src/FetchSink.js"
import * as ChunkWriter from "../src/internal/job/ChunkWriter.js"
import * as Coordinator from "../src/internal/job/Coordinator.js"
import * as DatabaseFailure from "../src/internal/job/DatabaseFailure.js"
import * as FolderSink from "../src/internal/job/FolderSink.js"
import * as JobInput from "../src/internal/job/JobInput.js"
import * as JobOptions from "../src/internal/job/JobOptions.js"
import * as JobStore from "../src/internal/job/JobStore.js"
import * as JobTables from "../src/internal/job/JobTables.js"
import * as OpenJobs from "../src/internal/job/OpenJobs.js"
import * as TableSink from "../src/internal/job/TableSink.js"
import type { RunStoredPayload, StoredReply } from "../src/internal/protocol/OriginEntity.js"
import { OriginEntity } from "../src/internal/protocol/OriginEntity.js"
import * as ChunkFetch from "../src/internal/runner/ChunkFetch.js"
import * as ClientRuns from "../src/internal/runner/ClientRuns.js"
import * as StoredChunks from "../src/internal/runner/StoredChunks.js"
import * as JobError from "../src/JobError.js"
import * as SqliteCluster from "../src/SqliteCluster.js"

const database = SqliteCluster.layer()

/** A store with a job of these entries, all of which are stored. */
const jobOf = (entries: ReadonlyArray<readonly [unknown, string]>, options: JobOptions.JobOptions = {}) =>
  Effect.gen(function*() {
    yield* JobTables.create
    const store = yield* JobStore.make
    yield* store.add("a", yield* JobOptions.resolve("a", options), JobInput.digestOfNone)
    yield* JobInput.load(store, (yield* store.find("a"))!, entries)
    return { store, job: (yield* store.find("a"))! }
  })

/** The first chunk of each part of a job. */
const keysOf = (store: JobStore.JobStore, { id, uid }: JobStore.Job) =>
  Effect.flatMap(store.openParts(uid), (parts) =>
    Effect.forEach(parts, (part) =>
      Effect.map(
        store.openChunks({ uid, part, number: 0 }, 9),
        (numbers) => ({ job: id, uid, part, number: numbers[0]! })
      )))

const sinksOf = (store: JobStore.JobStore) =>
  Effect.map(TableSink.make, (table): ChunkWriter.Sinks => ({ store, table, waiting: { bytes: 0 }, own: undefined }))

const outcome = (entry: number, json: string | undefined): JobOutcome => ({
  entry,
  id: entry,
  url: `http://a.example/${entry}`,
  text: json,
  result: json === undefined
    ? Either.left(FetchError.make({
      id: entry,
      url: "http://a.example",
      reason: { _tag: "EmptyBody", status: 204 },
      attempts: 1,
      elapsed: "1 second"
    } as never))
    : Either.right(JSON.parse(json)),
  status: json === undefined ? 204 : 200,
  bytes: json?.length ?? 0,
  attempts: 1,
  elapsed: 3
})

describe("JobOptions", () => {
  it.effect("are stored without what JSON does not have, and are a stream's again", () =>
    Effect.gen(function*() {
      const headers = { accept: "a/b", authorization: Redacted.make("secret") }
      const given = { timeout: "5 seconds", deadline: "none", headers, storeSecrets: true } as const
      const stored = JSON.parse(JSON.stringify(yield* JobOptions.resolve("a", given)))
      expect(stored).toMatchObject({ chunkSize: 1000, sink: { _tag: "Table" }, secretHeaders: ["authorization"] })
      const options = JobOptions.ofStream(stored)
      expect(options).toMatchObject({ timeout: 5000, deadline: "none", headers: { accept: "a/b" } })
      expect(Redacted.isRedacted(options.headers!["authorization"])).toBe(true)
    }))
})

describe("JobError", () => {
  it("says what is wrong with which job", () => {
    const error = new JobError.JobError({ job: "a", reason: { _tag: "Unknown" } })
    expect([JobError.isJobError(error), error.message]).toEqual([true, "Job \"a\": there is no such job"])
    const cause = new Error("no route")
    expect(DatabaseFailure.make("a", new SqlError.SqlError({ cause, message: "failed" }))).toMatchObject({
      reason: { _tag: "Database", detail: "no route" }
    })
  })
})

describe.skipIf(Sqlite.isMissing)("the parts of a job", () => {
  const origins = ["http://a.example", "http://b.example"]
  const entries = Array.from({ length: 25 }, (_, n) => [n, `${origins[n % 2]}/${n}`] as const)

  it.scopedLive("chunks have entries of one partition, and are done once", () =>
    Effect.gen(function*() {
      const { job, store } = yield* jobOf(entries, { chunkSize: 5 })
      const { uid } = job
      expect(job).toMatchObject({ id: "a", state: "running", entries: 25, problem: undefined })
      const parts = yield* store.openParts(uid)
      expect(parts).toHaveLength(2)
      const key = { uid, part: parts[0]!, number: 0 }
      const numbers = yield* store.openChunks(key, 10)
      expect([numbers.length, yield* store.openChunks({ ...key, number: numbers[0]! + 1 }, 1)]).toEqual([3, [
        numbers[1]
      ]])
      const first = { ...key, number: numbers[0]! }
      const urls = (JSON.parse((yield* store.entries(first))!) as ReadonlyArray<JobInput.StoredEntry>).map((
        [, , url]
      ) => url)
      expect(new Set(urls.map((url) => new URL(url).origin)).size).toBe(1)
      let writes = 0
      const write = Effect.sync(() => void writes++)
      yield* store.whileOpen(first, write)
      yield* store.finish(first, { succeeded: 4, failed: 1 }, write)
      yield* store.finish(first, { succeeded: 4, failed: 1 }, write)
      yield* store.whileOpen(first, write)
      expect([writes, yield* store.counts(uid), yield* store.entries(first)]).toEqual([
        2,
        { succeeded: 4, failed: 1 },
        undefined
      ])
      yield* store.endIfDone(uid)
      expect(yield* store.open()).toEqual([{ id: "a", uid }])
      // A write that fails undoes all of it.
      const second = { ...key, number: numbers[1]! }
      yield* Effect.flip(store.finish(second, { succeeded: 5, failed: 0 }, Effect.fail("full")))
      expect([yield* store.counts(uid), typeof (yield* store.entries(second))]).toEqual([
        { succeeded: 4, failed: 1 },
        "string"
      ])
    }).pipe(Effect.provide(database)))

  it.scopedLive("a job that ended is told to those who use it", () =>
    Effect.gen(function*() {
      const { job: { uid }, store } = yield* jobOf(entries)
      const jobs = yield* OpenJobs.make(store)
      const job = yield* jobs.use(uid)
      const ended = yield* Effect.fork(job!.ended)
      yield* store.cancel(uid)
      yield* Fiber.join(ended)
      expect([yield* Effect.scoped(jobs.use("none")), (yield* store.all()).map(({ state }) => state)]).toEqual([
        undefined,
        ["cancelled"]
      ])
    }).pipe(Effect.provide(database)))

  it.scopedLive("a job is watched while somebody uses it, and not for those who were interrupted", () =>
    Effect.gen(function*() {
      const { job: { uid }, store } = yield* jobOf(entries)
      const jobs = yield* OpenJobs.make(store)
      yield* Effect.scoped(Effect.gen(function*() {
        const both = yield* Effect.all([jobs.use(uid), jobs.use(uid)], { concurrency: 2 })
        expect(both.map((job) => job?.id)).toEqual(["a", "a"])
        yield* Effect.scoped(jobs.use(uid))
        expect(jobs.count()).toBe(1)
      }))
      expect(jobs.count()).toBe(0)
      // Interrupted at any step of it.
      for (let steps = 0; steps < 40; steps++) {
        const fiber = yield* Effect.fork(Effect.scoped(jobs.use(uid)))
        for (let step = 0; step < steps; step++) yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
      }
      expect(jobs.count()).toBe(0)
    }).pipe(Effect.provide(database)))

  it.scopedLive("the table has the last outcome of an entry, with its digits", () =>
    Effect.gen(function*() {
      yield* JobTables.create
      const table = yield* TableSink.make
      yield* table.write("a", [outcome(1, "1"), outcome(0, undefined)].map(TableSink.rowOf))
      yield* table.write("a", [TableSink.rowOf(outcome(1, "{ \"n\": 1.50 }"))])
      const read = Chunk.toReadonlyArray(yield* Stream.runCollect(table.read("a")))
      expect(read.map(({ entry, status, text }) => [entry, status, text])).toEqual([
        [0, 204, undefined],
        [1, 200, "{ \"n\": 1.50 }"]
      ])
      expect(read[0]!.result).toMatchObject({ left: { reason: { _tag: "EmptyBody", status: 204 } } })
    }).pipe(Effect.provide(database)))

  it.scopedLive("a file appears as a whole, and one that was not finished not at all", () =>
    Effect.gen(function*() {
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-job-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(folder, { recursive: true })))
      const key = { job: "..", uid: "u", part: 3, number: 7 }
      const own = FolderSink.folderOf(folder, "..")
      expect(Path.dirname(own)).toBe(folder)
      yield* Effect.scoped(Effect.flatMap(FolderSink.open(folder, key), ({ write }) => write([outcome(1, "1")])))
      expect(Fs.readdirSync(own)).toEqual([])
      yield* Effect.scoped(Effect.flatMap(FolderSink.open(folder, key), ({ close, place, write }) =>
        Effect.all([write([outcome(1, "1"), outcome(2, undefined)]), close, place])))
      expect(Fs.readdirSync(own)).toEqual(["000000000007-3.ndjson"])
      expect(Fs.readFileSync(Path.join(own, "000000000007-3.ndjson"), "utf8")).toBe(
        [outcome(1, "1"), outcome(2, undefined)].map(FolderSink.lineOf).join("")
      )
    }))

  it.scopedLive("a chunk whose rows are many bytes writes them before its end, and holds none when it is given up", () =>
    Effect.gen(function*() {
      const { job, store } = yield* jobOf(entries)
      const [key] = yield* keysOf(store, job)
      const sinks = yield* sinksOf(store)
      const sql = yield* SqlClient.SqlClient
      const written = Effect.map(sql`SELECT entry FROM fastget_job_results ORDER BY entry`, (rows) => rows.length)
      const large = JSON.stringify("a".repeat(3 * 1024 * 1024))
      yield* Effect.scoped(Effect.gen(function*() {
        const writer = yield* ChunkWriter.make(sinks, { _tag: "Table" }, key!)
        yield* writer.write([outcome(0, large), outcome(1, large)])
        expect([yield* written, sinks.waiting.bytes > 6 * 1024 * 1024]).toEqual([0, true])
        yield* writer.write([outcome(2, large)])
        expect([yield* written, sinks.waiting.bytes]).toEqual([3, 0])
        yield* writer.write([outcome(3, "1")])
        expect(sinks.waiting.bytes).toBeGreaterThan(0)
      }))
      expect([yield* written, sinks.waiting.bytes]).toEqual([3, 0])
    }).pipe(Effect.provide(database)))

  it.scopedLive("a file has its name where its chunk is marked as done by whoever wrote it, and not otherwise", () =>
    Effect.gen(function*() {
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-job-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(folder, { recursive: true })))
      const { job, store } = yield* jobOf(entries)
      const [first, second] = yield* keysOf(store, job)
      const sinks = yield* sinksOf(store)
      const counts = { succeeded: 1, failed: 0 }
      const write = (key: typeof first, json: string) =>
        Effect.scoped(Effect.flatMap(
          ChunkWriter.make(sinks, { _tag: "Folder", folder }, key!),
          ({ finish, write }) => Effect.zipRight(write([outcome(0, json)]), finish(counts))
        ))
      const own = FolderSink.folderOf(folder, "a")
      const nameOf = ({ number, part }: JobStore.ChunkKey) =>
        Path.join(own, `${String(number).padStart(12, "0")}-${part}.ndjson`)
      yield* write(first, "1")
      // It is done: what comes later is not needed any more.
      yield* write(first, "2")
      expect(Fs.readFileSync(nameOf(first!), "utf8")).toContain("\"json\":1")
      // A folder can't be replaced by a file.
      Fs.mkdirSync(nameOf(second!))
      expect((yield* Effect.flip(write(second, "3"))).message).toContain("the sink failed")
      expect([yield* store.counts(job.uid), typeof (yield* store.entries(second!))]).toEqual([counts, "string"])
      expect(Fs.readdirSync(own).sort()).toEqual(
        [nameOf(first!), nameOf(second!)].map((name) => Path.basename(name)).sort()
      )
    }).pipe(Effect.provide(database)))

  it.scopedLive("a job that another one has removed is not removed again, with what the next of its name has", () =>
    Effect.gen(function*() {
      const { job, store } = yield* jobOf(entries)
      yield* store.remove(job)
      const next = (yield* jobOf(entries)).job
      const table = yield* TableSink.make
      yield* table.write("a", [TableSink.rowOf(outcome(0, "1"))])
      yield* store.remove(job)
      expect(next.uid).not.toBe(job.uid)
      expect(yield* store.find("a")).toEqual(next)
      expect(Chunk.size(yield* Stream.runCollect(table.read("a")))).toBe(1)
      // Whoever still stores entries of the first one is told.
      const storing = yield* Effect.flip(JobInput.load(store, { ...job, state: "loading", entries: 0 }, entries))
      expect(storing).toMatchObject({ reason: { _tag: "Cancelled" } })
    }).pipe(Effect.provide(database)))

  it.scopedLive("a chunk is fetched and written; where there is no sink that is said", () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const { job, store } = yield* jobOf([["x", `${url}/x`], ["y", "nothing"]])
      const { uid } = job
      const keys = yield* keysOf(store, job)
      const sinks = yield* sinksOf(store)
      const runs = yield* ClientRuns.make(yield* FastGet.FastGet)
      const missing = yield* Effect.flip(Effect.scoped(ChunkWriter.make(sinks, { _tag: "Own" }, keys[0]!)))
      expect(missing.message).toContain("this runner has no FetchSink")
      const asked: Array<string> = []
      for (const key of keys) {
        yield* ChunkFetch.run(runs, sinks, job, key, (urls) => void asked.push(...urls))
      }
      expect(asked.sort()).toEqual([`${url}/x`, "nothing"])
      expect(yield* store.counts(uid)).toEqual({ succeeded: 1, failed: 1 })
      const chunks = yield* StoredChunks.make(runs)
      const owned = yield* chunks.ofEntity(() => {})
      expect(yield* owned.run(keys[0]!)).toEqual({ _tag: "Done" })
      expect(yield* owned.run({ uid: "none", part: 0, number: 0 })).toEqual({ _tag: "Done" })
    }).pipe(Effect.provide([database, Layer.provide(FastGet.layer({ logLevel: "None" }), FetchHttpClient.layer)])))

  it.scopedLive(
    "the coordinator asks for each chunk until it is done, and says what keeps it",
    () =>
      Effect.gen(function*() {
        const { job: { uid }, store } = yield* jobOf(entries, { chunkSize: 5 })
        const asked = new Map<number, number>()
        const problem = yield* Deferred.make<void>()
        const answer = (payload: RunStoredPayload): Effect.Effect<StoredReply> =>
          Effect.gen(function*() {
            const times = (asked.get(payload.number) ?? 0) + 1
            asked.set(payload.number, times)
            if (times === 1) return { _tag: "Working" }
            if (payload.number === 0 && times === 2) return { _tag: "Failed", problem: "full" }
            if (payload.number === 0) yield* Deferred.await(problem)
            yield* Effect.orDie(store.finish(payload, { succeeded: 5, failed: 0 }, Effect.void))
            return { _tag: "Done" }
          })
        const owners = OriginEntity.toLayer(
          Effect.succeed(OriginEntity.of({
            Fetch: () => Effect.die("not asked"),
            More: () => Effect.die("not asked"),
            Drop: () => Effect.void,
            RunStored: ({ payload }) => answer(payload)
          })),
          { concurrency: "unbounded" }
        )
        yield* Layer.build(Layer.merge(owners, Coordinator.layer(1)))
        yield* Effect.repeat(Effect.delay(store.find("a"), 20), { until: (job) => job?.problem === "full" })
        yield* Deferred.succeed(problem, undefined)
        const ended = yield* Effect.repeat(Effect.delay(store.find("a"), 20), { until: (job) => job?.state === "done" })
        expect(ended?.problem).toBe(undefined)
        expect(asked.size).toBe(6)
        expect(yield* store.counts(uid)).toEqual({ succeeded: 30, failed: 0 })
        const sql = yield* SqlClient.SqlClient
        expect(yield* sql`SELECT * FROM fastget_job_chunks`).toEqual([])
      }).pipe(Effect.provide(database)),
    60_000
  )
})
