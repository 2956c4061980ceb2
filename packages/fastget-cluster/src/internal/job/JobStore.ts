/**
 * The statements on the tables of jobs. Rows come in and go out as they are
 * stored; times are milliseconds since 1970.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { StoredOptions } from "./JobOptions.js"

/** A job takes entries (`loading`), has all of them (`running`), or has ended. */
export type State = "loading" | "running" | "done" | "cancelled"

export interface Job {
  readonly id: string
  readonly state: State
  readonly options: StoredOptions
  /** Entries that are stored: so many from the start of the input. */
  readonly entries: number
  /** A hash of them. */
  readonly digest: string
  /** What keeps it from going on. */
  readonly problem: string | undefined
  readonly createdAt: number
  readonly endedAt: number | undefined
}

/** A chunk of a job, all of whose entries are of origins of one partition. */
export interface ChunkKey {
  readonly job: string
  readonly part: number
  readonly number: number
}

export interface NewChunk extends Omit<ChunkKey, "job"> {
  readonly entries: string
}

/** Entries of chunks that are done. */
export interface Counts {
  readonly succeeded: number
  readonly failed: number
}

/** So many entries from the start of the input are stored, and a hash of them. */
export type Stored = Pick<Job, "digest" | "entries">

/** The tables of a database. */
export class JobStore {
  constructor(private readonly sql: SqlClient.SqlClient) {}

  /** Stores a job without entries; does nothing where there is one of its name. */
  add(id: string, options: StoredOptions, digest: string): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (now) =>
        Effect.asVoid(sql`INSERT INTO fastget_jobs (id, state, options, entries, digest, created_at)
        VALUES (${id}, 'loading', ${JSON.stringify(options)}, 0, ${digest}, ${now}) ON CONFLICT DO NOTHING`)
    )
  }

  find(id: string): Effect.Effect<Job | undefined, SqlError> {
    const { sql } = this
    return Effect.map(sql<JobRow>`SELECT * FROM fastget_jobs WHERE id = ${id}`, ([row]) => row && jobOf(row))
  }

  /** All jobs, in the order in which they were stored. */
  all(): Effect.Effect<ReadonlyArray<Job>, SqlError> {
    const { sql } = this
    return Effect.map(sql<JobRow>`SELECT * FROM fastget_jobs ORDER BY created_at, id`, (rows) => rows.map(jobOf))
  }

  /** The names of those that have not ended. */
  open(): Effect.Effect<ReadonlyArray<string>, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Pick<Job, "id">>`SELECT id FROM fastget_jobs WHERE state IN ('loading', 'running')`,
      (rows) => rows.map(({ id }) => id)
    )
  }

  /** Adds chunks and says how many entries are stored with them; false where the job takes no more, or has others by now. */
  addChunks(
    job: string,
    chunks: ReadonlyArray<NewChunk>,
    before: Stored,
    after: Stored
  ): Effect.Effect<boolean, SqlError> {
    const { sql } = this
    return sql.withTransaction(Effect.gen(this, function*() {
      const changed = yield* isChanged(sql`UPDATE fastget_jobs SET entries = ${after.entries}, digest = ${after.digest}
        WHERE id = ${job} AND state = 'loading' AND entries = ${before.entries} AND digest = ${before.digest}
        RETURNING id`)
      if (!changed) return false
      for (const group of inGroups(chunks)) {
        yield* sql`INSERT INTO fastget_job_chunks ${sql.insert(group.map((chunk) => ({ job, ...chunk })))}`
      }
      const counts = new Map<number, number>()
      for (const { part } of chunks) counts.set(part, (counts.get(part) ?? 0) + 1)
      for (const [part, count] of counts) {
        yield* sql`INSERT INTO fastget_job_parts (job, part, chunks, finished, succeeded, failed)
          VALUES (${job}, ${part}, ${count}, 0, 0, 0)
          ON CONFLICT (job, part) DO UPDATE SET chunks = fastget_job_parts.chunks + excluded.chunks`
      }
      return true
    }))
  }

  /** Says that all entries are stored; false where the job has ended. */
  loaded(job: string): Effect.Effect<boolean, SqlError> {
    const { sql } = this
    return isChanged(sql`UPDATE fastget_jobs SET state = 'running'
      WHERE id = ${job} AND state IN ('loading', 'running') RETURNING id`)
  }

  /** Ends a job all of whose entries are stored and done. */
  endIfDone(job: string): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (now) =>
        Effect.asVoid(sql`UPDATE fastget_jobs SET state = 'done', problem = NULL, ended_at = ${now}
        WHERE id = ${job} AND state = 'running'
        AND NOT EXISTS (SELECT 1 FROM fastget_job_parts WHERE job = ${job} AND finished < chunks)`)
    )
  }

  /** Ends a job that has not ended, with what of it is not done. */
  cancel(job: string): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      sql.withTransaction(Effect.all([
        sql`UPDATE fastget_jobs SET state = 'cancelled', ended_at = ${now}
          WHERE id = ${job} AND state IN ('loading', 'running')`,
        sql`DELETE FROM fastget_job_chunks WHERE job = ${job}
          AND EXISTS (SELECT 1 FROM fastget_jobs WHERE id = ${job} AND state = 'cancelled')`
      ], { discard: true })))
  }

  /** Deletes a job and all that is stored for it. */
  remove(job: string): Effect.Effect<void, SqlError> {
    const { sql } = this
    return sql.withTransaction(Effect.all([
      sql`DELETE FROM fastget_jobs WHERE id = ${job}`,
      sql`DELETE FROM fastget_job_chunks WHERE job = ${job}`,
      sql`DELETE FROM fastget_job_parts WHERE job = ${job}`,
      sql`DELETE FROM fastget_job_results WHERE job = ${job}`
    ], { discard: true }))
  }

  /** Says what keeps a job from going on, or that nothing does. */
  setProblem(job: string, problem: string | undefined): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.asVoid(sql`UPDATE fastget_jobs SET problem = ${problem ?? null} WHERE id = ${job}`)
  }

  /** The counts of all parts of a job together. */
  counts(job: string): Effect.Effect<Counts, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Record<keyof Counts, number | string | null>>`SELECT SUM(succeeded) AS succeeded, SUM(failed) AS failed
        FROM fastget_job_parts WHERE job = ${job}`,
      ([row]) => ({ succeeded: Number(row?.succeeded ?? 0), failed: Number(row?.failed ?? 0) })
    )
  }

  /** The parts of a job that have chunks which are not done. */
  openParts(job: string): Effect.Effect<ReadonlyArray<number>, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Pick<ChunkKey, "part">>`SELECT part FROM fastget_job_parts WHERE job = ${job} AND finished < chunks`,
      (rows) => rows.map(({ part }) => part)
    )
  }

  /** The numbers of a part's chunks that are not done, from one on. */
  openChunks({ job, number, part }: ChunkKey, limit: number): Effect.Effect<ReadonlyArray<number>, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<{ readonly number: number | string }>`SELECT number FROM fastget_job_chunks
        WHERE job = ${job} AND part = ${part} AND number >= ${number} ORDER BY number LIMIT ${limit}`,
      (rows) => rows.map((row) => Number(row.number))
    )
  }

  /** The entries of a chunk; undefined where it is done. */
  entries({ job, number, part }: ChunkKey): Effect.Effect<string | undefined, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Pick<NewChunk, "entries">>`SELECT entries FROM fastget_job_chunks
        WHERE job = ${job} AND part = ${part} AND number = ${number}`,
      ([row]) => row?.entries
    )
  }

  /** Runs a write in one transaction with what marks a chunk as done; not at all where it is done, or its job has ended. */
  finish<E>(
    key: ChunkKey,
    { failed, succeeded }: Counts,
    write: Effect.Effect<void, E>
  ): Effect.Effect<void, SqlError | E> {
    const { sql } = this
    const { job, number, part } = key
    return sql.withTransaction(Effect.gen(function*() {
      const isOurs = yield* isChanged(sql`DELETE FROM fastget_job_chunks
        WHERE job = ${job} AND part = ${part} AND number = ${number} RETURNING number`)
      if (!isOurs) return
      yield* write
      yield* sql`UPDATE fastget_job_parts SET finished = finished + 1, succeeded = succeeded + ${succeeded},
        failed = failed + ${failed} WHERE job = ${job} AND part = ${part}`
    }))
  }

  /** Runs a write in a transaction while a chunk is not done, and nobody else can mark it as done. */
  whileOpen<E>({ job, number, part }: ChunkKey, write: Effect.Effect<void, E>): Effect.Effect<void, SqlError | E> {
    const { sql } = this
    return sql.withTransaction(Effect.flatMap(
      isChanged(sql`UPDATE fastget_job_chunks SET entries = entries
        WHERE job = ${job} AND part = ${part} AND number = ${number} RETURNING number`),
      (isOpen) => isOpen ? write : Effect.void
    ))
  }
}

/** The store of the database in context. */
export const make = Effect.map(SqlClient.SqlClient, (sql) => new JobStore(sql))

/** Whether a statement that returns what it changed has changed anything. */
const isChanged = (statement: Effect.Effect<ReadonlyArray<object>, SqlError>): Effect.Effect<boolean, SqlError> =>
  Effect.map(statement, ({ length }) => length > 0)

interface JobRow {
  readonly id: string
  readonly state: State
  readonly options: string
  readonly entries: number | string
  readonly digest: string
  readonly problem: string | null
  readonly created_at: number | string
  readonly ended_at: number | string | null
}

/** Postgres gives a BIGINT as a text. */
const jobOf = ({ created_at, digest, ended_at, entries, id, options, problem, state }: JobRow): Job => ({
  id,
  state,
  options: JSON.parse(options) as StoredOptions,
  entries: Number(entries),
  digest,
  problem: problem ?? undefined,
  createdAt: Number(created_at),
  endedAt: ended_at === null ? undefined : Number(ended_at)
})

/** Rows of one statement: a statement has a bounded number of parameters. */
const rowsAtOnce = 200

const inGroups = <A>(rows: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from(
    { length: Math.ceil(rows.length / rowsAtOnce) },
    (_, group) => rows.slice(group * rowsAtOnce, (group + 1) * rowsAtOnce)
  )
