/**
 * Whether a run is drained: its consumer's side says so once, and its workers,
 * which may be in other threads, read it before each request. It is one word of
 * the memory that the run's threads share, so no message is needed for it.
 * `SharedBytes` has the memory. See docs/decisions/0019-drained-runs.md.
 */

/** How many words of shared memory the signal takes. */
export const words = 1

const running = 0
const drained = 1

/** From now on, and for ever, no request of the run begins. `word` is where the signal lies in `memory`. */
export const drain = (memory: Int32Array, word: number): void => {
  Atomics.store(memory, word, drained)
}

export const isDrained = (memory: Int32Array, word: number): boolean => Atomics.load(memory, word) !== running
