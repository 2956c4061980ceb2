/** Results: what a run of a scenario leaves, as one JSON file, from which the documents are made. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import { BenchError } from "./BenchError.js"
import type { Machine } from "./Machine.js"
import type { Report } from "./Task.js"

/** What one client did in one round. */
export interface Sample extends Report {
  readonly row: string
  readonly round: number
  /** The server's, over the whole of the client's life, warm-up included. */
  readonly serverCpuMicros?: number
}

export interface Row {
  readonly id: string
  readonly label: string
  readonly client: string
  readonly entries: number
  readonly baseline?: string
}

export interface Result {
  readonly scenario: string
  readonly date: string
  readonly command: string
  readonly machine: Machine
  readonly server: string
  readonly warmup: number
  readonly rows: ReadonlyArray<Row>
  /** Labels of the rows that this machine has no client for. */
  readonly skipped: ReadonlyArray<string>
  readonly samples: ReadonlyArray<Sample>
}

const file = (scenario: string): URL => new URL(`../results/${scenario}.json`, import.meta.url)

/** Nobody needs more digits than microseconds. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value

export const write = (result: Result): Effect.Effect<void, BenchError> =>
  Effect.tryPromise({
    try: async () => {
      await Fs.mkdir(new URL(".", file(result.scenario)), { recursive: true })
      await Fs.writeFile(file(result.scenario), `${JSON.stringify(result, rounded, 2)}\n`)
    },
    catch: (error) => new BenchError({ message: `The results can't be written: ${String(error)}` })
  })

/** Undefined where the scenario has never been run. */
export const read = (scenario: string): Effect.Effect<Result | undefined> =>
  Effect.promise(() => Fs.readFile(file(scenario), "utf8").then((text): Result => JSON.parse(text), () => undefined))
