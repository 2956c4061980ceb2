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
 * @since 0.1.0
 * @category models
 */
export interface OriginGate {
  /**
   * Runs an effect while holding one of the origin's places. Interruption while
   * waiting gives up the place in the line.
   */
  readonly use: (
    origin: string,
    run: number
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Waiter {
  state: "waiting" | "granted" | "gone"
  readonly resume: (effect: Effect.Effect<void>) => void
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

  const nextWaiter = (origin: Origin): Waiter | undefined => {
    for (const [run, line] of origin.lines) {
      origin.lines.delete(run)
      let waiter = line.shift()
      while (waiter?.state === "gone") waiter = line.shift()
      if (line.length > 0) origin.lines.set(run, line) // to the end: the next turn is another run's
      if (waiter !== undefined) return waiter
    }
    return undefined
  }

  const release = (key: string, origin: Origin): void => {
    const waiter = nextWaiter(origin)
    if (waiter !== undefined) {
      waiter.state = "granted"
      waiter.resume(Effect.void)
    } else if (--origin.active === 0) {
      origins.delete(key)
    }
  }

  const wait = (key: string, origin: Origin, run: number): Effect.Effect<void> => {
    let waiter: Waiter | undefined
    return Effect.async<void>((resume) => {
      waiter = { state: "waiting", resume }
      const line = origin.lines.get(run)
      if (line === undefined) origin.lines.set(run, [waiter])
      else line.push(waiter)
    }).pipe(
      Effect.interruptible,
      // A place granted in the same instant as the interruption is given on.
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          if (waiter?.state === "granted") release(key, origin)
          else if (waiter !== undefined) waiter.state = "gone"
        })
      )
    )
  }

  const acquire = (key: string, run: number): Effect.Effect<Origin> =>
    Effect.suspend(() => {
      let origin = origins.get(key)
      if (origin === undefined) origins.set(key, origin = { active: 0, lines: new Map() })
      if (origin.active < limit) {
        origin.active++
        return Effect.succeed(origin)
      }
      return Effect.as(wait(key, origin, run), origin)
    })

  return {
    use: (key, run) => (effect) =>
      Effect.acquireUseRelease(
        acquire(key, run),
        () => effect,
        (origin) => Effect.sync(() => release(key, origin))
      )
  }
}
