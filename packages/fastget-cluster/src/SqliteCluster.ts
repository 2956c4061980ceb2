/**
 * A cluster of one process, on SQLite: no server is needed, so that everything
 * can be tried and tested on one machine. Needs `@effect/sql-sqlite-node`.
 *
 * @since 0.1.0
 */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Layer from "effect/Layer"
import { ClusterError } from "./ClusterError.js"
import * as EngineConfig from "./internal/engine/EngineConfig.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The file of the engine's tables; default none: they are in memory. */
  readonly filename?: string
}

/**
 * The cluster. One process at a time may use a file.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Effect, Layer, Stream } from "effect"
 * import { FastGet } from "fastget"
 * import { ClusterFastGet, SqliteCluster } from "fastget-cluster"
 *
 * const both = Layer.mergeAll(ClusterFastGet.layer(), ClusterFastGet.runner())
 *
 * export const program = FastGet.stream([[1, "https://api.example.com/1"]]).pipe(
 *   Stream.runForEach(([id, json]) => Effect.log(id, json)),
 *   Effect.provide(Layer.provide(both, SqliteCluster.layer()))
 * )
 * ```
 */
export const layer = (
  { filename = ":memory:" }: Options = {}
): Layer.Layer<Sharding | MessageStorage | SqlClient, ClusterError> =>
  SingleRunner.layer({ shardingConfig: EngineConfig.settings, runnerStorage: "memory" }).pipe(
    Layer.provideMerge(SqliteClient.layer({ filename })),
    Layer.mapError(ClusterError.of)
  )
