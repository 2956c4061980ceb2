/**
 * Durable jobs. The entries of a job are stored in the database of a cluster;
 * its runners fetch them and write their outcomes to a sink. When everything is
 * killed, the program that started it included, the job goes on where it was as
 * soon as there is a runner again.
 *
 * - {@link start} stores the entries, and goes on where it was broken off,
 * - {@link status}, {@link wait}, {@link cancel}, {@link remove} and {@link list} are for any program,
 * - {@link results} reads the outcomes.
 *
 * The functions need the database only: `PostgresCluster.layerClient` has it, and
 * `SqliteCluster.layer`.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Entries } from "fastget/Entry"
import type { Json } from "fastget/Json"
import type { JobOutcome } from "./FetchSink.js"
import * as DatabaseFailure from "./internal/job/DatabaseFailure.js"
import * as FolderSink from "./internal/job/FolderSink.js"
import * as JobInput from "./internal/job/JobInput.js"
import * as Options from "./internal/job/JobOptions.js"
import * as JobStore from "./internal/job/JobStore.js"
import * as JobTables from "./internal/job/JobTables.js"
import * as TableSink from "./internal/job/TableSink.js"
import { JobError } from "./JobError.js"

/**
 * The options of a job: those of a stream that belong to its requests, where its
 * outcomes go, and how large its chunks are. They are stored with it.
 *
 * @since 0.1.0
 * @category models
 */
export type JobOptions = Options.JobOptions

/**
 * How far a job is. It is `loading` until all of its entries are stored, then
 * `running`, and ends as `done` or `cancelled`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Status {
  readonly job: string
  readonly state: JobStore.State
  /** Entries that are stored by now; all of them when it is no longer `loading`. */
  readonly entries: number
  /** Entries whose chunk is done, that have their JSON. */
  readonly succeeded: number
  /** Entries whose chunk is done, that have a failure. */
  readonly failed: number
  /** What keeps it from going on, where something does: a sink that fails, or runners that have none. */
  readonly problem: string | undefined
  readonly createdAt: Date
  readonly endedAt: Date | undefined
}

/**
 * Starts a job: stores its entries, and gives its status when all are stored.
 * The runners fetch them meanwhile. Ids are JSON, and may be there twice. A job
 * of this name that was broken off while its entries were stored goes on there:
 * the input is read from its start, and has to be the same as far as it is
 * stored, or this fails with `Different`. Where all entries are stored nothing is
 * read. An option that can't be is a defect, `FastGetConfig.InvalidOption`.
 *
 * @since 0.1.0
 * @category jobs
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { FetchJob, PostgresCluster } from "fastget-cluster"
 *
 * const users = Stream.range(1, 1_000_000).pipe(
 *   Stream.map((n) => [n, `https://api.example.com/users/${n}`] as const)
 * )
 *
 * export const program = FetchJob.start("users-2026-11", users, { timeout: "5 seconds" }).pipe(
 *   Effect.zipRight(FetchJob.wait("users-2026-11")),
 *   Effect.tap(({ failed, succeeded }) => Effect.log(succeeded, failed)),
 *   Effect.provide(PostgresCluster.layerClient({ url: "postgres://fastget@db.example.com/fastget" }))
 * )
 * ```
 */
export const start = <E = never, R = never>(
  job: string,
  entries: Entries<Json, E, R>,
  options: JobOptions = {}
): Effect.Effect<Status, JobError | E, SqlClient.SqlClient | R> =>
  Effect.gen(function*() {
    const problem = problemOfName(job)
    if (problem !== undefined) return yield* new JobError({ job, reason: { _tag: "Name", detail: problem } })
    const stored = yield* Effect.catchTag(Options.resolve(job, options), "InvalidOption", Effect.die)
    const store = yield* storeOf(job)
    yield* DatabaseFailure.ofJob(job, store.add(job, stored, JobInput.digestOfNone))
    const found = yield* known(store, job)
    if (JSON.stringify(found.options) !== JSON.stringify(stored)) {
      return yield* new JobError({ job, reason: { _tag: "Different", detail: "its options are others" } })
    }
    if (found.state === "loading") {
      yield* JobInput.load(store, found, entries)
    }
    return yield* statusOf(store, job)
  })

/**
 * How far a job is. Fails with `Unknown` where there is none of the name.
 *
 * @since 0.1.0
 * @category jobs
 */
export const status = (job: string): Effect.Effect<Status, JobError, SqlClient.SqlClient> =>
  Effect.flatMap(storeOf(job), (store) => statusOf(store, job))

/**
 * All jobs, in the order in which they were started.
 *
 * @since 0.1.0
 * @category jobs
 */
export const list: Effect.Effect<ReadonlyArray<Status>, JobError, SqlClient.SqlClient> = Effect.flatMap(
  storeOf("*"),
  (store) =>
    Effect.flatMap(
      DatabaseFailure.ofJob("*", store.all()),
      // Of what was read: one that is removed meanwhile is there once more, and does not fail the list.
      (all) => Effect.forEach(all, (job) => statusAt(store, job))
    )
)

/** How often, in milliseconds, a job is looked at that is waited for. */
const lookEvery = 500

/**
 * Waits until a job is done or cancelled. It may be waited for by any program,
 * and again after that was killed.
 *
 * @since 0.1.0
 * @category jobs
 */
export const wait = (job: string): Effect.Effect<Status, JobError, SqlClient.SqlClient> =>
  Effect.flatMap(storeOf(job), (store) => {
    const look: Effect.Effect<Status, JobError> = Effect.flatMap(
      statusOf(store, job),
      (found) => hasEnded(found) ? Effect.succeed(found) : Effect.delay(look, lookEvery)
    )
    return look
  })

/**
 * Ends a job: runners notice it within a second and stop its requests. What has
 * its outcome in the sink stays there. It does nothing to a job that has ended.
 *
 * @since 0.1.0
 * @category jobs
 */
export const cancel = (job: string): Effect.Effect<Status, JobError, SqlClient.SqlClient> =>
  Effect.flatMap(storeOf(job), (store) =>
    known(store, job).pipe(
      Effect.flatMap(({ uid }) => DatabaseFailure.ofJob(job, store.cancel(uid))),
      Effect.zipRight(statusOf(store, job))
    ))

/**
 * Deletes all that the database has of a job, its results included: it keeps
 * them until then. A job that has not ended ends. Files in a folder stay.
 *
 * @since 0.1.0
 * @category jobs
 */
export const remove = (job: string): Effect.Effect<void, JobError, SqlClient.SqlClient> =>
  Effect.flatMap(
    storeOf(job),
    (store) => Effect.flatMap(known(store, job), (found) => DatabaseFailure.ofJob(job, store.remove(found)))
  )

/**
 * The outcomes of a job that are in the table by now, once for each entry, in
 * the order of the input. Those of another sink are read where they are: for
 * such a job this fails with `Results`, which says where.
 *
 * @since 0.1.0
 * @category jobs
 */
export const results = (job: string): Stream.Stream<JobOutcome, JobError, SqlClient.SqlClient> =>
  Stream.unwrap(Effect.gen(function*() {
    const store = yield* storeOf(job)
    const { options: { sink } } = yield* known(store, job)
    if (sink._tag === "Table") {
      const table = yield* TableSink.make
      return Stream.mapError(table.read(job), (error) => DatabaseFailure.make(job, error))
    }
    return yield* new JobError({
      job,
      reason: {
        _tag: "Results",
        detail: sink._tag === "Own"
          ? "they are in the FetchSink of the runners"
          : `they are in ${FolderSink.folderOf(sink.folder, job)}`
      }
    })
  }))

/**
 * An outcome as a line of NDJSON, as the command and the folder have it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toNdjson: (outcome: JobOutcome) => string = FolderSink.lineOf

/**
 * Whether a job has ended.
 *
 * @since 0.1.0
 * @category guards
 */
export const hasEnded = ({ state }: Pick<Status, "state">): boolean => state === "done" || state === "cancelled"

const longestName = 200

const problemOfName = (job: string): string | undefined =>
  job === "" || job.length > longestName || /[\p{Cc}\p{Cs}]/u.test(job)
    ? `it takes 1 to ${longestName} characters, without control characters`
    : undefined

function storeOf(job: string): Effect.Effect<JobStore.JobStore, JobError, SqlClient.SqlClient> {
  return Effect.zipRight(DatabaseFailure.ofJob(job, JobTables.create), JobStore.make)
}

const known = (store: JobStore.JobStore, job: string): Effect.Effect<JobStore.Job, JobError> =>
  Effect.flatMap(
    DatabaseFailure.ofJob(job, store.find(job)),
    (found) => found === undefined ? new JobError({ job, reason: { _tag: "Unknown" } }) : Effect.succeed(found)
  )

const statusOf = (store: JobStore.JobStore, job: string): Effect.Effect<Status, JobError> =>
  Effect.flatMap(known(store, job), (found) => statusAt(store, found))

/** The status of a job as it was read. */
const statusAt = (
  store: JobStore.JobStore,
  { createdAt, endedAt, entries, id, problem, state, uid }: JobStore.Job
): Effect.Effect<Status, JobError> =>
  Effect.map(DatabaseFailure.ofJob(id, store.counts(uid)), ({ failed, succeeded }) => ({
    job: id,
    state,
    entries,
    succeeded,
    failed,
    problem,
    createdAt: new Date(createdAt),
    endedAt: endedAt === undefined ? undefined : new Date(endedAt)
  }))
