/** A permit of the `OriginGate` for as long as an effect runs. */
import * as Effect from "effect/Effect"
import type { OriginGate, Ticket } from "../origin/OriginGate.js"
import type { Share } from "../wire/SharedBytes.js"

/**
 * Runs an effect while holding a permit for a connection of the origin.
 * Interruption gives up the wait, and the permit in any case.
 */
export const withPermit = (gate: OriginGate, origin: string, run: Share) =>
<A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.suspend(() => {
      let ticket: Ticket | undefined
      let isHeld = false
      return Effect.async<void>((resume) => {
        ticket = gate.acquire(origin, run, () => {
          isHeld = true
          resume(Effect.void)
        })
      }).pipe(
        Effect.interruptible,
        // The permit may have come in the very instant of the interruption.
        Effect.onInterrupt(() => Effect.sync(() => isHeld ? gate.release(origin) : ticket?.cancel()))
      )
    }),
    () => effect,
    () => Effect.sync(() => gate.release(origin))
  )
