/**
 * Ctrl-C, once and twice: first the run begins no more requests and finishes
 * those under way, then it stops at once. SIGTERM counts the same. Its scope owns the
 * handlers.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Interrupt {
  readonly once: Deferred.Deferred<void>
  readonly twice: Deferred.Deferred<void>
  /** The exit code of an interrupted run; undefined while there was no signal. */
  readonly exitCode: () => 130 | 143 | undefined
}

/** How long, in milliseconds, a run may take to stop at once. */
const patience = 1000

export const make = (onFirst: () => void): Effect.Effect<Interrupt, never, Scope.Scope> =>
  Effect.gen(function*() {
    const once = yield* Deferred.make<void>()
    const twice = yield* Deferred.make<void>()
    let signals = 0
    let exitCode: 130 | 143 | undefined
    const onSignal = (signal: NodeJS.Signals) => {
      signals++
      exitCode ??= signal === "SIGTERM" ? 143 : 130
      if (signals === 1) {
        Deferred.unsafeDone(once, Effect.void)
        onFirst()
      } else if (signals === 2) {
        Deferred.unsafeDone(twice, Effect.void)
        const code = exitCode
        setTimeout(() => process.exit(code), patience).unref()
      } else process.exit(exitCode)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        process.on("SIGINT", onSignal)
        process.on("SIGTERM", onSignal)
      }),
      () =>
        Effect.sync(() => {
          process.off("SIGINT", onSignal)
          process.off("SIGTERM", onSignal)
        })
    )
    return { once, twice, exitCode: () => exitCode }
  })
