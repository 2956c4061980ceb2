/**
 * A cluster on Postgres: the database says which runners there are and which of
 * them has which origins; chunks go from client to runner by WebSocket. Needs `@effect/sql-pg`.
 *
 * @since 0.1.0
 */
import * as HttpRunner from "@effect/cluster/HttpRunner"
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as Runners from "@effect/cluster/Runners"
import type { Sharding } from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import * as NodeClusterHttp from "@effect/platform-node/NodeClusterHttp"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as PgClient from "@effect/sql-pg/PgClient"
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { ClusterError } from "./ClusterError.js"
import { createdByOne } from "./internal/engine/CreatedByOne.js"
import * as EngineConfig from "./internal/engine/EngineConfig.js"
import * as Health from "./internal/engine/Health.js"
import * as OwnAddress from "./internal/engine/OwnAddress.js"

/**
 * The database of the cluster.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** `postgres://user:password@host:5432/database`; the same for all clients and runners. */
  readonly url: string | Redacted.Redacted
  /** Connections to the database; default 5 for a client, 10 for a runner. */
  readonly maxConnections?: number
}

/**
 * The database, and where a runner is reached.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunnerOptions extends Options {
  /** By which name or address clients and other runners reach this one; default its first address that is no loopback. */
  readonly host?: string
  /** The port by which they reach it; default any that is free. */
  readonly port?: number
  /** The address it listens on; default all, or `host` where that is a loopback address. */
  readonly listenHost?: string
  /** The port it listens on, where something in between has another one; default `port`. */
  readonly listenPort?: number
}

type Services = Sharding | ShardingConfig.ShardingConfig | MessageStorage | SqlClient

/**
 * For a client: it sends, and runs nothing.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient = (options: Options): Layer.Layer<Services, ClusterError> =>
  assembled(
    Layer.provide(HttpRunner.layerWebsocketClientOnly, NodeSocket.layerWebSocketConstructor),
    { runnerAddress: Option.none() },
    { maxConnections: 5, ...options }
  )

/**
 * For a runner: it joins the cluster, is given origins, and leaves when the
 * scope closes, so that others have its origins at once.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRunner = (options: RunnerOptions): Layer.Layer<Services, ClusterError> =>
  Layer.unwrapEffect(Effect.map(OwnAddress.find(options), ({ host, listenHost, listenPort, port }) =>
    assembled(
      Layer.provide(HttpRunner.layerWebsocket, [NodeClusterHttp.layerHttpServer, NodeSocket.layerWebSocketConstructor]),
      {
        runnerAddress: Option.some(RunnerAddress.make(host, port)),
        runnerListenAddress: Option.some(RunnerAddress.make(listenHost, listenPort))
      },
      { maxConnections: 10, ...options }
    )))

/** The engine, its storage in the database, and the settings that FastGet needs. */
const assembled = <E>(
  engine: Layer.Layer<Sharding | Runners.Runners, E, any>,
  addresses: Partial<ShardingConfig.ShardingConfig["Type"]>,
  { maxConnections, url }: Options & { readonly maxConnections: number }
): Layer.Layer<Services, ClusterError> => {
  const toRunners = Runners.layerRpc.pipe(
    Layer.provide(HttpRunner.layerClientProtocolWebsocketDefault),
    Layer.provide(NodeSocket.layerWebSocketConstructor)
  )
  const database = PgClient.layer({
    url: typeof url === "string" ? Redacted.make(url) : url,
    maxConnections,
    applicationName: "fastget"
  })
  const storage = createdByOne(Layer.merge(SqlMessageStorage.layer, SqlRunnerStorage.layer))
  return engine.pipe(
    Layer.provide(Layer.provide(Health.layer, toRunners)),
    Layer.provideMerge(storage),
    Layer.provideMerge(database),
    Layer.provideMerge(ShardingConfig.layer({ ...EngineConfig.settings, ...addresses })),
    // A reply may be as large as the largest body a runner accepts.
    Layer.provide(RpcSerialization.layerMsgPackWith({ maxBufferSize: "unbounded" })),
    Layer.mapError(ClusterError.of)
  ) as Layer.Layer<Services, ClusterError>
}
