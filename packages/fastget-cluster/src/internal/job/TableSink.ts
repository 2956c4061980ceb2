/** The sink of a job in the database of the cluster: a row for each entry. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { FetchError, Reason } from "fastget/FetchError"
import * as FetchErrorModule from "fastget/FetchError"
import type { Json } from "fastget/Json"
import type { JobOutcome } from "../../FetchSink.js"

interface Row {
  readonly entry: number | string
  readonly id: unknown
  readonly url: string
  readonly status: number | null
  readonly bytes: number | string
  readonly attempts: number
  readonly elapsed: number | string
  readonly json: unknown
  readonly error: unknown
}

/** A row as it is written. */
export interface NewRow {
  readonly entry: number
  readonly id: string
  readonly url: string
  readonly status: number | null
  readonly bytes: number
  readonly attempts: number
  readonly elapsed: number
  readonly json: string | null
  readonly error: string | null
}

/** Rows of one statement in SQLite, which has a bounded number of parameters. */
const rowsAtOnce = 500

/** Rows of one statement when they are read. */
const pageSize = 1000

/** The table of the database in context. */
export const make = Effect.map(SqlClient.SqlClient, (sql) => {
  /** Postgres has the rows in one parameter: a statement of many takes several times as long. */
  const insertPg = (job: string, rows: ReadonlyArray<object>) =>
    sql`INSERT INTO fastget_job_results (job, entry, id, url, status, bytes, attempts, elapsed, json, error)
      SELECT ${job}, entry, id::json, url, status, bytes, attempts, elapsed, json::json, error::json
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS rows (entry bigint, id text, url text, status int,
        bytes bigint, attempts int, elapsed bigint, json text, error text)
      ON CONFLICT (job, entry) DO UPDATE SET status = excluded.status, bytes = excluded.bytes,
        attempts = excluded.attempts, elapsed = excluded.elapsed, json = excluded.json, error = excluded.error`
  const insertSqlite = (job: string, rows: ReadonlyArray<object>) =>
    sql`INSERT OR REPLACE INTO fastget_job_results ${sql.insert(rows.map((row) => ({ job, ...row })))}`
  const insert = sql.onDialectOrElse({ pg: () => insertPg, orElse: () => insertSqlite })
  // As texts, so that no driver makes values of them, which would lose digits.
  const asText = (column: string) =>
    sql.onDialectOrElse({
      pg: () => sql.literal(`${column}::text AS ${column}`),
      orElse: () => sql.literal(column)
    })

  return {
    write: (job: string, rows: ReadonlyArray<NewRow>): Effect.Effect<void, SqlError> =>
      Effect.forEach(inGroups(rows), (group) => insert(job, group), { discard: true }),

    /** The outcomes of a job in the order of its input, as far as they are there. */
    read: (job: string): Stream.Stream<JobOutcome, SqlError> =>
      Stream.paginateChunkEffect(-1, (after) =>
        Effect.map(
          sql<Row>`SELECT entry, ${asText("id")}, url, status, bytes, attempts, elapsed, ${asText("json")},
            ${asText("error")} FROM fastget_job_results WHERE job = ${job} AND entry > ${after}
            ORDER BY entry LIMIT ${pageSize}`,
          pageOf
        ))
  }
})

/** The row of an outcome, without its value, which would need several times the memory of its text. */
export const rowOf = (
  { attempts, bytes, elapsed, entry, id, result, status, text, url }: JobOutcome
): NewRow => ({
  entry,
  id: JSON.stringify(id),
  // No text of a database may have this character.
  url: url.replaceAll("\0", "%00"),
  status: status ?? null,
  bytes,
  attempts,
  elapsed: Math.round(elapsed),
  json: text ?? null,
  error: result._tag === "Left" ? JSON.stringify(result.left.reason) : null
})

const inGroups = (rows: ReadonlyArray<NewRow>): ReadonlyArray<ReadonlyArray<NewRow>> =>
  Array.from(
    { length: Math.ceil(rows.length / rowsAtOnce) },
    (_, group) => rows.slice(group * rowsAtOnce, (group + 1) * rowsAtOnce)
  )

const pageOf = (rows: ReadonlyArray<Row>): readonly [Chunk.Chunk<JobOutcome>, Option.Option<number>] => [
  Chunk.unsafeFromArray(rows.map(outcomeOf)),
  rows.length < pageSize ? Option.none() : Option.some(Number(rows[rows.length - 1]!.entry))
]

const outcomeOf = ({ attempts, bytes, elapsed, entry, error, id, json, status, url }: Row): JobOutcome => {
  const text = json === null ? undefined : json as string
  const own = JSON.parse(id as string) as Json
  return {
    entry: Number(entry),
    id: own,
    url,
    text,
    result: text === undefined
      ? Either.left(failure(own, url, JSON.parse(error as string) as Reason, attempts, Number(elapsed)))
      : Either.right(JSON.parse(text) as Json),
    status: status ?? undefined,
    bytes: Number(bytes),
    attempts,
    elapsed: Number(elapsed)
  }
}

const failure = (id: Json, url: string, reason: Reason, attempts: number, elapsed: number): FetchError<Json> =>
  FetchErrorModule.make({ id, url, reason, attempts, elapsed: Duration.millis(elapsed) })
