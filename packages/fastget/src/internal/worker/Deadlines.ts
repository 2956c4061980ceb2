/**
 * Interrupts the fibers of a chunk that run longer than they may, where the
 * client does not keep the limits of time itself. One fiber for a chunk: all of
 * its deadlines are equally far away, so they come due in order. (An
 * `Effect.timeout` costs two fibers for each request.)
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"

type AnyFiber = Fiber.RuntimeFiber<unknown, unknown>

/** The limit of one fiber. */
interface Deadline {
  /** The fiber has ended. */
  readonly clear: () => void
  /** Whether the fiber was interrupted for its time. */
  readonly isOver: () => boolean
}

export interface Deadlines {
  readonly add: (fiber: AnyFiber) => Deadline
}

interface Entry {
  readonly fiber: AnyFiber
  readonly from: number
  isDone: boolean
  isOver: boolean
}

/** `allowed` gives the milliseconds that each fiber may run; it is asked again at every look. */
export const make = (allowed: () => number): Effect.Effect<Deadlines, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    let queue: Array<Entry> = []
    const watch: Effect.Effect<never> = Effect.suspend(() => {
      const now = clock.unsafeCurrentTimeMillis()
      const most = allowed()
      queue = queue.filter(({ isDone }) => !isDone)
      for (const entry of queue) {
        if (entry.from + most > now) break
        entry.isOver = true
        entry.fiber.unsafeInterruptAsFork(FiberId.none)
      }
      const next = queue.find(({ isOver }) => !isOver)
      return Effect.zipRight(Effect.sleep(next === undefined ? most : next.from + most - now), watch)
    })
    yield* Effect.forkScoped(watch)
    return {
      add: (fiber) => {
        const entry: Entry = { fiber, from: clock.unsafeCurrentTimeMillis(), isDone: false, isOver: false }
        queue.push(entry)
        return {
          clear: () => {
            entry.isDone = true
          },
          isOver: () => entry.isOver
        }
      }
    }
  })
