/** The table of the scenario "cluster-sim". */
import * as Table from "../Table.js"
import * as Simulation from "./Simulation.js"

const runners = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1000]

const cases = [
  { title: "a crawl to one client", origins: 100_000, lanes: 1, to: "client" },
  { title: "a crawl as a job", origins: 100_000, lanes: 1, to: "table" },
  { title: "the same, 16 lanes", origins: 100_000, lanes: 16, to: "table" },
  { title: "one origin as a job, 64 lanes", origins: 1, lanes: 64, to: "table" }
] as const

/** The cores of each machine. */
const cores = 4

const cell = ({ limit, rate, share }: Simulation.Result): string =>
  `${Math.round(rate / 1000)} k/s (${Math.round(100 * share)} %, ${limit})`

const make = (): ReadonlyArray<ReadonlyArray<string>> => [
  ["Runners", ...cases.map(({ title }) => title)],
  ...runners.map((count) => [
    String(count),
    ...cases.map(({ title: _, ...options }) =>
      cell(Simulation.run({ ...options, runners: count, cores, costs: Simulation.measured }))
    )
  ])
]

export const markdown = (): string => Table.markdown(make())
