/**
 * Who may be with a worker: any number of chunks together, or one by itself. A
 * chunk that is to be alone waits for those inside to leave, and whoever comes
 * after it waits for it. One for each worker, shared by all runs.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * @since 0.1.0
 * @category models
 */
export interface Turnstile {
  /** Runs an effect inside, together with others or alone. */
  readonly pass: (alone: boolean) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Waiter {
  readonly alone: boolean
  readonly resume: (effect: Effect.Effect<void>) => void
  state: "waiting" | "inside"
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Turnstile => {
  const line: Array<Waiter> = []
  let inside = 0
  let someoneAlone = false

  const isFree = (alone: boolean) => !someoneAlone && (!alone || inside === 0)

  const enter = (alone: boolean) => {
    inside++
    someoneAlone = alone
  }

  const admit = () => {
    while (line.length > 0 && isFree(line[0]!.alone)) {
      const waiter = line.shift()!
      enter(waiter.alone)
      waiter.state = "inside"
      waiter.resume(Effect.void)
    }
  }

  const leave = () => {
    inside--
    someoneAlone = false
    admit()
  }

  const wait = (alone: boolean): Effect.Effect<void> => {
    let waiter: Waiter | undefined
    return Effect.async<void>((resume) => {
      waiter = { alone, resume, state: "waiting" }
      line.push(waiter)
    }).pipe(
      Effect.interruptible,
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          // It may have been let in at the very instant of the interruption.
          if (waiter?.state === "inside") return leave()
          if (waiter !== undefined) line.splice(line.indexOf(waiter), 1)
          admit()
        })
      )
    )
  }

  return {
    pass: (alone) => (effect) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => {
          if (line.length > 0 || !isFree(alone)) return wait(alone)
          enter(alone)
          return Effect.void
        }),
        () => effect,
        () => Effect.sync(leave)
      )
  }
}
