/**
 * Who may be with a worker: any number of chunks together, or one by itself. A
 * chunk that is to be alone waits for those inside to leave, and whoever comes
 * after it waits for it. Who stands still inside while others wait is asked to
 * step aside. One for each worker, shared by all runs.
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
  readonly pass: (
    alone: boolean,
    visitor: Visitor
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Visitor {
  /** Asked now and then while others wait: whether it stands still for the sake of its own consumer. */
  readonly isStalled: () => boolean
  /** Ends its visit. Called for one that is stalled. */
  readonly stepAside: () => void
}

/** How often, in milliseconds, those inside are asked while others wait. */
const stalledCheck = 50

interface Waiter {
  readonly alone: boolean
  readonly visitor: Visitor
  readonly resume: (effect: Effect.Effect<void>) => void
  state: "waiting" | "inside"
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Turnstile => {
  const line: Array<Waiter> = []
  const inside = new Set<Visitor>()
  let someoneAlone = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const isFree = (alone: boolean) => !someoneAlone && (!alone || inside.size === 0)

  const enter = (alone: boolean, visitor: Visitor) => {
    inside.add(visitor)
    someoneAlone = alone
  }

  /** Looks for stalled ones, as long as others wait. */
  const look = () => {
    if (line.length === 0) {
      clearTimeout(timer)
      timer = undefined
      return
    }
    timer ??= setTimeout(() => {
      timer = undefined
      for (const visitor of inside) if (visitor.isStalled()) visitor.stepAside()
      look()
    }, stalledCheck)
  }

  const admit = () => {
    while (line.length > 0 && isFree(line[0]!.alone)) {
      const waiter = line.shift()!
      enter(waiter.alone, waiter.visitor)
      waiter.state = "inside"
      waiter.resume(Effect.void)
    }
    look()
  }

  const leave = (visitor: Visitor) => {
    inside.delete(visitor)
    someoneAlone = false
    admit()
  }

  const wait = (alone: boolean, visitor: Visitor): Effect.Effect<void> => {
    let waiter: Waiter | undefined
    return Effect.async<void>((resume) => {
      waiter = { alone, visitor, resume, state: "waiting" }
      line.push(waiter)
      look()
    }).pipe(
      Effect.interruptible,
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          // It may have been let in at the very instant of the interruption.
          if (waiter?.state === "inside") return leave(visitor)
          if (waiter !== undefined) line.splice(line.indexOf(waiter), 1)
          admit()
        })
      )
    )
  }

  return {
    pass: (alone, visitor) => (effect) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => {
          if (line.length > 0 || !isFree(alone)) return wait(alone, visitor)
          enter(alone, visitor)
          return Effect.void
        }),
        () => effect,
        () => Effect.sync(() => leave(visitor))
      )
  }
}
