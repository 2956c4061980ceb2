/**
 * Adds what a run does to the metrics. Answers and counts come in; the metrics
 * of `FetchMetrics` change.
 */
import * as Metric from "effect/Metric"
import * as FetchMetrics from "../../FetchMetrics.js"
import type { Answer } from "../../Outcome.js"

const byReason = new Map<string, Metric.Metric.Counter<number>>()

const outcomesOf = (reason: string): Metric.Metric.Counter<number> => {
  let counter = byReason.get(reason)
  if (counter === undefined) byReason.set(reason, counter = Metric.tagged(FetchMetrics.outcomes, "reason", reason))
  return counter
}

/**
 * Adds answers to the metrics as they arrive, and returns how many requests they
 * took, and how many bytes they had.
 */
export const record = (
  answers: ReadonlyArray<Answer>
): { readonly requests: number; readonly bytes: number } => {
  // Metric.update is an Effect for each value; this runs for every outcome.
  let requests = 0
  let received = 0
  for (const { attempts, bytes, elapsed } of answers) {
    requests += attempts
    received += bytes
    FetchMetrics.latency.unsafeUpdate(elapsed, [])
  }
  FetchMetrics.attempts.unsafeUpdate(requests, [])
  FetchMetrics.bytes.unsafeUpdate(received, [])
  return { requests, bytes: received }
}

/**
 * Counts outcomes: those that succeeded, and those that failed by reason.
 */
export const count = (successes: number, failures: ReadonlyMap<string, number>): void => {
  if (successes > 0) outcomesOf("success").unsafeUpdate(successes, [])
  for (const [reason, n] of failures) outcomesOf(reason).unsafeUpdate(n, [])
}
