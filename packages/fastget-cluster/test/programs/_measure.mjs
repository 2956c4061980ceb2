import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { ClusterFastGet, FetchJob, PostgresCluster, SqliteCluster } from "fastget-cluster"
import * as NodeFastGet from "fastget-node/NodeFastGet"
const [url, n] = [process.argv[2], Number(process.argv[3])]
const entries = Stream.rechunk(Stream.map(Stream.range(0, n - 1), (i) => [i, `http://127.0.0.1:9922/${i}`]), 4096)
const timed = (name, e) =>
  Effect.flatMap(
    Effect.timed(e),
    ([d, a]) =>
      Effect.sync(() =>
        console.log(
          name,
          Math.round(n / (Number(d.value ?? d.millis ?? 0) || 1)),
          JSON.stringify(d),
          Math.round(n / (Number(process.hrtime.bigint?.() ? 1 : 1))),
          a && a.state
        )
      )
  )
const t = (name, e) =>
  Effect.gen(function*() {
    const s = performance.now()
    yield* e
    console.log(
      name,
      Math.round(n / (performance.now() - s) * 1000),
      "per s",
      Math.round(process.memoryUsage().rss / 1e6),
      "MB"
    )
  })
const mode = process.argv[4] ?? "all"
const all = {
  direct: t(
    "direct",
    Stream.runDrain(FastGet.streamEither(entries, { logLevel: "None" })).pipe(Effect.provide(NodeFastGet.layer({})))
  ),
  unary: t(
    "unary",
    Stream.runDrain(FastGet.streamEither(entries)).pipe(
      Effect.provide(
        Layer.mergeAll(ClusterFastGet.layer({ logLevel: "None" }), ClusterFastGet.runner()).pipe(
          Layer.provide(SqliteCluster.layer())
        )
      )
    )
  ),
  sqlite: t(
    "job sqlite",
    FetchJob.start("m" + Date.now(), entries).pipe(
      Effect.flatMap(({ job }) => FetchJob.wait(job)),
      Effect.provide(
        ClusterFastGet.runner().pipe(Layer.provideMerge(SqliteCluster.layer({ filename: "/tmp/m.sqlite" })))
      )
    )
  ),
  pg: t(
    "job pg",
    FetchJob.start("m" + Date.now(), entries, { chunkSize: Number(process.argv[5] ?? 500) }).pipe(
      Effect.tap(() => Effect.sync(() => console.log("stored", performance.now() | 0))),
      Effect.flatMap(({ job }) => FetchJob.wait(job)),
      Effect.provide(
        ClusterFastGet.runner().pipe(Layer.provideMerge(PostgresCluster.layerRunner({ url, host: "127.0.0.1" })))
      )
    )
  )
}
const names = mode === "all" ? Object.keys(all) : mode.split(",")
Effect.runPromise(Effect.forEach(names, (m) => all[m])).then(() => process.exit(0))
