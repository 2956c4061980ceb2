/**
 * What a run adds to the metrics of `FetchMetrics`, with the tags that are in
 * context where it is run (`Effect.tagMetrics`). Answers and counts come in.
 */
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"
import * as FetchMetrics from "../../FetchMetrics.js"
import type { Answer } from "../../Outcome.js"
import * as Gauge from "../../platform/Gauge.js"

type Counter = Metric.Metric.Counter<number>

export class RunMetrics {
  // Tagged once: a metric that is tagged at each change looks itself up in a table each time.
  private readonly latency: Metric.Metric.Histogram<number>
  private readonly attempts: Counter
  private readonly bytes: Counter
  private readonly inFlight: Metric.Metric.Gauge<number>
  private readonly queue: Metric.Metric.Gauge<number>
  private readonly outcomes = new Map<string, Counter>()

  constructor(private readonly labels: ReadonlyArray<MetricLabel.MetricLabel>) {
    this.latency = this.tagged(FetchMetrics.latency)
    this.attempts = this.tagged(FetchMetrics.attempts)
    this.bytes = this.tagged(FetchMetrics.bytes)
    this.inFlight = this.tagged(FetchMetrics.inFlight)
    this.queue = this.tagged(FetchMetrics.queue)
  }

  /** Adds answers as they arrive, and returns how many requests they took, and how many bytes they had. */
  record(answers: ReadonlyArray<Answer>): { readonly requests: number; readonly bytes: number } {
    // Metric.update is an Effect for each value; this runs for every outcome.
    let requests = 0
    let received = 0
    for (const { attempts, bytes, elapsed } of answers) {
      requests += attempts
      received += bytes
      this.latency.unsafeUpdate(elapsed, [])
    }
    this.attempts.unsafeUpdate(requests, [])
    this.bytes.unsafeUpdate(received, [])
    return { requests, bytes: received }
  }

  /** Counts outcomes: those that succeeded, and those that failed by reason. */
  count(successes: number, failures: ReadonlyMap<string, number>): void {
    if (successes > 0) this.outcomesOf("success").unsafeUpdate(successes, [])
    for (const [reason, n] of failures) this.outcomesOf(reason).unsafeUpdate(n, [])
  }

  /** So many entries more are with the workers. */
  sent(entries: number): void {
    Gauge.add(this.inFlight, entries)
  }

  /** So many outcomes more wait for the consumer. */
  queued(outcomes: number): void {
    Gauge.add(this.queue, outcomes)
  }

  private outcomesOf(reason: string): Counter {
    let counter = this.outcomes.get(reason)
    if (counter === undefined) {
      counter = Metric.tagged(this.tagged(FetchMetrics.outcomes), "reason", reason)
      this.outcomes.set(reason, counter)
    }
    return counter
  }

  private tagged<Type, In, Out>(metric: Metric.Metric<Type, In, Out>): Metric.Metric<Type, In, Out> {
    return this.labels.length === 0 ? metric : Metric.taggedWithLabels(metric, this.labels)
  }
}

/** Of all runs without tags. */
export const untagged = new RunMetrics([])

export const make = (labels: ReadonlyArray<MetricLabel.MetricLabel>): RunMetrics =>
  labels.length === 0 ? untagged : new RunMetrics(labels)
