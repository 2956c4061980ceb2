/**
 * Metrics of Effect in the text that Prometheus reads. Counters end in `_total`,
 * as OpenTelemetry's exporters write them, so that the queries of the dashboard
 * fit both.
 */
import type * as MetricKey from "effect/MetricKey"
import * as MetricKeyType from "effect/MetricKeyType"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"

type Labels = ReadonlyArray<readonly [key: string, value: string]>

const types = {
  counter: MetricKeyType.isCounterKey,
  gauge: MetricKeyType.isGaugeKey,
  histogram: MetricKeyType.isHistogramKey
}

type Type = keyof typeof types

/** The kind of a metric in Prometheus' words; others than these FastGet does not have. */
const typeOf = ({ keyType }: MetricKey.MetricKey.Untyped): Type | undefined =>
  (Object.keys(types) as ReadonlyArray<Type>).find((type) => types[type](keyType))

/** The name of a metric, as queries have it; a histogram's series have it with an ending. */
const nameOf = (key: MetricKey.MetricKey.Untyped): string => typeOf(key) === "counter" ? `${key.name}_total` : key.name

/** All series, those of a metric together behind what it is. */
export const make = (series: ReadonlyArray<MetricPair.MetricPair.Untyped>): string => {
  const byName = new Map<string, Array<MetricPair.MetricPair.Untyped>>()
  for (const one of series) {
    const name = nameOf(one.metricKey)
    byName.set(name, [...(byName.get(name) ?? []), one])
  }
  return [...byName].sort(([a], [b]) => a < b ? -1 : 1).map(([name, all]) => metric(name, all)).join("")
}

const metric = (name: string, series: ReadonlyArray<MetricPair.MetricPair.Untyped>): string => {
  const key = series[0]!.metricKey
  const help = Option.map(key.description, (text) => `# HELP ${name} ${text}\n`)
  const lines = series.flatMap(({ metricKey, metricState }) =>
    samples(name, metricKey.tags.map(({ key, value }) => [key, value] as const), metricState)
  )
  return `${Option.getOrElse(help, () => "")}# TYPE ${name} ${typeOf(key)}\n${
    lines.map((line) => `${line}\n`).join("")
  }`
}

const samples = (name: string, labels: Labels, state: MetricState.MetricState.Untyped): ReadonlyArray<string> => {
  if (MetricState.isCounterState(state)) return [sample(name, labels, Number(state.count))]
  if (MetricState.isGaugeState(state)) return [sample(name, labels, Number(state.value))]
  if (!MetricState.isHistogramState(state)) return []
  return [
    // The last boundary is Effect's for all that is beyond the others.
    ...state.buckets.filter(([boundary]) => Number.isFinite(boundary)).map(([boundary, count]) =>
      sample(`${name}_bucket`, [...labels, ["le", String(boundary)]], count)
    ),
    sample(`${name}_bucket`, [...labels, ["le", "+Inf"]], state.count),
    sample(`${name}_sum`, labels, state.sum),
    sample(`${name}_count`, labels, state.count)
  ]
}

const sample = (name: string, labels: Labels, value: number): string => {
  const all = labels.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")
  return `${name}${all === "" ? "" : `{${all}}`} ${value}`
}
