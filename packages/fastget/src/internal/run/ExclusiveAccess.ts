/**
 * Who may be with a worker: any number of chunks together, or one by itself. A
 * chunk that is to be alone waits for the others to leave, and whoever comes
 * after it waits for it. A chunk that makes no progress while others wait is
 * asked to step aside. One for each worker, shared by all runs.
 */
import * as Effect from "effect/Effect"

/** A chunk that is with the worker, or wants to be. */
export interface Visitor {
  /** Asked now and then while others wait: whether it makes no progress because its own consumer takes nothing. */
  readonly isStalled: () => boolean
  /** Ends its visit. Called for one that is stalled. */
  readonly stepAside: () => void
}

/** How often, in milliseconds, those with the worker are asked while others wait. */
const stalledCheck = 50

interface Waiter {
  readonly alone: boolean
  readonly visitor: Visitor
  readonly resume: (effect: Effect.Effect<void>) => void
  isAdmitted: boolean
}

export class ExclusiveAccess {
  private readonly waiting: Array<Waiter> = []
  private readonly admitted = new Set<Visitor>()
  private someoneIsAlone = false
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Runs an effect with the worker, together with others or alone. */
  use(alone: boolean, visitor: Visitor) {
    return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.acquireUseRelease(
        Effect.suspend(() => {
          if (this.waiting.length > 0 || !this.isFree(alone)) return this.wait(alone, visitor)
          this.admit(alone, visitor)
          return Effect.void
        }),
        () => effect,
        () => Effect.sync(() => this.leave(visitor))
      )
  }

  private isFree(alone: boolean): boolean {
    return !this.someoneIsAlone && (!alone || this.admitted.size === 0)
  }

  private admit(alone: boolean, visitor: Visitor): void {
    this.admitted.add(visitor)
    this.someoneIsAlone = alone
  }

  private leave(visitor: Visitor): void {
    this.admitted.delete(visitor)
    this.someoneIsAlone = false
    this.admitWaiting()
  }

  private admitWaiting(): void {
    while (this.waiting.length > 0 && this.isFree(this.waiting[0]!.alone)) {
      const waiter = this.waiting.shift()!
      this.admit(waiter.alone, waiter.visitor)
      waiter.isAdmitted = true
      waiter.resume(Effect.void)
    }
    this.watchForStalled()
  }

  private wait(alone: boolean, visitor: Visitor): Effect.Effect<void> {
    let waiter: Waiter | undefined
    return Effect.async<void>((resume) => {
      waiter = { alone, visitor, resume, isAdmitted: false }
      this.waiting.push(waiter)
      this.watchForStalled()
    }).pipe(
      Effect.interruptible,
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          // It may have been admitted at the very instant of the interruption.
          if (waiter?.isAdmitted === true) return this.leave(visitor)
          if (waiter !== undefined) this.waiting.splice(this.waiting.indexOf(waiter), 1)
          this.admitWaiting()
        })
      )
    )
  }

  /** Keeps a timer while someone waits, and only then. */
  private watchForStalled(): void {
    if (this.waiting.length === 0) {
      clearTimeout(this.timer)
      this.timer = undefined
      return
    }
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      for (const visitor of this.admitted) if (visitor.isStalled()) visitor.stepAside()
      this.watchForStalled()
    }, stalledCheck)
  }
}
