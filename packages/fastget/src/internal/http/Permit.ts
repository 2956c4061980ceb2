/** A permit of the `OriginGate` for as long as an effect runs. */
import * as Effect from "effect/Effect"
import * as Origin from "../origin/OriginGate.js"
import type { Rank } from "../origin/OriginQueue.js"
import type { Share } from "../wire/SharedBytes.js"

/**
 * Runs what `use` gives while holding a permit for a connection of the origin;
 * it is told the epoch of the permit. Where the origin is down there is none,
 * and `use` is told `OriginGate.down`. Interruption gives up the wait, and the
 * permit in any case.
 */
export const withPermit = (gate: Origin.OriginGate, origin: string, run: Share, rank: Rank = "fresh") =>
<A, E, R>(
  use: (epoch: number) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.suspend(() => {
      let ticket: Origin.Ticket | undefined
      let held: number | undefined
      return Effect.async<number>((resume) => {
        ticket = gate.acquire(origin, run, (epoch) => {
          held = epoch
          resume(Effect.succeed(epoch))
        }, rank)
      }).pipe(
        Effect.interruptible,
        // The permit may have come in the very instant of the interruption.
        Effect.onInterrupt(() => Effect.sync(() => held === undefined ? ticket?.cancel() : release(gate, origin, held)))
      )
    }),
    use,
    (epoch) => Effect.sync(() => release(gate, origin, epoch))
  )

const release = (gate: Origin.OriginGate, origin: string, epoch: number): void => {
  if (epoch !== Origin.down) gate.release(origin)
}
