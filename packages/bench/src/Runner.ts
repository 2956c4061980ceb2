/**
 * Runs a scenario: in each round its rows in turns, each client in a process of
 * its own. A client whose answers are not as many as its entries, or not as
 * many as the server counted, ends the run with a `BenchError`.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { BenchError } from "./BenchError.js"
import * as Child from "./Child.js"
import type { Sample } from "./Results.js"
import type { Row, Scenario } from "./Scenario.js"
import { connections } from "./Scenario.js"
import type { Server, Servers } from "./Server.js"
import * as Statistics from "./Statistics.js"
import type { Report, Task } from "./Task.js"
import { message } from "./Task.js"

export interface Run {
  readonly samples: ReadonlyArray<Sample>
  /** Labels of the rows that could not be run here. */
  readonly skipped: ReadonlyArray<string>
}

/** A row and the command of its client. */
interface Runnable {
  readonly row: Row
  readonly command: ReadonlyArray<string>
}

export const run = (scenario: Scenario, servers: Servers): Effect.Effect<Run, BenchError> =>
  Effect.gen(function*() {
    const commands = yield* Effect.forEach(scenario.rows, (row) => runnable(row, servers))
    const present = commands.filter((command) => command !== undefined)
    const samples: Array<Sample> = []
    for (let round = 1; round <= scenario.rounds; round++) {
      for (const { command, row } of present) {
        if (round > (row.rounds ?? scenario.rounds)) continue
        const sample: Sample = { row: row.id, round, ...(yield* measure(scenario, row, command, servers)) }
        samples.push(sample)
        yield* Console.error(line(scenario, sample))
      }
    }
    const skipped = scenario.rows.filter((_, i) => commands[i] === undefined).map((row) => row.label)
    return { samples, skipped }
  })

const runnable = (row: Row, servers: Servers): Effect.Effect<Runnable | undefined> =>
  row.endpoint.tls === true && servers.main.tlsOrigin === undefined
    ? Effect.succeed(undefined)
    : Effect.map(row.client.command, (command) => command === undefined ? undefined : { row, command })

const measure = (scenario: Scenario, row: Row, command: ReadonlyArray<string>, servers: Servers) =>
  Effect.gen(function*() {
    const { endpoint } = row
    const server = endpoint.delaying === true ? servers.delaying : servers.main
    const task: Task = {
      origins: originsOf(row, server),
      path: endpoint.path,
      entries: row.entries,
      warmup: Math.min(scenario.warmup, row.entries),
      connections
    }
    const requestsBefore = yield* server.requests
    const cpuBefore = yield* server.cpuMicros
    const [program, ...args] = command
    const output = yield* Child.run(program!, [...args, JSON.stringify(task)], timeLimit(row), {
      env: endpoint.tls === true ? { NODE_EXTRA_CA_CERTS: servers.ca! } : {}
    })
    const cpuAfter = yield* server.cpuMicros
    const requests = (yield* server.requests) - requestsBefore
    const report = yield* parse(row, output)
    yield* check(row, task, report, requests)
    return cpuBefore === undefined || cpuAfter === undefined
      ? report
      : { ...report, serverCpuMicros: cpuAfter - cpuBefore }
  })

const originsOf = ({ endpoint }: Row, server: Server): ReadonlyArray<string> =>
  endpoint.tls === true ? [server.tlsOrigin!] : server.origins.slice(0, endpoint.origins ?? 1)

/** In milliseconds; far beyond what the slowest client needs. */
const timeLimit = ({ entries }: Row): number => 120_000 + entries / 2

const parse = (row: Row, output: string): Effect.Effect<Report, BenchError> =>
  Effect.try({
    try: () => JSON.parse(output.trim().split("\n").at(-1)!),
    catch: () => new BenchError({ message: `${row.label} reported nothing: ${output.slice(-500)}` })
  })

/** Whether every entry was asked for once, answered once, and read. */
const check = (row: Row, task: Task, report: Report, requests: number): Effect.Effect<void, BenchError> => {
  const { answers, read, unanswered = 0, warmup = task.warmup } = report
  // A client that runs for a time has no entries.
  const entries = row.entries === 0 ? answers : row.entries
  const counted = requests - warmup
  const wrong = [
    answers === entries ? undefined : `gave ${answers} answers for ${entries} entries`,
    row.client.reads === false || read === answers * message.length ? undefined : "did not read every answer's field",
    counted >= entries && counted <= entries + unanswered
      ? undefined
      : `had ${counted} requests counted by the server for ${entries} entries`
  ].filter((problem) => problem !== undefined)
  return wrong.length === 0 ? Effect.void : new BenchError({ message: `${row.label} ${wrong.join(" and ")}` })
}

const line = (scenario: Scenario, sample: Sample): string => {
  const { row, round, seconds } = sample
  return `${scenario.name} ${round}/${scenario.rounds} ${row}: ${Statistics.rate(sample, scenario)!.toFixed()} ` +
    `requests/s, ${Statistics.cpu(sample, scenario)!.toFixed(1)} µs CPU each, ${seconds.toFixed(2)} s`
}
