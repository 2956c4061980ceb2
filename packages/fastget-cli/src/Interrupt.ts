/**
 * Ctrl-C, once and twice: first the run begins no more requests and finishes
 * those under way, then it stops at once. SIGTERM counts the same, and so does
 * SIGHUP, of a terminal that is closed. Its scope owns the handlers.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

export interface Interrupt {
  readonly once: Deferred.Deferred<void>
  readonly twice: Deferred.Deferred<void>
  /** The exit code of an interrupted run; undefined while there was no signal. */
  readonly exitCode: () => ExitCode | undefined
}

/** 128 and the signal's number, as shells have it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

type Signal = keyof typeof exitCodes
type ExitCode = typeof exitCodes[Signal]

const signals = Object.keys(exitCodes) as ReadonlyArray<Signal>

/**
 * Milliseconds that a run has to stop after the second signal, and for which, after the first one, a reader may take
 * nothing before the run stops.
 */
const patience = 1000

/**
 * Done when, after a signal, the run is to stop waiting for the reader of its
 * output: at the second signal, or when the reader has taken nothing for a while.
 * `waitsSince` says since when.
 */
export const stops = (
  { once, twice }: Interrupt,
  waitsSince: () => number | undefined
): Effect.Effect<void> => {
  const isStuck = Effect.sync(() => performance.now() - (waitsSince() ?? Infinity) > patience)
  const stuck = Effect.repeat(isStuck, { until: (is) => is, schedule: Schedule.spaced(50) })
  return Effect.raceFirst(
    Deferred.await(twice),
    Deferred.await(once).pipe(Effect.zipRight(Effect.sleep(patience)), Effect.zipRight(stuck))
  )
}

export const make = (onFirst: () => void): Effect.Effect<Interrupt, never, Scope.Scope> =>
  Effect.gen(function*() {
    const once = yield* Deferred.make<void>()
    const twice = yield* Deferred.make<void>()
    let count = 0
    let exitCode: ExitCode | undefined
    const onSignal = (signal: NodeJS.Signals) => {
      // A terminal that closes may say so twice, by the kernel and by the shell.
      if (signal === "SIGHUP" && count > 0) return
      count++
      exitCode ??= exitCodes[signal as Signal]
      if (count === 1) {
        Deferred.unsafeDone(once, Effect.void)
        onFirst()
      } else if (count === 2) {
        Deferred.unsafeDone(twice, Effect.void)
        const code = exitCode
        setTimeout(() => process.exit(code), patience).unref()
      } else process.exit(exitCode)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => signals.forEach((signal) => process.on(signal, onSignal))),
      () => Effect.sync(() => signals.forEach((signal) => process.off(signal, onSignal)))
    )
    return { once, twice, exitCode: () => exitCode }
  })
