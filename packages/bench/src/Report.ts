/** The document of the benchmark: `docs/benchmarks.md` and its plots, made from the results and from `notes.md`. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import { BenchError } from "./BenchError.js"
import * as ClusterDocument from "./cluster/Document.js"
import * as ClusterResults from "./cluster/Results.js"
import * as Limits from "./limits/Document.js"
import * as LimitResults from "./limits/Results.js"
import * as Plot from "./Plot.js"
import type { Result } from "./Results.js"
import * as Results from "./Results.js"
import type { Scenario } from "./Scenario.js"
import * as Scenarios from "./Scenario.js"
import type { Metric } from "./Statistics.js"
import * as Statistics from "./Statistics.js"
import * as Table from "./Table.js"
import * as Target from "./Target.js"

const docs = new URL("../../../docs/", import.meta.url)
const notes = new URL("../notes.md", import.meta.url)

/** Writes everything anew. */
export const write: Effect.Effect<void, BenchError> = Effect.gen(function*() {
  const results = new Map<string, Result>()
  for (const { name } of Scenarios.all) {
    const result = yield* Results.read(name)
    if (result !== undefined) results.set(name, result)
  }
  const limits = Limits.section(yield* LimitResults.kept)
  const cluster = ClusterDocument.section(yield* ClusterResults.kept)
  yield* Effect.tryPromise({
    try: async () => {
      await Fs.rm(new URL("benchmarks/", docs), { recursive: true, force: true })
      await Fs.mkdir(new URL("benchmarks/", docs))
      await Promise.all(
        [...plots(results)].map(([name, svg]) => Fs.writeFile(new URL(`benchmarks/${name}.svg`, docs), svg))
      )
      await Fs.writeFile(
        new URL("benchmarks.md", docs),
        document(results, await Fs.readFile(notes, "utf8"), [limits, cluster])
      )
    },
    catch: (error) => new BenchError({ message: `The document can't be written: ${String(error)}` })
  })
})

const document = (results: ReadonlyMap<string, Result>, notes: string, others: ReadonlyArray<string>): string =>
  [
    "# Benchmarks",
    "<!-- Made by `npm run bench -- --report` from packages/bench/results and packages/bench/notes.md: edit those. -->",
    intro,
    "## What it must show",
    Table.markdown([
      Target.header,
      ...Target.all.map((target) => {
        const result = results.get(target.scenario)
        const scenario = Scenarios.all.find(({ name }) => name === target.scenario)!
        return Target.cells(target, result === undefined ? undefined : target.measure(scenario, result))
      })
    ]),
    notes.trim(),
    ...Scenarios.all.map((scenario) => section(scenario, results.get(scenario.name))),
    ...others
  ].join("\n\n") + "\n"

const intro =
  `\`npm run bench\` measures all of this again, \`npm run bench -- --quick\` FastGet and raw undici only, in
two minutes, and \`npm run bench -- --scenario tiny --clients fastget,undici-request\` single rows. Figures move
with the machine, and from run to run; the ratios move less.

- Each client runs in a process of its own, anew in each round; the clients take turns (A B C A B C). After a warm-up
  it asks for distinct URLs and reads a field of every JSON. A run counts only if there were as many answers as
  entries, and as many requests by the server's own count.
- Ratios are taken pair by pair, between the runs of one round. A table shows the median of all rounds and, in
  parentheses, the least and the most.
- CPU is user and system time of all threads and child processes of the client, per request. The server is another
  process on the same machine, and its CPU is told apart.
- "Raw undici" is a loop over undici's \`request\` and \`body.json()\`: one thread, 64 connections. FastGet has its
  defaults; its stream is drained with \`Stream.runFold\`, except where a row says otherwise.
- autocannon and wrk make load; they give nobody the answers. autocannon checks each JSON where it arrives. wrk reads
  none, runs for five seconds instead of a number of entries, and its memory is not known. autocannon's two workers,
  wrk and the original's method have no warm-up. The latter's memory is that of its main process and, for each
  process of its pool, of the largest. While the original waits its main process looks for results without a pause,
  and takes a core for it; so does its row here, and the row below it shows the method with a main process that sleeps.`
    .replaceAll(/\n(?! ?- |\n)\s*/g, " ")

const section = (scenario: Scenario, result: Result | undefined): string =>
  [
    `## ${scenario.title}`,
    scenario.about,
    ...(result === undefined ? ["Not measured yet."] : measured(scenario, result))
  ].join("\n\n")

const measured = (scenario: Scenario, result: Result): ReadonlyArray<string> => [
  Table.markdown(Table.make(scenario, result)),
  ...(plot(scenario, result) === undefined ? [] : [`![${scenario.title}](benchmarks/${scenario.name}.svg)`]),
  ...(result.skipped.length === 0 ? [] : [`Not there on this machine: ${result.skipped.join(", ")}.`]),
  conditions(result)
]

const conditions = ({ command, date, machine, samples, server, warmup }: Result): string => {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`).join(", ")
  const rounds = Math.max(...samples.map(({ round }) => round))
  return `${date.slice(0, 10)}, \`${command}\`: ${rounds} rounds, ${warmup.toLocaleString("en-US")} requests of ` +
    `warm-up, server ${server}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ` +
    `${machine.system}; ${versions}.`
}

/** What is drawn of a scenario. */
const drawn: Record<NonNullable<Scenario["table"]>, { readonly metric: Metric; readonly unit: string }> = {
  rate: { metric: Statistics.rate, unit: "×" },
  ideal: { metric: Statistics.overIdeal, unit: "×" },
  start: { metric: Statistics.millis, unit: " ms" },
  scale: { metric: Statistics.rate, unit: "/s" }
}

const plot = (scenario: Scenario, result: Result): Plot.Plot | undefined => {
  const kind = scenario.table ?? "rate"
  const { metric, unit } = drawn[kind]
  const bars = result.rows.flatMap(({ baseline, client, id, label }) => {
    const spread = kind === "rate"
      ? baseline && Statistics.ratio(scenario, result, id, baseline, metric)
      : Statistics.figure(scenario, result, id, metric)
    return spread ? [{ label, spread, highlighted: client.startsWith("fastget") }] : []
  })
  if (bars.length < 2) return undefined
  return { title: titles[kind](scenario), unit, bars, ...(unit === "×" ? { reference: 1 } : undefined) }
}

const titles: Record<NonNullable<Scenario["table"]>, (scenario: Scenario) => string> = {
  rate: ({ quickOnly, title }) =>
    quickOnly === true ? `${title}: requests/s, ratio` : `${title}: requests/s, of raw undici`,
  ideal: ({ title }) => `${title}: time, of the ideal`,
  start: ({ title }) => `${title}: first result`,
  scale: ({ title }) => `${title}: requests/s`
}

const plots = (results: ReadonlyMap<string, Result>): ReadonlyMap<string, string> =>
  new Map(Scenarios.all.flatMap((scenario) => {
    const result = results.get(scenario.name)
    const chosen = result === undefined ? undefined : plot(scenario, result)
    return chosen === undefined ? [] : [[scenario.name, Plot.svg(chosen)] as const]
  }))
