/**
 * The clock of tests that wait for sockets, threads and processes. A wall clock
 * goes on while another program has the cores, and a promise of "within a
 * second" would fail for that; this one counts the turns of a timer of this
 * process, and a turn counts for less while others use the machine.
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"

/** How long a turn is, in milliseconds. */
const turn = 10

/** After how many turns the share of the machine is looked up. */
const turnsPerLook = 10

/** The least that a turn counts for, so that what hangs is found on any machine. */
const leastShare = 0.2

/** A machine of which more than this stands idle holds nobody up. */
const idleEnough = 0.15

let ticks = 0
let share = 1
let timer: NodeJS.Timeout | undefined

interface Usage {
  /** Time of all cores, in milliseconds, and the part of it in which they had nothing to do. */
  readonly all: number
  readonly idle: number
  /** What this process used of them, with all its threads. */
  readonly own: number
}

const usage = (): Usage => {
  let all = 0
  let idle = 0
  for (const { times } of Os.cpus()) {
    all += times.user + times.nice + times.sys + times.idle + times.irq
    idle += times.idle
  }
  const { system, user } = process.cpuUsage()
  return { all, idle, own: (system + user) / 1000 }
}

/** The part of the machine that this process had or could have had between two looks. */
export const shareOf = (before: Usage, after: Usage): number => {
  const all = after.all - before.all
  if (all <= 0) return 1
  const idle = (after.idle - before.idle) / all
  if (idle > idleEnough) return 1
  const own = (after.own - before.own) / all
  return Math.min(1, Math.max(leastShare, idle + own))
}

const start = (): void => {
  let turns = 0
  let last = usage()
  const next = (): void => {
    ticks += share
    if (++turns % turnsPerLook === 0) {
      const current = usage()
      share = shareOf(last, current)
      last = current
    }
    // Set again when the turn was taken: turns that were missed are not made up for.
    timer = setTimeout(next, turn).unref()
  }
  timer = setTimeout(next, turn).unref()
}

/** Milliseconds of this clock, since it was first asked. Never ahead of the wall clock by more than a turn. */
export const now = (): number => {
  if (timer === undefined) start()
  return ticks * turn
}

/**
 * Begins to compare this clock with the wall's. What is returned says how many
 * milliseconds of this clock some of the wall's were meanwhile: for times that
 * another thread has measured.
 */
export const comparison = (): (millis: number) => number => {
  const begun = { ticks: now(), millis: performance.now() }
  return (millis) => {
    const passed = performance.now() - begun.millis
    return passed <= turn ? millis : millis * Math.min(1, (now() - begun.ticks + turn) / passed)
  }
}

/** Looks every 5 milliseconds until the condition holds; a defect if it does not within so many of this clock. */
export const within = (millis: number, what: string, condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => {
    const until = now() + millis
    const look: Effect.Effect<void> = Effect.suspend(() => {
      if (condition()) return Effect.void
      if (now() > until) return Effect.die(new Error(`not within ${millis} ms: ${what}`))
      return Effect.delay(look, 5)
    })
    return look
  })

/** The effect, or a defect if it does not end within so many milliseconds of this clock: it is interrupted then. */
export const ends = <A, E, R>(
  millis: number,
  what: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.raceFirst(effect, Effect.zipRight(within(millis, what, () => false), Effect.never))
