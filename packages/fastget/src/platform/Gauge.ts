/**
 * Changes a gauge from plain code. `Metric.increment` is an Effect for each
 * change, and gauges change for every chunk and every thread.
 *
 * @since 0.1.0
 */
import type * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"

/**
 * Adds to a gauge, or takes from it; to that with these labels, where there are some.
 *
 * @since 0.1.0
 * @category recording
 */
export const add = (
  gauge: Metric.Metric.Gauge<number>,
  n: number,
  labels: ReadonlyArray<MetricLabel.MetricLabel> = []
): void => {
  gauge.unsafeModify(n, labels)
}
