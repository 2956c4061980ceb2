/**
 * The log of a run, as the original has it: the parameters at the start, the
 * count as it goes, the totals at the end. Through Effect's logger, at the level
 * `logLevel`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import type { Settings } from "../../FastGetConfig.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface RunLog {
  readonly start: Effect.Effect<void>
  /** To be told how many outcomes and failures there are so far. */
  readonly progress: (outcomes: number) => Effect.Effect<void>
  readonly end: (outcomes: number, failures: number) => Effect.Effect<void>
}

/**
 * A log that says nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const silent: RunLog = { start: Effect.void, progress: () => Effect.void, end: () => Effect.void }

/**
 * The log of one run.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (run: number, numWorkers: number, settings: Settings): RunLog => {
  // Effect.logWithLevel prints at the level None, too.
  if (settings.logLevel === LogLevel.None) return silent
  const startedAt = performance.now()
  const say = (lines: ReadonlyArray<string>, annotations: Record<string, unknown>) =>
    Effect.forEach(lines, (line) => Effect.logWithLevel(settings.logLevel, line), { discard: true }).pipe(
      Effect.annotateLogs({ package: "fastget", run, ...annotations })
    )
  let said = 0
  return {
    start: Effect.suspend(() => {
      const { inputChunkSize, poolSubmitSize, queueMaxSize } = settings
      const parameters = { numWorkers, queueMaxSize, inputChunkSize, poolSubmitSize }
      return say([
        "Start processing requests with FastGet parameters:",
        ...Object.entries(parameters).map(([name, value]) => `  ${name}: ${value}`)
      ], {})
    }),
    progress: (outcomes) => {
      const steps = Math.floor(outcomes / settings.inputChunkSize)
      if (steps === said) return Effect.void
      said = steps
      return say([`Requests processed: ${steps * settings.inputChunkSize}`], {})
    },
    end: (outcomes, failures) =>
      Effect.suspend(() => {
        const seconds = (performance.now() - startedAt) / 1000
        const rate = outcomes / seconds
        return say([
          "All requests processed:",
          `  Total requests: ${outcomes}`,
          `  Failures: ${failures}`,
          `  Total time (s): ${seconds.toFixed(2)}`,
          `  Requests/s: ${rate.toFixed(2)}`
        ], {})
      })
  }
}
