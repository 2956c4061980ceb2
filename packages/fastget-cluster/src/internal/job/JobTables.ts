/**
 * The tables of jobs, in the database of the cluster. A chunk's row is there
 * until its entries are done; the counts of a part of a job (the origins of one
 * partition) are changed in the transaction that deletes it.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createdByOne } from "../engine/CreatedByOne.js"

/** Creates the tables that are missing. */
export const create: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.scoped(
  Layer.build(createdByOne(Layer.effectDiscard(Effect.flatMap(SqlClient.SqlClient, (sql) => statements(sql)))))
)

const statements = (sql: SqlClient.SqlClient) => {
  // A `json` column of Postgres keeps a text as it is, and can be asked for parts of it.
  const json = sql.literal(sql.onDialectOrElse({ pg: () => "JSON", orElse: () => "TEXT" }))
  return Effect.all([
    sql`CREATE TABLE IF NOT EXISTS fastget_jobs (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      options TEXT NOT NULL,
      entries BIGINT NOT NULL,
      digest TEXT NOT NULL,
      problem TEXT,
      created_at BIGINT NOT NULL,
      ended_at BIGINT
    )`,
    sql`CREATE TABLE IF NOT EXISTS fastget_job_parts (
      job TEXT NOT NULL,
      part INTEGER NOT NULL,
      chunks BIGINT NOT NULL,
      finished BIGINT NOT NULL,
      succeeded BIGINT NOT NULL,
      failed BIGINT NOT NULL,
      PRIMARY KEY (job, part)
    )`,
    sql`CREATE TABLE IF NOT EXISTS fastget_job_chunks (
      job TEXT NOT NULL,
      part INTEGER NOT NULL,
      number BIGINT NOT NULL,
      entries TEXT NOT NULL,
      PRIMARY KEY (job, part, number)
    )`,
    sql`CREATE TABLE IF NOT EXISTS fastget_job_results (
      job TEXT NOT NULL,
      entry BIGINT NOT NULL,
      id ${json} NOT NULL,
      url TEXT NOT NULL,
      status INTEGER,
      bytes BIGINT NOT NULL,
      attempts INTEGER NOT NULL,
      elapsed BIGINT NOT NULL,
      json ${json},
      error ${json},
      PRIMARY KEY (job, entry)
    )`
  ], { discard: true })
}
