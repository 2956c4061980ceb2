/**
 * The log of a run: a record when it starts, one as it goes, one when it ends,
 * through Effect's logger at the level `logLevel`. What they say is in their
 * annotations; `log: "original"` writes the lines of the original in their place.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import type { Settings } from "../../FastGetConfig.js"
import * as OriginalLog from "./OriginalLog.js"
import type { RunTotals } from "./RunTotals.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface RunLog {
  readonly start: Effect.Effect<void>
  /** To be told how many outcomes there are so far. */
  readonly progress: (outcomes: number) => Effect.Effect<void>
  /** `limitedBy` is the server that slowed the run most, if one did; it is asked for where there is a log. */
  readonly end: (totals: RunTotals, limitedBy: () => string | undefined) => Effect.Effect<void>
}

/**
 * A log that says nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const silent: RunLog = { start: Effect.void, progress: () => Effect.void, end: () => Effect.void }

/** What the three say; times are in seconds. */
export interface Words {
  readonly start: (parameters: Readonly<Record<string, unknown>>) => Effect.Effect<void>
  readonly progress: (outcomes: number) => Effect.Effect<void>
  readonly end: (totals: RunTotals, seconds: number, limitedBy: string | undefined) => Effect.Effect<void>
}

/**
 * The log of one run.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (run: number, numWorkers: number, settings: Settings): RunLog => {
  const { inputChunkSize, log, logLevel, poolSubmitSize, queueMaxSize } = settings
  // Effect.logWithLevel prints at the level None, too.
  if (logLevel === LogLevel.None) return silent
  const startedAt = performance.now()
  const say = (message: string, annotations: Readonly<Record<string, unknown>> = {}) =>
    Effect.logWithLevel(logLevel, message).pipe(Effect.annotateLogs({ package: "fastget", run, ...annotations }))
  // The lines are for readers alone: annotations would make them harder to read.
  const words = log === "original" ? OriginalLog.make((line) => Effect.logWithLevel(logLevel, line)) : structured(say)
  let said = 0
  return {
    start: Effect.suspend(() => words.start({ numWorkers, queueMaxSize, inputChunkSize, poolSubmitSize })),
    progress: (outcomes) => {
      const steps = Math.floor(outcomes / inputChunkSize)
      if (steps === said) return Effect.void
      said = steps
      return words.progress(steps * inputChunkSize)
    },
    end: (totals, limitedBy) =>
      Effect.suspend(() => words.end(totals, (performance.now() - startedAt) / 1000, limitedBy()))
  }
}

/** Writes a record. */
type Say = (message: string, annotations?: Readonly<Record<string, unknown>>) => Effect.Effect<void>

const structured = (say: Say): Words => ({
  start: (parameters) => say("FastGet run starts", parameters),
  progress: (outcomes) => say("FastGet run goes on", { outcomes }),
  end: ({ bytes, failures, outcomes, requests }, seconds, limitedBy) =>
    say("FastGet run ends", {
      outcomes,
      failures: failures.all(),
      ...(failures.all() === 0 ? undefined : { failuresByReason: Object.fromEntries(failures.byReason()) }),
      requests,
      bytes,
      seconds: round(seconds),
      outcomesPerSecond: round(outcomes / seconds),
      ...(limitedBy === undefined ? undefined : { limitedBy })
    })
})

const round = (number: number): number => Math.round(number * 1000) / 1000
