/**
 * Where the outcomes of jobs go that ask for a sink of your own: a layer that the
 * runners of the cluster are given.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type { FetchError } from "fastget/FetchError"
import type { Json } from "fastget/Json"

/**
 * Everything known about one entry of a job when it is done.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobOutcome {
  /** The number of the entry in the input, from 0: with the job's name it is unlike any other. */
  readonly entry: number
  readonly id: Json
  /** As it was given, so not redacted. */
  readonly url: string
  readonly result: Either.Either<Json, FetchError<Json>>
  /** The JSON of a success as it came, with all digits and spaces. */
  readonly text: string | undefined
  /** Of the last answer, if there was one. */
  readonly status: number | undefined
  /** Of the body, as it came over the wire. */
  readonly bytes: number
  readonly attempts: number
  /** From the first request to the end, in milliseconds. */
  readonly elapsed: number
}

/**
 * Some outcomes of one job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Batch {
  readonly job: string
  readonly outcomes: ReadonlyArray<JobOutcome>
}

/**
 * Takes batches. While `write` has not ended no more is fetched than a few
 * chunks hold, so that a slow sink slows the job down. What it failed to take is
 * fetched and written again, after a while. So is what a runner had written when
 * it died, before the chunk was marked as done: a sink must be idempotent by
 * the job and `entry`, as an insert with that primary key is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly write: (batch: Batch) => Effect.Effect<void, unknown>
}

/**
 * The sink of the jobs that are started with `sink: "own"`. Without a layer for
 * it there is none, and such jobs wait for a runner that has one.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { ClusterFastGet, FetchSink, PostgresCluster } from "fastget-cluster"
 *
 * const sink = Layer.succeed(FetchSink.FetchSink, {
 *   write: ({ job, outcomes }) => Effect.log(job, outcomes.length)
 * })
 *
 * const cluster = PostgresCluster.layerRunner({ url: "postgres://fastget@db.example.com/fastget" })
 *
 * export const runner = ClusterFastGet.runner().pipe(Layer.provide([cluster, sink]))
 * ```
 */
export class FetchSink extends Context.Reference<FetchSink>()("fastget/FetchSink", {
  defaultValue: (): Service | undefined => undefined
}) {}
