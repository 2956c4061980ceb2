/** What a run of the scenario "cluster" leaves, as one JSON file, from which the document is made. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import { BenchError } from "../BenchError.js"
import type { Result } from "./Document.js"

const file = new URL("../../results/cluster.json", import.meta.url)

export const write = (result: Result): Effect.Effect<void, BenchError> =>
  Effect.tryPromise({
    try: () => Fs.writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`),
    catch: (error) => new BenchError({ message: `The results can't be written: ${String(error)}` })
  })

/** Undefined where it has never been run. */
export const kept: Effect.Effect<Result | undefined> = Effect.promise(() =>
  Fs.readFile(file, "utf8").then((text): Result => JSON.parse(text), () => undefined)
)
