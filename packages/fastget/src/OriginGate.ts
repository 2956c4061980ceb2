/**
 * Connections, handed out: at most `limit` at once for an origin. Who has to
 * wait is served in turn by run (a stream's work in this worker), so that one
 * run's backlog never holds up another's. Held per worker; origins nobody uses
 * are forgotten.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

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
   * Calls `go` as soon as the origin has a free place. If that is at once,
   * there is no ticket. Who was let in calls `leave` when done.
   */
  readonly enter: (origin: string, run: number, go: () => void) => Ticket | undefined
  readonly leave: (origin: string) => void
  /**
   * Runs an effect while holding a place. Interruption while waiting leaves the
   * line.
   */
  readonly use: (
    origin: string,
    run: number
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Waiter extends Ticket {
  go: (() => void) | undefined
}

interface Origin {
  active: number
  /** Lines by run, in the order in which their turns come. */
  readonly lines: Map<number, Array<Waiter>>
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (limit: number): OriginGate => {
  const origins = new Map<string, Origin>()

  const nextWaiter = ({ lines }: Origin): Waiter | undefined => {
    for (const [run, line] of lines) {
      let waiter = line.shift()
      while (waiter !== undefined && waiter.go === undefined) waiter = line.shift()
      if (line.length === 0) lines.delete(run)
      else if (lines.size > 1) {
        // To the end: the next turn is another run's.
        lines.delete(run)
        lines.set(run, line)
      }
      if (waiter !== undefined) return waiter
    }
    return undefined
  }

  const leave = (key: string): void => {
    const origin = origins.get(key)
    if (origin === undefined) return
    const waiter = nextWaiter(origin)
    if (waiter !== undefined) waiter.go!()
    else if (--origin.active === 0) origins.delete(key)
  }

  const enter = (key: string, run: number, go: () => void): Ticket | undefined => {
    let origin = origins.get(key)
    if (origin === undefined) origins.set(key, origin = { active: 0, lines: new Map() })
    if (origin.active < limit) {
      origin.active++
      go()
      return undefined
    }
    const waiter: Waiter = {
      go,
      cancel: () => {
        waiter.go = undefined
      }
    }
    const line = origin.lines.get(run)
    if (line === undefined) origin.lines.set(run, [waiter])
    else line.push(waiter)
    return waiter
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
