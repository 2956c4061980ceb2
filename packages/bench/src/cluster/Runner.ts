/**
 * Runs the scenario "cluster": the same entries in each way, in turns, by
 * programs of their own, with a runner and a Postgres beside them.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Postgres } from "loopback"
import * as Fs from "node:fs/promises"
import * as Os from "node:os"
import { fileURLToPath } from "node:url"
import { BenchError } from "../BenchError.js"
import * as Child from "../Child.js"
import type { Servers } from "../Server.js"
import type { Report, Task, Way } from "./Way.js"
import { ways } from "./Way.js"

export interface Options {
  readonly rounds: number
  readonly entries: number
}

export interface Sample extends Report {
  readonly way: Way
  readonly round: number
  /** CPU of the runner meanwhile, warm-up included, in microseconds; undefined where there is none or the system does not tell. */
  readonly runnerMicros: number | undefined
}

/** In milliseconds. */
const joinWithin = 60_000
const timeLimit = 600_000

const program = (name: string): string =>
  fileURLToPath(new URL(`../../dist/cluster/${name}-program.js`, import.meta.url))

export const run = ({ entries, rounds }: Options, servers: Servers): Effect.Effect<ReadonlyArray<Sample>, BenchError> =>
  Effect.scoped(Effect.gen(function*() {
    const problem = Postgres.problem()
    if (problem !== undefined) return yield* new BenchError({ message: problem })
    const samples: Array<Sample> = []
    for (let round = 1; round <= rounds; round++) {
      for (const way of ways) {
        const sample = yield* measure(way, round, entries, servers.main.origins[0]!)
        samples.push(sample)
        yield* Console.error(`${way} ${round}: ${Math.round(entries / sample.seconds)} entries/s`)
      }
    }
    return samples
  }))

/** With a database and a runner of its own. */
const measure = (way: Way, round: number, entries: number, origin: string): Effect.Effect<Sample, BenchError> =>
  Effect.scoped(Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.promise(() => Fs.mkdtemp(`${Os.tmpdir()}/bench-cluster-`)),
      (path) => Effect.promise(() => Fs.rm(path, { recursive: true }))
    )
    const database = way === "direct" ? "" : (yield* Postgres.make).url
    const runner = way === "direct" ? undefined : yield* joined(database)
    const before = yield* cpuOf(runner)
    const task: Task = { way, database, origin, entries, folder }
    const said = yield* Child.run(process.execPath, [program("client"), JSON.stringify(task)], timeLimit)
    const after = yield* cpuOf(runner)
    return {
      way,
      round,
      ...JSON.parse(said.trim().split("\n").at(-1)!) as Report,
      runnerMicros: before === undefined || after === undefined ? undefined : after - before
    }
  }))

const joined = (database: string) =>
  Effect.tap(
    Child.start(process.execPath, [program("runner"), database]),
    ({ output }) =>
      Effect.repeat(Effect.delay(Effect.sync(() => output().stdout.includes("joined")), 20), { until: (is) => is })
        .pipe(
          Effect.timeoutFail({
            duration: joinWithin,
            onTimeout: () => new BenchError({ message: `The runner has not joined: ${output().stderr}` })
          })
        )
  )

/** Of a process and all its threads, where the system tells. */
const cpuOf = (child: Child.Child | undefined): Effect.Effect<number | undefined> =>
  Effect.promise(async () => {
    try {
      const stat = await Fs.readFile(`/proc/${child!.process.pid}/stat`, "utf8")
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      // Ticks of 10 ms, in user and in system mode.
      return (Number(fields[11]) + Number(fields[12])) * 10_000
    } catch {
      return undefined
    }
  })
