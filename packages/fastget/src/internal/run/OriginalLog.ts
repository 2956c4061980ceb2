/** The log as the original in Python has it: lines to read, some of them indented. */
import * as Effect from "effect/Effect"
import type { Words } from "./RunLog.js"

export const make = (say: (line: string) => Effect.Effect<void>): Words => {
  const sayAll = (lines: ReadonlyArray<string>) => Effect.forEach(lines, say, { discard: true })
  return {
    start: (parameters) =>
      sayAll([
        "Start processing requests with FastGet parameters:",
        ...Object.entries(parameters).map(([name, value]) => `  ${name}: ${String(value)}`)
      ]),
    progress: (outcomes) => say(`Requests processed: ${outcomes}`),
    end: ({ failures, outcomes }, seconds) =>
      sayAll([
        "All requests processed:",
        `  Total requests: ${outcomes}`,
        `  Failures: ${failures.all()}`,
        `  Total time (s): ${seconds.toFixed(2)}`,
        `  Requests/s: ${(outcomes / seconds).toFixed(2)}`
      ])
  }
}
