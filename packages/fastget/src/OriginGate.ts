/**
 * Connections, handed out: at most `limit` at once for an origin. Who has to
 * wait is served in turn by run (a stream's work in this worker), so that one
 * run's backlog never holds up another's. A run whose bytes are spent is passed
 * over until its consumer has taken some. Held per worker; origins nobody uses
 * are forgotten.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { Share } from "./BufferedBytes.js"

/**
 * Someone's place in a line.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ticket {
  /** Leaves the line. */
  readonly cancel: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface OriginGate {
  /**
   * Calls `go` as soon as the origin has a free place and the run's bytes are
   * not spent. If that is at once, there is no ticket. Who was let in calls
   * `leave` when done.
   */
  readonly enter: (origin: string, run: Share, go: () => void) => Ticket | undefined
  readonly leave: (origin: string) => void
  /**
   * Runs an effect while holding a place. Interruption while waiting leaves the
   * line.
   */
  readonly use: (
    origin: string,
    run: Share
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Waiter extends Ticket {
  go: (() => void) | undefined
}

interface Line {
  readonly run: Share
  readonly waiters: Array<Waiter>
  /** Waiters that were not cancelled. */
  size: number
}

interface Origin {
  active: number
  /** Lines by run, in the order in which their turns come. */
  readonly lines: Map<number, Line>
}

/** A run whose bytes are spent, and where it could have had a place. */
interface Paused {
  readonly run: Share
  readonly origins: Set<string>
  readonly stopListening: () => void
}

/** How often, in milliseconds, a worker looks whether the consumer has taken some. */
const pausedCheck = 5

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (limit: number, total = Infinity): OriginGate => {
  const origins = new Map<string, Origin>()
  const paused = new Map<number, Paused>()
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Origins that have a place free and someone waiting, in turn: it is the total that holds them. */
  const held = new Set<string>()
  let active = 0

  const pause = (run: Share, key: string): void => {
    let entry = paused.get(run.run)
    if (entry === undefined) {
      paused.set(run.run, entry = { run, origins: new Set(), stopListening: run.onFree(resumeAll) })
    }
    entry.origins.add(key)
    look()
  }

  const unpause = (entry: Paused): void => {
    paused.delete(entry.run.run)
    entry.stopListening()
  }

  /** Looks again soon, as long as a run is paused; the process does not stay for it. */
  const look = (): void => {
    if (paused.size === 0) {
      clearTimeout(timer)
      timer = undefined
    } else if (timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined
        resumeAll()
      }, pausedCheck)
      // Where timers are numbers there is no process to keep.
      if (Predicate.hasProperty(timer, "unref") && Predicate.isFunction(timer.unref)) timer.unref()
    }
  }

  const resumeAll = (): void => {
    // A copy: who is resumed may be paused again at once.
    const before = [...paused.values()]
    for (const entry of before) if (!entry.run.isSpent()) resume(entry)
    look()
  }

  /** Serves the origins of a run until its bytes are spent again; those it did not come to are the first next time. */
  const resume = (entry: Paused): void => {
    unpause(entry)
    const keys = [...entry.origins]
    let next = 0
    while (next < keys.length && !entry.run.isSpent()) serve(keys[next++]!)
    if (next === keys.length) return
    const served = paused.get(entry.run.run)
    if (served !== undefined) unpause(served)
    for (const key of [...keys.slice(next), ...served?.origins ?? []]) {
      if (origins.get(key)?.lines.has(entry.run.run) === true) pause(entry.run, key)
    }
  }

  const removeLine = (key: string, origin: Origin, run: number): void => {
    origin.lines.delete(run)
    const entry = paused.get(run)
    if (entry?.origins.delete(key) === true && entry.origins.size === 0) {
      unpause(entry)
      look()
    }
  }

  const nextWaiter = (key: string, origin: Origin): Waiter | undefined => {
    for (const [run, line] of origin.lines) {
      if (line.run.isSpent()) {
        pause(line.run, key)
        continue
      }
      let waiter = line.waiters.shift()
      while (waiter?.go === undefined) waiter = line.waiters.shift()
      if (--line.size === 0) removeLine(key, origin, run)
      else if (origin.lines.size > 1) {
        // To the end: the next turn is another run's.
        origin.lines.delete(run)
        origin.lines.set(run, line)
      }
      return waiter
    }
    return undefined
  }

  /** Gives free places to those who wait. */
  const serve = (key: string): void => {
    const origin = origins.get(key)
    if (origin === undefined) return
    while (origin.active < limit && origin.lines.size > 0) {
      if (active >= total) {
        held.add(key)
        break
      }
      const waiter = nextWaiter(key, origin)
      if (waiter === undefined) break
      origin.active++
      active++
      const { go } = waiter
      waiter.go = undefined
      go!()
    }
    forgetUnused(key, origin)
  }

  const forgetUnused = (key: string, origin: Origin): void => {
    if (origin.active === 0 && origin.lines.size === 0 && origins.get(key) === origin) origins.delete(key)
  }

  const leave = (key: string): void => {
    const origin = origins.get(key)
    if (origin === undefined) return
    origin.active--
    active--
    if (held.size === 0) return serve(key)
    // To the end of the turn.
    if (origin.lines.size > 0) held.add(key)
    for (const next of held) {
      if (active >= total) break
      held.delete(next)
      serve(next)
    }
    forgetUnused(key, origin)
  }

  const lineUp = (key: string, origin: Origin, run: Share, go: () => void): Waiter => {
    const line = origin.lines.get(run.run) ?? { run, waiters: [], size: 0 }
    origin.lines.set(run.run, line)
    const waiter: Waiter = {
      go,
      cancel: () => {
        if (waiter.go === undefined) return
        waiter.go = undefined
        if (--line.size > 0) return
        removeLine(key, origin, run.run)
        forgetUnused(key, origin)
      }
    }
    line.waiters.push(waiter)
    line.size++
    return waiter
  }

  const enter = (key: string, run: Share, go: () => void): Ticket | undefined => {
    let origin = origins.get(key)
    if (origin === undefined) origins.set(key, origin = { active: 0, lines: new Map() })
    if (origin.active >= limit) return lineUp(key, origin, run, go)
    const spent = run.isSpent()
    if (!spent && active < total && !origin.lines.has(run.run)) {
      origin.active++
      active++
      go()
      return undefined
    }
    const waiter = lineUp(key, origin, run, go)
    if (spent) pause(run, key)
    else serve(key)
    return waiter.go === undefined ? undefined : waiter
  }

  return {
    enter,
    leave,
    use: (key, run) => (effect) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => {
          let ticket: Ticket | undefined
          let inside = false
          return Effect.async<void>((resume) => {
            ticket = enter(key, run, () => {
              inside = true
              resume(Effect.void)
            })
          }).pipe(
            Effect.interruptible,
            // The place may have been given in the very instant of the interruption.
            Effect.onInterrupt(() => Effect.sync(() => inside ? leave(key) : ticket?.cancel()))
          )
        }),
        () => effect,
        () => Effect.sync(() => leave(key))
      )
  }
}
