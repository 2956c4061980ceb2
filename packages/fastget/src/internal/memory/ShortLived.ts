/**
 * Lets results die young. V8 makes a function literal that is assigned straight
 * to a property in the old generation, and `Channel.fromEffect` of Effect 3
 * has one: it outlives the results that a consumer such as `Stream.runForEach`
 * or `Stream.tap` was given, and keeps them through every scavenge until the
 * next full collection. Once that function is optimised (by Node 20 and 22) the
 * literal is made where all young objects are.
 *
 * @since 0.1.0
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"

/** After some 3,000 calls V8 optimises it; they take a millisecond the first time, and a quarter of it later. */
const calls = 5000

/**
 * Has `Channel.fromEffect` optimised soon.
 *
 * @since 0.1.0
 * @category garbage
 */
export const prepare = (): void => {
  // Called by the array itself: into a loop or function of ours it would be inlined, and only that be optimised.
  Array.from({ length: calls }, () => Effect.void).forEach(Channel.fromEffect)
}
