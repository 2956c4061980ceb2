/**
 * A lock in memory that threads share: one word, 0 or the number of the thread
 * that holds it. It is held for a few microseconds and never while anything is
 * waited for. The lock of a thread that has ended is broken by its number.
 */

/** How often to look before the thread sleeps: whoever has the lock may itself have been put aside by the system. */
const looks = 100

/** How long to sleep between two looks then, in milliseconds. */
const pause = 1

/** Waits for the lock and takes it. A thread that has it already must not ask again. */
export const lock = (words: Int32Array, at: number, owner: number): void => {
  for (let n = 1; Atomics.compareExchange(words, at, 0, owner) !== 0; n++) {
    if (n % looks === 0) Atomics.wait(words, at, Atomics.load(words, at), pause)
  }
}

/** Gives the lock back; does nothing where it was broken meanwhile. */
export const unlock = (words: Int32Array, at: number, owner: number): void => {
  Atomics.compareExchange(words, at, owner, 0)
}

/** Breaks the lock of a thread that has ended. Whether it had it. */
export const breakOf = (words: Int32Array, at: number, owner: number): boolean =>
  Atomics.compareExchange(words, at, owner, 0) === owner
