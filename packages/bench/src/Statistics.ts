/** What is made of the samples: medians with their spread, and ratios that are taken pair by pair. */
import type { Result, Sample } from "./Results.js"
import type { Scenario } from "./Scenario.js"
import { isSlow } from "./Task.js"

/** A median and the extremes around it. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Undefined of nothing. */
export const spread = (values: ReadonlyArray<number>): Spread | undefined => {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** A figure of one sample; undefined where it is not known. */
export type Metric = (sample: Sample, scenario: Scenario) => number | undefined

/** Requests per second. */
export const rate: Metric = ({ answers, quickSeconds, seconds }, { quickOnly }) =>
  quickOnly === true ? (answers - slowCount(answers)) / quickSeconds : answers / seconds

const slowCount = (entries: number): number => {
  let count = 0
  for (let n = 0; n < entries; n++) if (isSlow(n)) count++
  return count
}

/** The client's, all threads and processes, in microseconds per request. */
export const cpu: Metric = ({ answers, cpuMicros }) => cpuMicros / answers

/** The server's, in microseconds per request. */
export const serverCpu: Metric = ({ answers, serverCpuMicros, warmup }, scenario) =>
  serverCpuMicros === undefined
    ? undefined
    : serverCpuMicros / (answers + (warmup ?? Math.min(scenario.warmup, answers)))

/** In MiB. */
export const rss: Metric = ({ rssBytes }) => rssBytes === undefined ? undefined : rssBytes / 2 ** 20

export const seconds: Metric = (sample) => sample.seconds

export const millis: Metric = (sample) => sample.seconds * 1000

export const coldMillis: Metric = ({ coldSeconds }) => coldSeconds === undefined ? undefined : coldSeconds * 1000

/** The time as a multiple of the ideal. */
export const overIdeal: Metric = ({ answers, seconds }, { ideal }) => ideal && seconds / ideal(answers)

/** A figure of one row, over all rounds. */
export const figure = (scenario: Scenario, result: Result, row: string, metric: Metric): Spread | undefined =>
  spread(
    result.samples.filter((sample) => sample.row === row).map((sample) => metric(sample, scenario))
      .filter((value) => value !== undefined)
  )

/** The ratio of two rows, taken in each round by itself: what disturbs a round disturbs both. */
export const ratio = (
  scenario: Scenario,
  result: Result,
  row: string,
  baseline: string,
  metric: Metric
): Spread | undefined =>
  spread(
    result.samples.filter((sample) => sample.row === row).map((sample) => {
      const other = result.samples.find(({ round, row }) => row === baseline && round === sample.round)
      const value = metric(sample, scenario)
      const base = other === undefined ? undefined : metric(other, scenario)
      return value === undefined || base === undefined ? undefined : value / base
    }).filter((value) => value !== undefined)
  )
