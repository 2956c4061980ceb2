/** A runner of a cluster, in a process of its own, which says when it has joined. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as ClusterFastGet from "fastget-cluster/ClusterFastGet"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"
import type { RunnerTask } from "./ClusterFaults.js"

const { lanes, url }: RunnerTask = JSON.parse(process.argv[2]!)

const cluster = PostgresCluster.layerRunner({ url, host: "127.0.0.1" })

const runner = Layer.provide(ClusterFastGet.runner({ numWorkers: 1, lanes }), cluster)

const serve = Effect.zipRight(
  Layer.build(runner),
  Effect.zipRight(Effect.sync(() => process.send!("joined")), Effect.never)
)

// What the engine says of a database that is away is no news here.
NodeRuntime.runMain(Logger.withMinimumLogLevel(Effect.scoped(serve), LogLevel.None))
