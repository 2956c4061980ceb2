/**
 * The tables of jobs, in the database of the cluster. A chunk's row is there
 * until its entries are done; the counts of a part of a job (the origins of one
 * partition) are changed in the transaction that deletes it. Parts and chunks
 * belong to a job's `uid`, and not to its name: a job that is removed may be
 * followed by one of the same name while runners still have chunks of it.
 */
import * as Effect from "effect/Effect"
import * as CreatedByOne from "../engine/CreatedByOne.js"

/** Creates the tables that are missing. */
export const create = CreatedByOne.create((sql) => {
  // A `json` column of Postgres keeps a text as it is, and can be asked for parts of it.
  const json = sql.literal(sql.onDialectOrElse({ pg: () => "JSON", orElse: () => "TEXT" }))
  return Effect.all([
    sql`CREATE TABLE IF NOT EXISTS fastget_jobs (
      id TEXT PRIMARY KEY,
      uid TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL,
      options TEXT NOT NULL,
      entries BIGINT NOT NULL,
      digest TEXT NOT NULL,
      problem TEXT,
      created_at BIGINT NOT NULL,
      ended_at BIGINT
    )`,
    sql`CREATE TABLE IF NOT EXISTS fastget_job_parts (
      uid TEXT NOT NULL,
      part INTEGER NOT NULL,
      chunks BIGINT NOT NULL,
      finished BIGINT NOT NULL,
      succeeded BIGINT NOT NULL,
      failed BIGINT NOT NULL,
      PRIMARY KEY (uid, part)
    )`,
    sql`CREATE TABLE IF NOT EXISTS fastget_job_chunks (
      uid TEXT NOT NULL,
      part INTEGER NOT NULL,
      number BIGINT NOT NULL,
      entries TEXT NOT NULL,
      PRIMARY KEY (uid, part, number)
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
})
