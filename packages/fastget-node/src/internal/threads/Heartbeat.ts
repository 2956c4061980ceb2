/**
 * Whether a thread's event loop turns. The thread beats into its black box by a
 * timer; the pool looks into the box by another. Both timers let the process
 * end.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BlackBox } from "fastget/platform/BlackBox"

/** How often the pool looks, and the thread beats, within `stuckTimeout`. */
const looks = 20

/** The longest time between two beats, in milliseconds. */
const slowest = 1000

/**
 * How often a thread is to beat, in milliseconds.
 */
export const interval = (stuckTimeout: number): number => Math.min(slowest, Math.max(1, stuckTimeout / looks))

/**
 * Beats from now on, for as long as the thread lives.
 */
export const start = (box: BlackBox, every: number): void => {
  box.beat()
  setInterval(() => box.beat(), every).unref()
}

/**
 * Calls back once when the thread has given no sign of life for `stuckTimeout`.
 * One that never gives any is not watched.
 *
 * Looks are counted, not milliseconds: while this process stands still or the
 * machine sleeps, nobody looks, and it counts as one. After a longer pause of
 * that kind the thread gets its whole time again.
 */
export const watch = (
  box: BlackBox,
  stuckTimeout: number,
  onStuck: () => void
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => {
      const every = Math.max(1, stuckTimeout / looks)
      let beats = 0
      let still = 0
      let lookedAt = performance.now()
      const timer = setInterval(() => {
        const now = performance.now()
        const isLate = now - lookedAt > stuckTimeout / 2 + every
        lookedAt = now
        const seen = box.beats()
        if (seen === 0 || seen !== beats || isLate) {
          beats = seen
          still = 0
        } else if (++still === looks) {
          clearInterval(timer)
          onStuck()
        }
      }, every)
      timer.unref()
      return timer
    }),
    (timer) => Effect.sync(() => clearInterval(timer))
  ))
