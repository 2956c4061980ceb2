/** A program of the scenario "cluster": fetches all entries in one way, and prints how long it took. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ClusterFastGet from "fastget-cluster/ClusterFastGet"
import * as FetchJob from "fastget-cluster/FetchJob"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type { Report, Task } from "./Way.js"

const { database, entries: count, folder, origin, way }: Task = JSON.parse(process.argv[2]!)

const entries = (first: number, end: number) =>
  Stream.rechunk(Stream.map(Stream.range(first, end - 1), (n) => [n, `${origin}/tiny/${n}`] as const), 4096)

const quiet = { logLevel: "None" } as const

/** So many entries before those that are measured. */
const warmup = 10_000

const streamed = (first: number, end: number) => Stream.runDrain(FastGet.stream(entries(first, end), quiet))

const job = (first: number, end: number) =>
  FetchJob.start(`${way} ${first}`, entries(first, end), way === "folder" ? { sink: { folder } } : {}).pipe(
    Effect.flatMap((started) => FetchJob.wait(started.job)),
    Effect.filterOrDieMessage(({ succeeded }) => succeeded === end - first, "not all entries succeeded")
  )

const measured = <E, R>(fetch: (first: number, end: number) => Effect.Effect<unknown, E, R>) =>
  Effect.gen(function*() {
    yield* fetch(0, warmup)
    const startedAt = performance.now()
    const before = process.cpuUsage()
    yield* fetch(warmup, warmup + count)
    const { system, user } = process.cpuUsage(before)
    const report: Report = {
      seconds: (performance.now() - startedAt) / 1000,
      cpuMicros: system + user,
      peakRssBytes: process.resourceUsage().maxRSS * 1024
    }
    yield* Console.log(JSON.stringify(report))
  })

const cluster = PostgresCluster.layerClient({ url: database })

const program: Effect.Effect<void, unknown> = way === "direct"
  ? Effect.provide(measured(streamed), NodeFastGet.layer(quiet))
  : way === "stream"
  ? measured(streamed).pipe(Effect.provide(ClusterFastGet.layer(quiet)), Effect.provide(cluster))
  : Effect.provide(measured(job), cluster)

NodeRuntime.runMain(program)
