/**
 * Runs rows of the scenario "limits": for each client the runs of a row, one
 * after the other, each over servers of its own, in processes of their own.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import { BenchError } from "../BenchError.js"
import * as Child from "../Child.js"
import type { Client } from "./Clients.js"
import * as Clients from "./Clients.js"
import type { Sample } from "./Results.js"
import type { Done, Row, Run } from "./Row.js"
import { outcomesOf } from "./Row.js"
import * as Servers from "./Servers.js"
import type { Report, Task } from "./Task.js"

export interface Options {
  readonly rows: ReadonlyArray<Row>
  readonly rounds: number
  /** Names of clients; all unless given. */
  readonly clients: ReadonlyArray<string> | undefined
}

/** Most requests at once of clients that have to be told. */
const connections = 64

/** Where repeating helps: so often that hardly an entry fails of it. */
const retries = 20

/** In milliseconds; curl's waits double without a header, up to ten minutes. */
const timeLimit = 1_200_000

export const run = ({ clients, rounds, rows }: Options): Effect.Effect<ReadonlyArray<Sample>, BenchError> =>
  Effect.gen(function*() {
    const samples: Array<Sample> = []
    for (const row of rows) {
      for (let round = 1; round <= rounds; round++) {
        for (const client of clientsOf(row, clients)) {
          const command = yield* client.command
          if (command === undefined) continue
          const sample = yield* measure(row, client, command, round)
          samples.push(sample)
          yield* Console.error(line(sample))
        }
      }
    }
    return samples
  })

const clientsOf = (row: Row, names: ReadonlyArray<string> | undefined): ReadonlyArray<Client> =>
  [Clients.fastget, ...(row.rivals === false ? [] : Clients.rivals)]
    .filter(({ name }) => names?.includes(name) ?? true)
    .filter(({ isTold }) => !isTold || row.runs[0]!.task(["", "", ""]).perSecond !== undefined)
    .filter((client) => client === Clients.fastget || client.isTold || row.rivals !== "told")

const measure = (row: Row, client: Client, command: ReadonlyArray<string>, round: number) =>
  Effect.gen(function*() {
    const load = Os.loadavg()[0]!
    const done = new Map<string, Done>()
    for (const run of row.runs) done.set(run.name, yield* runOnce(run, command))
    const first = done.get(row.runs[0]!.name)!
    const sample: Sample = {
      row: row.name,
      client: client.name,
      round,
      load,
      outcomes: Object.fromEntries(outcomesOf(first)),
      figures: row.figures((name) => done.get(name)!)
    }
    return sample
  })

const runOnce = ({ models, programs = 1, task }: Run, [program, ...args]: ReadonlyArray<string>) =>
  Effect.scoped(Effect.gen(function*() {
    const servers = yield* Servers.make([...models, { kind: "plain" }])
    const given: Task = {
      options: {},
      retries,
      connections,
      ...task(servers.urls.slice(0, -1)),
      warmup: servers.urls.at(-1)!
    }
    const outputs = yield* Effect.replicateEffect(
      Child.run(program!, [...args, JSON.stringify(given)], timeLimit),
      programs,
      { concurrency: "unbounded" }
    )
    const reports = yield* Effect.forEach(outputs, parse)
    yield* checkAll(reports, given)
    // Without the one that was for the warm-up.
    return { reports, servers: (yield* servers.counted).slice(0, -1) }
  }))

const parse = (output: string): Effect.Effect<Report, BenchError> =>
  Effect.try({
    try: () => JSON.parse(output.trim().split("\n").at(-1)!),
    catch: () => new BenchError({ message: `A client reported nothing: ${output.slice(-500)}` })
  })

/** Whether every entry came to something, once. */
const checkAll = (reports: ReadonlyArray<Report>, { streams }: Task): Effect.Effect<void, BenchError> => {
  for (const report of reports) {
    for (const [n, { outcomes }] of report.streams.entries()) {
      const all = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
      const { count } = streams[n]!
      if (all !== count) return new BenchError({ message: `A client gave ${all} outcomes for ${count} entries` })
    }
  }
  return Effect.void
}

const line = ({ client, figures, load, outcomes, row }: Sample): string =>
  `limits ${row} ${client}: ${figures.map(({ text, value }) => `${text} ${value.toFixed(2)}`).join(", ")}; ` +
  `${Object.entries(outcomes).map(([name, count]) => `${count} ${name}`).join(", ")}; load ${load.toFixed(1)}`
