/**
 * The whole way over a cluster, in one process: a client, a runner, and SQLite
 * in memory for the engine.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"
import { FastGet } from "fastget"
import { ClusterFastGet, SqliteCluster } from "fastget-cluster"
import { LoopbackServer } from "loopback"

const main = Effect.gen(function*() {
  const server = yield* LoopbackServer.make() // take your own API's URL instead
  const entries = Array.from({ length: 1000 }, (_, n) => [n, `${server.url}/items/${n}`] as const)

  // The stream is that of any other program. On many machines the layer has PostgresCluster in place of SqliteCluster.
  const answers = yield* Stream.runCount(FastGet.stream(entries))
  yield* Console.log(`${answers} answers over the cluster`)
})

const cluster = Layer.merge(
  ClusterFastGet.layer({ logLevel: "None" }),
  ClusterFastGet.runner({ rate: "2000/s" })
).pipe(Layer.provide(SqliteCluster.layer()))

main.pipe(
  Effect.provide(cluster),
  Effect.scoped,
  NodeRuntime.runMain
)
