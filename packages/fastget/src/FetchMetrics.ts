/**
 * What Effect's `Metric`s tell of FastGet. Updated per batch; read them with
 * `Metric.value` or any exporter.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type { Outcome } from "./Outcome.js"

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
 * Workers that are ready.
 *
 * @since 0.1.0
 * @category metrics
 */
export const workers = Metric.gauge("fastget_workers", { description: "Workers that are ready" })

/**
 * Workers that were replaced after they had ended.
 *
 * @since 0.1.0
 * @category metrics
 */
export const restarts = Metric.counter("fastget_worker_restarts", {
  description: "Workers that were replaced after they had ended",
  incremental: true
})

const byReason = new Map<string, Metric.Metric.Counter<number>>()

const outcomesOf = (reason: string): Metric.Metric.Counter<number> => {
  let counter = byReason.get(reason)
  if (counter === undefined) byReason.set(reason, counter = Metric.tagged(outcomes, "reason", reason))
  return counter
}

/**
 * Adds a batch of outcomes to the metrics.
 *
 * @since 0.1.0
 * @category recording
 */
export const record = (batch: ReadonlyArray<Outcome<unknown, unknown>>): void => {
  // Metric.update is an Effect for each value; this runs for every outcome.
  const counts = new Map<string, number>()
  let requests = 0
  let received = 0
  for (const outcome of batch) {
    const reason = outcome.result._tag === "Right" ? "success" : outcome.result.left.reason._tag
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
    requests += outcome.attempts
    received += outcome.bytes
    latency.unsafeUpdate(Duration.toMillis(outcome.elapsed), [])
  }
  for (const [reason, count] of counts) outcomesOf(reason).unsafeUpdate(count, [])
  attempts.unsafeUpdate(requests, [])
  bytes.unsafeUpdate(received, [])
}

/**
 * Adds to a gauge, or takes from it.
 *
 * @since 0.1.0
 * @category recording
 */
export const add = (gauge: Metric.Metric.Gauge<number>, n: number): void => {
  gauge.unsafeModify(n, [])
}
