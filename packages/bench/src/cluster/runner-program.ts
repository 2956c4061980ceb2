/** A runner of the scenario "cluster", which says when it has joined. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ClusterFastGet from "fastget-cluster/ClusterFastGet"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"

const cluster = PostgresCluster.layerRunner({ url: process.argv[2]!, host: "127.0.0.1" })

NodeRuntime.runMain(Effect.scoped(
  Layer.build(Layer.provide(ClusterFastGet.runner(), cluster)).pipe(
    Effect.zipRight(Console.log("joined")),
    Effect.zipRight(Effect.never)
  )
))
