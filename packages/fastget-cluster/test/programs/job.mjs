// A program that starts a job and waits for its end: `node job.mjs URL JOB SERVERS COUNT`, with the addresses of servers as JSON.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FetchJob, PostgresCluster } from "fastget-cluster"

const [url, job, servers, count] = process.argv.slice(2)
const urls = JSON.parse(servers)
const entries = Stream.map(Stream.range(0, Number(count) - 1), (n) => [n, `${urls[n % urls.length]}/${n}`])

NodeRuntime.runMain(
  FetchJob.start(job, entries, { chunkSize: 50 }).pipe(
    Effect.zipRight(FetchJob.wait(job)),
    Effect.tap((status) => Effect.sync(() => process.stdout.write(JSON.stringify(status)))),
    Effect.provide(PostgresCluster.layerClient({ url }))
  )
)
