/**
 * The time of the pool in milliseconds, which is one for all of its threads and
 * never goes back. `performance.now()` begins anew in each thread; where there is
 * a `process`, its `hrtime` tells by how much.
 */

interface Process {
  readonly hrtime?: () => readonly [seconds: number, nanos: number]
}

/** Read from the global object, because the core imports nothing of Node. */
const hrtime = (globalThis as { readonly process?: Process }).process?.hrtime

/** How often the two clocks are compared: between two reads the thread may be put aside, for long on a busy machine. */
const comparisons = 5

/** By how much the pool's time is ahead of `performance.now()`: by the comparison that took the least time. */
const offset = (): number => {
  if (hrtime === undefined) return performance.timeOrigin
  let best = { took: Infinity, offset: 0 }
  for (let n = 0; n < comparisons; n++) {
    const before = performance.now()
    const [seconds, nanos] = hrtime()
    const took = performance.now() - before
    if (took < best.took) best = { took, offset: seconds * 1000 + nanos / 1_000_000 - before - took / 2 }
  }
  return best.offset
}

const start = offset()

export const now = (): number => start + performance.now()

/** A time that was read from `performance.now()` in this thread. */
export const of = (time: number): number => start + time
