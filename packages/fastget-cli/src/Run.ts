/**
 * One run of the command, from its input to its summary.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Progress from "./Progress.js"
import * as Report from "./Report.js"
import * as RunStatistics from "./RunStatistics.js"
import * as Summary from "./Summary.js"

export interface Options {
  readonly files: ReadonlyArray<string>
  readonly quiet: boolean
}

export const run = ({ quiet }: Options) =>
  Effect.scoped(Effect.gen(function*() {
    const statistics = RunStatistics.make()
    statistics.begun({ total: undefined, skipped: 0 })
    yield* Progress.show(statistics, { quiet, isTerminal: process.stderr.isTTY === true })
    const snapshot = statistics.snapshot()
    if (!quiet) yield* Console.error(Summary.text(snapshot, undefined))
    return { json: Summary.json(snapshot), html: Report.html(snapshot) }
  }))
