/** The command line: which scenarios run, with which rows, how often, and whether the results are kept. */
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"
import { BenchError } from "./BenchError.js"
import * as Clients from "./Clients.js"
import type * as ClusterRunner from "./cluster/Runner.js"
import * as LimitClients from "./limits/Clients.js"
import * as LimitRows from "./limits/Rows.js"
import type * as LimitRunner from "./limits/Runner.js"
import type { Row, Scenario } from "./Scenario.js"
import * as Scenarios from "./Scenario.js"

export interface Options {
  readonly scenarios: ReadonlyArray<Scenario>
  /** What is run of the scenario "limits", which has rows of its own kind. */
  readonly limits: LimitRunner.Options | undefined
  /** What is run of the scenario "cluster", which has programs of its own. */
  readonly cluster: ClusterRunner.Options | undefined
  /** Whether the scenario "cluster-sim" is asked for, which computes. */
  readonly simulates: boolean
  /** Whether everything was asked for, so that the results may replace those in the repository. */
  readonly keep: boolean
  /** Whether only the documents are made. */
  readonly report: boolean
  readonly help: boolean
}

/** The scenario whose rows are in `limits`. */
const limits = "limits"

/** Those that are in `cluster`: they are run where they are named. */
const cluster = "cluster"
const simulation = "cluster-sim"

const clusterOf = (rounds = 5, entries = 200_000): ClusterRunner.Options => ({ rounds, entries })

export const help = `npm run bench -- [options]

  --quick               FastGet and raw undici only, fewer entries; under 2 minutes
  --full                also the rows that take minutes
  --scenario NAME,...   ${[...Scenarios.all.map(({ name }) => name), limits, cluster, simulation].join(", ")}
  --rows NAME,...       of the scenario "limits", by their names or by what these begin with:
                        ${LimitRows.all.map(({ name }) => name).join(", ")}
  --clients NAME,...    ${
  [
    ...new Set([
      ...Scenarios.all.flatMap(({ rows }) => rows.map(({ client }) => client.name)),
      ...LimitClients.all.map(({ name }) => name)
    ])
  ].join(", ")
}
  --rounds N            rounds of each scenario
  --entries N           entries of each row; of the scenario "scale", the rows up to so many
  --against FOLDER      FastGet, and FastGet as it is in another built checkout: what a change costs or gains
  --report              only makes docs/benchmarks.md from the results

Results are kept in packages/bench/results and shown in docs/benchmarks.md, unless --quick, --clients, --rows,
--entries, --against or fewer rounds than usual were asked for. The scenario "limits" takes half an hour a round.
`

export const parse = (args: ReadonlyArray<string>): Effect.Effect<Options, BenchError> =>
  Effect.gen(function*() {
    const { values } = yield* Effect.try({
      try: () =>
        parseArgs({
          args: [...args],
          options: {
            quick: { type: "boolean", default: false },
            full: { type: "boolean", default: false },
            report: { type: "boolean", default: false },
            help: { type: "boolean", default: false },
            scenario: { type: "string" },
            rows: { type: "string" },
            clients: { type: "string" },
            against: { type: "string" },
            rounds: { type: "string" },
            entries: { type: "string" }
          }
        }),
      catch: (error) =>
        new BenchError({ message: `${error instanceof Error ? error.message : String(error)}\n\n${help}` })
    })
    const rounds = yield* positive("--rounds", values.rounds)
    const entries = yield* positive("--entries", values.entries)
    const clients = values.clients?.split(",") ?? (values.quick ? quickClients : undefined)
    const { against } = values
    const names = values.scenario?.split(",")
    const limitRows = yield* rowsOf(values.rows, values.full)
    const isLimits = names === undefined
      ? !values.quick && entries === undefined && against === undefined
      : names.includes(limits)
    const scenarios = (yield* named(names?.filter((name) => ![limits, cluster, simulation].includes(name))))
      .flatMap((scenario) => against === undefined ? [scenario] : Scenarios.against(scenario, against))
      .filter((scenario) => !values.quick || scenario.quick !== undefined || values.scenario !== undefined)
      .map((scenario) => shorten(scenario, values.quick))
      .map((scenario) => ({
        ...scenario,
        rounds: rounds ?? scenario.rounds,
        rows: scenario.rows
          .filter(({ client, full }) => (clients?.includes(client.name) ?? true) && (!full || values.full))
          .flatMap((row) => withEntries(scenario, row, entries))
      }))
      .filter(({ rows }) => rows.length > 0)
    const isCluster = names?.includes(cluster) === true
    const simulates = names?.includes(simulation) === true
    if (scenarios.length === 0 && !isLimits && !isCluster && !simulates) {
      return yield* new BenchError({ message: `No row has these clients.\n\n${help}` })
    }
    return {
      scenarios,
      limits: isLimits ? { rows: limitRows, rounds: rounds ?? 1, clients: values.clients?.split(",") } : undefined,
      cluster: isCluster ? clusterOf(rounds, entries) : undefined,
      simulates,
      keep: clients === undefined && values.rows === undefined && against === undefined && entries === undefined &&
        (rounds ?? Infinity) >= 5,
      report: values.report,
      help: values.help
    }
  })

const quickClients: ReadonlyArray<string> = [
  Clients.fastget,
  Clients.undiciRequest,
  Clients.undiciRequestGzip,
  Clients.fastgetStart,
  Clients.undiciStart
].map(({ name }) => name)

const positive = (option: string, text: string | undefined): Effect.Effect<number | undefined, BenchError> => {
  if (text === undefined) return Effect.succeed(undefined)
  const number = Number(text)
  return Number.isInteger(number) && number >= 1
    ? Effect.succeed(number)
    : new BenchError({ message: `${option} is ${text}: it takes a whole number from 1` })
}

const rowsOf = (names: string | undefined, full: boolean) =>
  names === undefined
    ? Effect.succeed(LimitRows.usual(full))
    : Effect.map(
      Effect.forEach(names.split(","), (name) => {
        const rows = LimitRows.named(name, full)
        return rows.length === 0
          ? new BenchError({ message: `There is no row ${name}.\n\n${help}` })
          : Effect.succeed(rows)
      }),
      (rows) => rows.flat()
    )

const named = (names: ReadonlyArray<string> | undefined): Effect.Effect<ReadonlyArray<Scenario>, BenchError> =>
  names === undefined
    ? Effect.succeed(Scenarios.all)
    : Effect.forEach(names, (name) => {
      const scenario = Scenarios.all.find((scenario) => scenario.name === name)
      return scenario === undefined
        ? new BenchError({ message: `There is no scenario ${name}.\n\n${help}` })
        : Effect.succeed(scenario)
    })

const shorten = (scenario: Scenario, quick: boolean): Scenario =>
  quick && scenario.quick !== undefined
    ? {
      ...scenario,
      rounds: scenario.quick.rounds,
      rows: scenario.rows.map((row) => ({ ...row, entries: Math.min(row.entries, scenario.quick!.entries) }))
    }
    : scenario

const withEntries = ({ table }: Scenario, row: Row, entries: number | undefined): ReadonlyArray<Row> => {
  // wrk runs for a time, and a start is one entry.
  if (entries === undefined || row.entries === 0 || table === "start") return [row]
  if (table === "scale") return row.entries <= entries ? [row] : []
  return [{ ...row, entries }]
}
