// A runner in a process of its own: `node runner.mjs URL OPTIONS`. Says "ready" when it has joined, and leaves on SIGTERM.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ClusterFastGet, PostgresCluster } from "fastget-cluster"

const [url, options = "{}"] = process.argv.slice(2)
const { address, ...limits } = JSON.parse(options)
const cluster = PostgresCluster.layerRunner({ url, host: "127.0.0.1", ...address })
const runner = Layer.provide(ClusterFastGet.runner({ numWorkers: 1, ...limits }), cluster)

NodeRuntime.runMain(Effect.scoped(
  Layer.build(runner).pipe(
    Effect.zipRight(Effect.sync(() => process.stdout.write("ready\n"))),
    Effect.zipRight(Effect.never)
  )
))
