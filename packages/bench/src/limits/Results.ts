/** What a run of the scenario "limits" leaves, as one JSON file, from which the document is made. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import { BenchError } from "../BenchError.js"
import type { Machine } from "../Machine.js"
import type { Figure } from "./Row.js"

/** What came of a row with one client, in one round. */
export interface Sample {
  readonly row: string
  readonly client: string
  readonly round: number
  /** How many processes wanted a core of the machine, over the minute before. */
  readonly load: number
  /** How many entries came to what, in the row's first run. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly figures: ReadonlyArray<Figure>
}

export interface Result {
  readonly date: string
  readonly command: string
  readonly machine: Machine
  readonly samples: ReadonlyArray<Sample>
}

const file = new URL("../../results/limits.json", import.meta.url)

/** JSON knows neither what is not a number nor what is infinite. */
const told = (_: string, value: unknown): unknown => {
  if (typeof value !== "number" || Number.isInteger(value)) return value
  return Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : String(value)
}

const read = (_: string, value: unknown): unknown =>
  value === "NaN" ? Number.NaN : value === "Infinity" ? Infinity : value

export const write = (result: Result): Effect.Effect<void, BenchError> =>
  Effect.tryPromise({
    try: () => Fs.writeFile(file, `${JSON.stringify(result, told, 2)}\n`),
    catch: (error) => new BenchError({ message: `The results can't be written: ${String(error)}` })
  })

/** Undefined where it has never been run. */
export const kept: Effect.Effect<Result | undefined> = Effect.promise(() =>
  Fs.readFile(file, "utf8").then((text): Result => JSON.parse(text, read), () => undefined)
)
