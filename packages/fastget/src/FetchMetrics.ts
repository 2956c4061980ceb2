/**
 * What Effect's `Metric`s tell of FastGet. Updated per batch; read them with
 * `snapshot` or any exporter. They have the tags of `Effect.tagMetrics`: those of
 * a run are those where the stream is run, those of workers and origins those
 * where the layer is built.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as MetricPair from "effect/MetricPair"

/**
 * Outcomes, tagged `reason`: `success` or the reason's tag.
 *
 * @since 0.1.0
 * @category metrics
 */
export const outcomes = Metric.counter("fastget_outcomes", {
  description: "Entries that have their outcome, by reason",
  incremental: true
})

/**
 * Requests made, retries included.
 *
 * @since 0.1.0
 * @category metrics
 */
export const attempts = Metric.counter("fastget_attempts", {
  description: "Requests made, retries included",
  incremental: true
})

/**
 * Bytes of bodies, as they came over the wire.
 *
 * @since 0.1.0
 * @category metrics
 */
export const bytes = Metric.counter("fastget_bytes", { description: "Bytes of bodies received", incremental: true })

/**
 * Milliseconds from an entry's first request to its outcome.
 *
 * @since 0.1.0
 * @category metrics
 */
export const latency = Metric.histogram(
  "fastget_latency_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 17 }),
  "Milliseconds from the first request of an entry to its outcome"
)

/**
 * Entries that are with the workers.
 *
 * @since 0.1.0
 * @category metrics
 */
export const inFlight = Metric.gauge("fastget_in_flight", { description: "Entries that are with the workers" })

/**
 * Outcomes that wait for the consumer.
 *
 * @since 0.1.0
 * @category metrics
 */
export const queue = Metric.gauge("fastget_queue", { description: "Outcomes that wait for the consumer" })

/**
 * Entries that wait because their origin asked for it, or for their turn of a
 * rate. This and the next ones are looked up once a second.
 *
 * @since 0.1.0
 * @category metrics
 */
export const waiting = Metric.gauge("fastget_waiting", {
  description: "Entries that wait because their origin asked for it, or for their turn of a rate"
})

/**
 * Origins that are not asked, because they asked for it or answer nothing.
 *
 * @since 0.1.0
 * @category metrics
 */
export const closedOrigins = Metric.gauge("fastget_closed_origins", {
  description: "Origins that are not asked, because they asked for it or answer nothing"
})

/**
 * The lowest rate that an origin was found to bear, in requests a second; 0
 * where none has refused any.
 *
 * @since 0.1.0
 * @category metrics
 */
export const learnedRate = Metric.gauge("fastget_learned_rate", {
  description: "The lowest rate an origin was found to bear, in requests a second"
})

/**
 * Requests at once that origins were found to serve best, in all; 0 where
 * `concurrency` is not "adaptive".
 *
 * @since 0.1.0
 * @category metrics
 */
export const adaptiveLimit = Metric.gauge("fastget_adaptive_limit", {
  description: "Requests at once that origins were found to serve best, in all"
})

/**
 * Requests that were refused for their rate, and made again later.
 *
 * @since 0.1.0
 * @category metrics
 */
export const refusals = Metric.counter("fastget_refusals", {
  description: "Requests that were refused for their rate, and made again later",
  incremental: true
})

/**
 * How often an origin was asked for which the workers had no room in what they
 * share: each of them kept its part of the limits by itself.
 *
 * @since 0.1.0
 * @category metrics
 */
export const originsWithoutSlot = Metric.counter("fastget_origins_without_slot", {
  description: "How often an origin found no room in what the workers share, so that each kept its part of the limits",
  incremental: true
})

/**
 * Workers that are ready.
 *
 * @since 0.1.0
 * @category metrics
 */
export const workers = Metric.gauge("fastget_workers", { description: "Workers that are ready" })

/**
 * Workers that were replaced after they had ended; counted when the next is ready.
 *
 * @since 0.1.0
 * @category metrics
 */
export const restarts = Metric.counter("fastget_worker_restarts", {
  description: "Workers that were replaced after they had ended",
  incremental: true
})

/**
 * All series of FastGet that there are now, each with its tags and its state.
 * Other than `Metric.value` of a metric, it adds none that has not been there.
 *
 * @since 0.1.0
 * @category getting
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FetchMetrics } from "fastget"
 *
 * export const names = Effect.map(FetchMetrics.snapshot, (series) => series.map(({ metricKey }) => metricKey.name))
 * ```
 */
export const snapshot: Effect.Effect<ReadonlyArray<MetricPair.MetricPair.Untyped>> = Effect.map(
  Metric.snapshot,
  (all) => all.filter(({ metricKey }) => metricKey.name.startsWith("fastget_"))
)
