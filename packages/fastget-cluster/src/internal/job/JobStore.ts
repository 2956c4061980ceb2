/**
 * The statements on the tables of jobs. Rows come in and go out as they are
 * stored; times are milliseconds since 1970.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import type { StoredOptions } from "./JobOptions.js"

/** A job takes entries (`loading`), has all of them (`running`), or has ended. */
export type State = "loading" | "running" | "done" | "cancelled"

export interface Job {
  /** Its name. */
  readonly id: string
  /** A random text that no other job has, nor had, not even one of the same name. */
  readonly uid: string
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
  /** Of the job. */
  readonly uid: string
  readonly part: number
  readonly number: number
}

/** With the name of its job, which sinks know it by. */
export interface NamedChunk extends ChunkKey {
  readonly job: string
}

export interface NewChunk extends Omit<ChunkKey, "uid"> {
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
        Effect.asVoid(sql`INSERT INTO fastget_jobs (id, uid, state, options, entries, digest, created_at)
        VALUES (${id}, ${randomUUID()}, 'loading', ${
          JSON.stringify(options)
        }, 0, ${digest}, ${now}) ON CONFLICT DO NOTHING`)
    )
  }

  /** The job of a name. */
  find(id: string): Effect.Effect<Job | undefined, SqlError> {
    const { sql } = this
    return Effect.map(sql<JobRow>`SELECT * FROM fastget_jobs WHERE id = ${id}`, ([row]) => row && jobOf(row))
  }

  /** A job that has not ended. */
  findOpen(uid: string): Effect.Effect<Job | undefined, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<JobRow>`SELECT * FROM fastget_jobs WHERE uid = ${uid} AND state IN ('loading', 'running')`,
      ([row]) => row && jobOf(row)
    )
  }

  /** All jobs, in the order in which they were stored. */
  all(): Effect.Effect<ReadonlyArray<Job>, SqlError> {
    const { sql } = this
    return Effect.map(sql<JobRow>`SELECT * FROM fastget_jobs ORDER BY created_at, id`, (rows) => rows.map(jobOf))
  }

  /** Those that have not ended. */
  open(): Effect.Effect<ReadonlyArray<Pick<Job, "id" | "uid">>, SqlError> {
    const { sql } = this
    return sql<Pick<Job, "id" | "uid">>`SELECT id, uid FROM fastget_jobs WHERE state IN ('loading', 'running')`
  }

  /** Adds chunks and says how many entries are stored with them; false where the job takes no more, or has others by now. */
  addChunks(
    uid: string,
    chunks: ReadonlyArray<NewChunk>,
    before: Stored,
    after: Stored
  ): Effect.Effect<boolean, SqlError> {
    const { sql } = this
    return sql.withTransaction(Effect.gen(this, function*() {
      const changed = yield* isChanged(sql`UPDATE fastget_jobs SET entries = ${after.entries}, digest = ${after.digest}
        WHERE uid = ${uid} AND state = 'loading' AND entries = ${before.entries} AND digest = ${before.digest}
        RETURNING id`)
      if (!changed) return false
      for (const group of inGroups(chunks)) {
        yield* sql`INSERT INTO fastget_job_chunks ${sql.insert(group.map((chunk) => ({ uid, ...chunk })))}`
      }
      const counts = new Map<number, number>()
      for (const { part } of chunks) counts.set(part, (counts.get(part) ?? 0) + 1)
      for (const [part, count] of counts) {
        yield* sql`INSERT INTO fastget_job_parts (uid, part, chunks, finished, succeeded, failed)
          VALUES (${uid}, ${part}, ${count}, 0, 0, 0)
          ON CONFLICT (uid, part) DO UPDATE SET chunks = fastget_job_parts.chunks + excluded.chunks`
      }
      return true
    }))
  }

  /** Says that all entries are stored; false where the job has ended. */
  loaded(uid: string): Effect.Effect<boolean, SqlError> {
    const { sql } = this
    return isChanged(sql`UPDATE fastget_jobs SET state = 'running'
      WHERE uid = ${uid} AND state IN ('loading', 'running') RETURNING id`)
  }

  /** Ends a job all of whose entries are stored and done. */
  endIfDone(uid: string): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (now) =>
        Effect.asVoid(sql`UPDATE fastget_jobs SET state = 'done', problem = NULL, ended_at = ${now}
        WHERE uid = ${uid} AND state = 'running'
        AND NOT EXISTS (SELECT 1 FROM fastget_job_parts WHERE uid = ${uid} AND finished < chunks)`)
    )
  }

  /** Ends a job that has not ended, with what of it is not done. */
  cancel(uid: string): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      sql.withTransaction(Effect.all([
        sql`UPDATE fastget_jobs SET state = 'cancelled', ended_at = ${now}
          WHERE uid = ${uid} AND state IN ('loading', 'running')`,
        sql`DELETE FROM fastget_job_chunks WHERE uid = ${uid}
          AND EXISTS (SELECT 1 FROM fastget_jobs WHERE uid = ${uid} AND state = 'cancelled')`
      ], { discard: true })))
  }

  /** Deletes a job and all that is stored for it. */
  remove({ id, uid }: Pick<Job, "id" | "uid">): Effect.Effect<void, SqlError> {
    const { sql } = this
    return sql.withTransaction(Effect.gen(function*() {
      // Where another one has removed it, what is there by now is of the next job of its name.
      if (!(yield* isChanged(sql`DELETE FROM fastget_jobs WHERE uid = ${uid} RETURNING uid`))) return
      yield* sql`DELETE FROM fastget_job_chunks WHERE uid = ${uid}`
      yield* sql`DELETE FROM fastget_job_parts WHERE uid = ${uid}`
      // Results have the name, under which they are read. Without its chunk nobody writes any.
      yield* sql`DELETE FROM fastget_job_results WHERE job = ${id}`
    }))
  }

  /** Says what keeps a job from going on, or that nothing does. */
  setProblem(uid: string, problem: string | undefined): Effect.Effect<void, SqlError> {
    const { sql } = this
    return Effect.asVoid(sql`UPDATE fastget_jobs SET problem = ${problem ?? null} WHERE uid = ${uid}`)
  }

  /** The counts of all parts of a job together. */
  counts(uid: string): Effect.Effect<Counts, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Record<keyof Counts, number | string | null>>`SELECT SUM(succeeded) AS succeeded, SUM(failed) AS failed
        FROM fastget_job_parts WHERE uid = ${uid}`,
      ([row]) => ({ succeeded: Number(row?.succeeded ?? 0), failed: Number(row?.failed ?? 0) })
    )
  }

  /** The parts of a job that have chunks which are not done. */
  openParts(uid: string): Effect.Effect<ReadonlyArray<number>, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Pick<ChunkKey, "part">>`SELECT part FROM fastget_job_parts WHERE uid = ${uid} AND finished < chunks`,
      (rows) => rows.map(({ part }) => part)
    )
  }

  /** The numbers of a part's chunks that are not done, from one on. */
  openChunks({ number, part, uid }: ChunkKey, limit: number): Effect.Effect<ReadonlyArray<number>, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<{ readonly number: number | string }>`SELECT number FROM fastget_job_chunks
        WHERE uid = ${uid} AND part = ${part} AND number >= ${number} ORDER BY number LIMIT ${limit}`,
      (rows) => rows.map((row) => Number(row.number))
    )
  }

  /** The entries of a chunk; undefined where it is done. */
  entries({ number, part, uid }: ChunkKey): Effect.Effect<string | undefined, SqlError> {
    const { sql } = this
    return Effect.map(
      sql<Pick<NewChunk, "entries">>`SELECT entries FROM fastget_job_chunks
        WHERE uid = ${uid} AND part = ${part} AND number = ${number}`,
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
    const { number, part, uid } = key
    return sql.withTransaction(Effect.gen(function*() {
      const isOurs = yield* isChanged(sql`DELETE FROM fastget_job_chunks
        WHERE uid = ${uid} AND part = ${part} AND number = ${number} RETURNING number`)
      if (!isOurs) return
      yield* write
      yield* sql`UPDATE fastget_job_parts SET finished = finished + 1, succeeded = succeeded + ${succeeded},
        failed = failed + ${failed} WHERE uid = ${uid} AND part = ${part}`
    }))
  }

  /** Runs a write in a transaction while a chunk is not done, and nobody else can mark it as done. */
  whileOpen<E>({ number, part, uid }: ChunkKey, write: Effect.Effect<void, E>): Effect.Effect<void, SqlError | E> {
    const { sql } = this
    return sql.withTransaction(Effect.flatMap(
      isChanged(sql`UPDATE fastget_job_chunks SET entries = entries
        WHERE uid = ${uid} AND part = ${part} AND number = ${number} RETURNING number`),
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
  readonly uid: string
  readonly state: State
  readonly options: string
  readonly entries: number | string
  readonly digest: string
  readonly problem: string | null
  readonly created_at: number | string
  readonly ended_at: number | string | null
}

/** Postgres gives a BIGINT as a text. */
const jobOf = ({ created_at, digest, ended_at, entries, id, options, problem, state, uid }: JobRow): Job => ({
  id,
  uid,
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
