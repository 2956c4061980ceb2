/** `npm run bench`: runs the scenarios, prints their tables, keeps the results, makes the document. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fs from "node:fs/promises"
import { tmpdir } from "node:os"
import * as ClusterDocument from "./cluster/Document.js"
import * as ClusterResults from "./cluster/Results.js"
import * as ClusterRunner from "./cluster/Runner.js"
import * as SimulationTable from "./cluster/SimulationTable.js"
import * as LimitResults from "./limits/Results.js"
import * as LimitRunner from "./limits/Runner.js"
import * as LimitTable from "./limits/Table.js"
import * as Machine from "./Machine.js"
import * as Options from "./Options.js"
import * as Report from "./Report.js"
import type { Result } from "./Results.js"
import * as Results from "./Results.js"
import * as Runner from "./Runner.js"
import type { Scenario } from "./Scenario.js"
import * as Server from "./Server.js"
import * as Table from "./Table.js"
import * as Target from "./Target.js"

const args = process.argv.slice(2)

const command = ["npm run bench", ...(args.length === 0 ? [] : ["--", ...args])].join(" ")

const folder = Effect.acquireRelease(
  Effect.promise(() => Fs.mkdtemp(`${tmpdir()}/bench-`)),
  (path) => Effect.promise(() => Fs.rm(path, { recursive: true }))
)

const runScenario = (scenario: Scenario, servers: Server.Servers) =>
  Effect.map(Runner.run(scenario, servers), ({ samples, skipped }): Result => ({
    scenario: scenario.name,
    date: new Date().toISOString(),
    command,
    machine: Machine.describe(),
    server: (scenario.rows[0]?.endpoint.delaying === true ? servers.delaying : servers.main).name,
    warmup: scenario.warmup,
    rows: scenario.rows.map(({ baseline, client, entries, id, label }) => ({
      id,
      label,
      client: client.name,
      entries,
      ...(baseline === undefined ? undefined : { baseline })
    })),
    skipped,
    samples
  }))

const print = (scenario: Scenario, result: Result) => {
  const targets = Target.all.filter((target) => target.scenario === scenario.name)
    .map((target) => Target.cells(target, target.measure(scenario, result)))
  return Console.log([
    `\n${scenario.title} (server: ${result.server})\n`,
    Table.markdown(Table.make(scenario, result)),
    ...(result.skipped.length === 0 ? [] : [`\nNot there on this machine: ${result.skipped.join(", ")}`]),
    ...(targets.length === 0 ? [] : ["", Table.markdown([Target.header, ...targets])]),
    ""
  ].join("\n"))
}

/** The scenario "limits", whose servers and rows are of another kind. */
const runLimits = (options: LimitRunner.Options, keep: boolean) =>
  Effect.gen(function*() {
    const date = new Date().toISOString()
    const samples = yield* LimitRunner.run(options)
    yield* Console.log(`\nLimits\n\n${Table.markdown(LimitTable.make(samples))}\n`)
    if (!keep) return
    yield* LimitResults.write({ date, command, machine: Machine.describe(), samples })
    yield* Report.write
  })

/** The scenario "cluster", whose programs are of another kind. */
const runCluster = (options: ClusterRunner.Options, servers: Server.Servers, keep: boolean) =>
  Effect.gen(function*() {
    const date = new Date().toISOString()
    const { entries } = options
    const samples = yield* ClusterRunner.run(options, servers)
    yield* Console.log(`\nCluster\n\n${Table.markdown(ClusterDocument.table({ entries, samples }))}\n`)
    if (!keep) return
    yield* ClusterResults.write({ date, command, machine: Machine.describe(), entries, samples })
    yield* Report.write
  })

const main = Effect.gen(function*() {
  const options = yield* Options.parse(args)
  if (options.help) return yield* Console.log(Options.help)
  if (options.report) return yield* Report.write
  if (options.limits !== undefined) yield* runLimits(options.limits, options.keep)
  if (options.simulates) yield* Console.log(SimulationTable.markdown())
  if (options.scenarios.length === 0 && options.cluster === undefined) return
  const servers = yield* Effect.flatMap(folder, Server.make)
  if (options.cluster !== undefined) yield* runCluster(options.cluster, servers, options.keep)
  for (const scenario of options.scenarios) {
    const result = yield* runScenario(scenario, servers)
    yield* print(scenario, result)
    if (options.keep) yield* Effect.zipRight(Results.write(result), Report.write)
  }
}).pipe(
  Effect.scoped,
  Effect.catchTag("BenchError", ({ message }) =>
    Effect.zipRight(
      Console.error(message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    ))
)

NodeRuntime.runMain(main, {
  // Ctrl-C is not a success.
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)
})
