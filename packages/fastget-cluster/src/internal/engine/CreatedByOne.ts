/**
 * Builds what creates tables, one process at a time: the engine creates its
 * tables with statements that fail when two processes run them on an empty
 * database at once.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The key of the advisory lock: "fastget" in ASCII, which no other program is likely to use. */
const lockKey = "28821922103813492"

/** The layer, built under a lock of the database. SQLite needs none: it has one process. */
export const createdByOne = <A, E, R>(
  layer: Layer.Layer<A, E, R>
): Layer.Layer<A, E | SqlError, R | SqlClient.SqlClient> =>
  Layer.scopedContext(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const build = Layer.build(layer)
    return yield* sql.onDialectOrElse({
      pg: () => Effect.acquireUseRelease(lock(sql), () => build, ({ unlock }) => unlock),
      orElse: () => build
    })
  }))

/** What creates tables that are missing, run once for each `SqlClient` of a program. */
export const create = (
  statements: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, SqlError>
): Effect.Effect<void, SqlError, SqlClient.SqlClient> => {
  const created = new WeakSet<SqlClient.SqlClient>()
  return Effect.flatMap(SqlClient.SqlClient, (sql) => {
    if (created.has(sql)) return Effect.void
    const build = Effect.scoped(Layer.build(createdByOne(Layer.effectDiscard(statements(sql)))))
    return Effect.zipRight(build, Effect.sync(() => void created.add(sql)))
  })
}

/** A session's lock, on a connection of its own that is given back with it. */
const lock = (sql: SqlClient.SqlClient) =>
  Effect.gen(function*() {
    const connection = yield* sql.reserve
    yield* connection.executeUnprepared(`SELECT pg_advisory_lock(${lockKey})`, [], undefined)
    return {
      unlock: Effect.ignore(connection.executeUnprepared(`SELECT pg_advisory_unlock(${lockKey})`, [], undefined))
    }
  })
