/**
 * `npm run soak -- --cluster`: the same entries over a cluster, as a stream and as
 * a job, while runners and the database fail.
 */
import type { Sharding } from "@effect/cluster/Sharding"
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as ClusterFastGet from "fastget-cluster/ClusterFastGet"
import * as FetchJob from "fastget-cluster/FetchJob"
import type { JobError } from "fastget-cluster/JobError"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"
import * as FastGet from "fastget/FastGet"
import type { FetchError } from "fastget/FetchError"
import type { Json } from "fastget/Json"
import type { PoolError } from "fastget/PoolError"
import { Postgres } from "loopback"
import * as ClusterFaults from "./ClusterFaults.js"
import * as Server from "./Server.js"
import { SoakError } from "./SoakError.js"
import type { Counts } from "./Tally.js"
import { Tally } from "./Tally.js"

export interface Options {
  readonly entries: number
  readonly seed: number
  /** The quiet time after a fault, in milliseconds. */
  readonly killEvery: number
}

const runners = 3

type Failure = PoolError | JobError

/** So that an origin has more than one owner. */
const lanes = 4

const requests = { timeout: "3 seconds", retry: { times: 1, base: "20 millis", cap: "20 millis" } } as const

/** Runs both; fails where anything was lost, twice or wrong. */
export const run = (options: Options): Effect.Effect<void, SoakError> =>
  Effect.gen(function*() {
    const problem = Postgres.problem()
    if (problem !== undefined) {
      return yield* new SoakError({ message: `The soak of a cluster needs a Postgres. ${problem}` })
    }
    for (const kind of ["stream", "job"] as const) {
      const { counts, faults, seconds } = yield* runOne(options, kind)
      yield* Console.log(`${kind}: ${line(counts)}, ${seconds.toFixed(1)} s, ${faultsText(faults)}`)
      for (const wrong of counts.wrongs) yield* Console.log(`wrong: ${wrong}`)
      if (!isGood(options.entries, counts)) {
        return yield* new SoakError({ message: `Entries of the ${kind} were lost, twice or wrong.` })
      }
    }
    yield* Console.log("nothing lost, nothing twice, nothing wrong")
  })

const runOne = ({ entries, killEvery, seed }: Options, kind: "job" | "stream") =>
  Effect.scoped(Effect.gen(function*() {
    const database = yield* Postgres.make
    const server = yield* Server.make(entries)
    const faults = yield* ClusterFaults.make(database, runners, lanes)
    const tally = new Tally(entries)
    const startedAt = performance.now()
    const cluster = PostgresCluster.layerClient({ url: database.url })
    const work: Effect.Effect<void, Failure, Sharding | SqlClient> = kind === "stream"
      ? stream(tally, server.url)
      : job(tally, server.url)
    yield* Effect.raceFirst(Effect.mapError(Effect.provide(work, cluster), failed), faults.happen(killEvery))
    return { counts: tally.counts, faults: faults.counts(), seconds: (performance.now() - startedAt) / 1000 }
  })).pipe(Effect.withRandom(Random.make(seed)))

const stream = (tally: Tally, url: string) =>
  FastGet.streamEither(tally.input(url)).pipe(
    Stream.runForEach(([id, result]) => Effect.sync(() => tally.add(id, result))),
    Effect.provide(ClusterFastGet.layer({ ...requests, lanes, logLevel: "None", runnerTimeout: "2 minutes" }))
  )

/** Reads the results when it is done. Each call fails while the database is away, and is made again. */
const job = (tally: Tally, url: string) => {
  const entries = Array.from(tally.input(url))
  const again = { schedule: Schedule.spaced("1 second"), while: isDatabase }
  return Effect.retry(FetchJob.start("soak", entries, requests), again).pipe(
    Effect.zipRight(Effect.retry(FetchJob.wait("soak"), again)),
    Effect.zipRight(Effect.retry(Stream.runCollect(FetchJob.results("soak")), again)),
    Effect.map((outcomes) => {
      for (const { id, result } of outcomes) {
        tally.add(id as number, result as Either.Either<Json, FetchError<number>>)
      }
    })
  )
}

const isDatabase = (error: JobError): boolean => error.reason._tag === "Database"

const failed = (error: { readonly message: string }) => new SoakError({ message: error.message })

const isGood = (entries: number, { in: taken, lost, out, twice, wrong }: Counts): boolean =>
  taken === entries && out === entries && lost + twice + wrong === 0

const line = ({ in: taken, lost, out, twice, wrong }: Counts): string =>
  `${taken} in, ${out} out, lost ${lost}, twice ${twice}, wrong ${wrong}`

const faultsText = (counts: Readonly<Record<ClusterFaults.Fault, number>>): string =>
  Object.entries(counts).map(([fault, count]) => `${fault} ${count}`).join(", ")
