/**
 * FastGet over many machines. A program's streams stay as they are; its layer
 * sends their chunks to the runners of a cluster of `@effect/cluster`, where each
 * origin has one owner, so that limits of an origin hold for all machines
 * together. `PostgresCluster` and `SqliteCluster` have the `Sharding`.
 *
 * - {@link layer} is a client: FastGet for a program,
 * - {@link runner} is a machine's side: it makes the requests.
 *
 * @since 0.1.0
 */
import type { Sharding } from "@effect/cluster/Sharding"
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type { PoolError } from "fastget/PoolError"
import * as ClusterConfig from "./ClusterConfig.js"
import { ClusterError } from "./ClusterError.js"
import * as ClientOptions from "./internal/client/ClientOptions.js"
import * as ClusterPool from "./internal/client/ClusterPool.js"
import * as Coordinator from "./internal/job/Coordinator.js"
import * as JobTables from "./internal/job/JobTables.js"
import * as LaneLimits from "./internal/runner/LaneLimits.js"
import * as OriginKnowledge from "./internal/runner/OriginKnowledge.js"
import * as OriginOwner from "./internal/runner/OriginOwner.js"

/**
 * The options of a client: those of a stream, for all of its streams, but for
 * `rate`, and those of the cluster.
 *
 * @since 0.1.0
 * @category models
 */
export type Options = ClientOptions.ClientOptions

/**
 * The options of a runner: those of `NodeFastGet.layer`, and `lanes`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunnerOptions extends NodeFastGet.Options, Pick<ClusterConfig.ClusterOptions, "lanes"> {}

/**
 * FastGet over a cluster. `stream`, `streamEither`, `outcomes` and `get` are as
 * ever: exactly one outcome for each entry, whichever machine dies. They fail
 * with `PoolError` when no runner answers for `runnerTimeout`. An option that
 * does not exist, is out of its range or belongs to the runners is a defect,
 * `FastGetConfig.InvalidOption`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Effect, Layer, Stream } from "effect"
 * import { FastGet } from "fastget"
 * import { ClusterFastGet, PostgresCluster } from "fastget-cluster"
 *
 * const cluster = PostgresCluster.layerClient({ url: "postgres://fastget@db.example.com/fastget" })
 *
 * export const program = FastGet.stream([[1, "https://api.example.com/1"]]).pipe(
 *   Stream.runForEach(([id, json]) => Effect.log(id, json)),
 *   Effect.provide(Layer.provide(ClusterFastGet.layer(), cluster))
 * )
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<FastGet.FastGet, never, Sharding> =>
  Layer.scoped(
    FastGet.FastGet,
    Effect.gen(function*() {
      const { settings, ...cluster } = yield* Effect.orDie(ClientOptions.resolve(options))
      return FastGet.make(yield* ClusterPool.make(cluster), settings)
    })
  )

/**
 * The side of a machine: worker threads, and the owners of origins that use
 * them. Limits of origins (`rate`, `connectionsPerOrigin`, `throttle`, `origins`,
 * an adaptive `concurrency`) belong here, and hold for the whole cluster, since
 * an origin has one owner at a time; every runner is given the same. Runners also
 * make the requests of jobs (`FetchJob`), whose tables are in the database in
 * context. The layer's scope owns the threads and what is under way.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { ClusterFastGet, PostgresCluster } from "fastget-cluster"
 *
 * const cluster = PostgresCluster.layerRunner({ url: "postgres://fastget@db.example.com/fastget" })
 *
 * const runner = ClusterFastGet.runner({ rate: "100/s" }).pipe(Layer.provide(cluster))
 *
 * NodeRuntime.runMain(Layer.launch(runner))
 * ```
 */
export const runner = (
  { lanes: given, ...options }: RunnerOptions = {}
): Layer.Layer<never, PoolError | ClusterError, Sharding | SqlClient> =>
  Layer.unwrapEffect(
    Effect.gen(function*() {
      const { worker, ...others } = options
      const { lanes } = yield* ClusterConfig.resolve({ lanes: given })
      const limits = yield* LaneLimits.of(yield* NodeFastGet.settings(others), lanes)
      const { origins, rate } = yield* NodeFastGet.settings({ ...others, ...limits })
      const isRated = rate !== undefined || origins.some((rule) => rule.rate !== undefined)
      const owner = Layer.unwrapEffect(
        Effect.map(FastGet.FastGet, (service) => OriginOwner.layer({ service, rate, isRated, lanes }))
      )
      const threads = NodeFastGet.layer({ ...others, ...limits, ...(worker === undefined ? undefined : { worker }) })
      const tables = Layer.effectDiscard(
        Effect.mapError(Effect.zipRight(JobTables.create, OriginKnowledge.create), ClusterError.of)
      )
      return Layer.mergeAll(Layer.provide(owner, threads), Coordinator.layer(lanes)).pipe(Layer.provide(tables))
    }).pipe(Effect.orDie)
  )
