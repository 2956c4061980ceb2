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

const offset = (): number => {
  if (hrtime === undefined) return performance.timeOrigin
  const [seconds, nanos] = hrtime()
  return seconds * 1000 + nanos / 1_000_000 - performance.now()
}

const start = offset()

export const now = (): number => start + performance.now()

/** A time that was read from `performance.now()` in this thread. */
export const of = (time: number): number => start + time
