/** The section of docs/benchmarks.md about clusters. */
import type { Machine } from "../Machine.js"
import * as Statistics from "../Statistics.js"
import * as Table from "../Table.js"
import type { Sample } from "./Runner.js"
import * as SimulationTable from "./SimulationTable.js"
import type { Way } from "./Way.js"
import { ways } from "./Way.js"

export interface Result {
  readonly date: string
  readonly command: string
  readonly machine: Machine
  readonly entries: number
  readonly samples: ReadonlyArray<Sample>
}

const labels: Readonly<Record<Way, string>> = {
  direct: "`NodeFastGet`, no cluster",
  stream: "a stream over a runner",
  table: "a job to a Postgres table",
  folder: "a job to files"
}

const about = "The same entries of tiny JSON, by one origin and one runner, with the server, the client, the runner " +
  "and a Postgres on one machine: what a cluster costs, not what it gains. Ratios are taken between runs of one round."

export const section = (result: Result | undefined): string =>
  [
    "## Cluster",
    about,
    ...(result === undefined ? ["Not measured yet."] : [Table.markdown(table(result)), origin(result)]),
    "What more machines would gain, computed from these costs (`npm run bench -- --scenario cluster-sim`): machines " +
    "of four cores, a database on one of them. In parentheses the share of what as many runners could do that are " +
    "never waited for, and what keeps them from it.",
    SimulationTable.markdown()
  ].join("\n\n")

export const table = (
  { entries, samples }: Pick<Result, "entries" | "samples">
): ReadonlyArray<ReadonlyArray<string>> => {
  const rateOf = ({ seconds }: Sample) => entries / seconds
  const of = (way: Way) => samples.filter((sample) => sample.way === way)
  const direct = new Map(of("direct").map((sample) => [sample.round, rateOf(sample)]))
  const micros = (values: ReadonlyArray<number | undefined>) => {
    const known = values.filter((value) => value !== undefined)
    return known.length === 0 ? "" : (median(known) / entries).toFixed(1)
  }
  return [
    [
      "Way",
      "Entries/s",
      "Against no cluster",
      "CPU of the client, µs an entry",
      "CPU of the runner",
      "Peak RSS of the client, MiB"
    ],
    ...ways.map((way) => [
      labels[way],
      Math.round(median(of(way).map(rateOf))).toLocaleString("en-US"),
      `${median(of(way).map((sample) => rateOf(sample) / direct.get(sample.round)!)).toFixed(2)}×`,
      micros(of(way).map(({ cpuMicros }) => cpuMicros)),
      micros(of(way).map(({ runnerMicros }) => runnerMicros)),
      String(Math.round(median(of(way).map(({ peakRssBytes }) => peakRssBytes)) / 2 ** 20))
    ])
  ]
}

const median = (values: ReadonlyArray<number>): number => Statistics.spread(values)?.median ?? Number.NaN

const origin = ({ command, date, entries, machine, samples }: Result): string =>
  `${date.slice(0, 10)}, \`${command}\`: ${entries.toLocaleString("en-US")} entries, medians of ` +
  `${Math.max(...samples.map(({ round }) => round))} rounds; ${machine.cpu}, ${machine.cores} cores, ` +
  `${machine.system}, node ${machine.versions.node}.`
