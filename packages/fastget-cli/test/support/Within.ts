/** Waits for what happens outside of the program: at a server, to a thread. */
import * as Effect from "effect/Effect"

/** Looks every 5 milliseconds until the condition holds; a defect if it does not within `millis`. */
export const within = (millis: number, what: string, condition: () => boolean): Effect.Effect<void> => {
  const look: Effect.Effect<void> = Effect.suspend(() => condition() ? Effect.void : Effect.delay(look, 5))
  return Effect.timeoutFail(look, {
    duration: millis,
    onTimeout: () => new Error(`not within ${millis} ms: ${what}`)
  }).pipe(Effect.orDie)
}
