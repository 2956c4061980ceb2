import type { Visitor } from "#internal/run/ExclusiveAccess"
import { ExclusiveAccess } from "#internal/run/ExclusiveAccess"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

const moving = (): Visitor => ({ isStalled: () => false, stepAside: () => {} })

const settle = Effect.forEach(Array.from({ length: 10 }), () => Effect.yieldNow(), { discard: true })

/** A worker, and who is with it. */
const make = () => {
  const access = new ExclusiveAccess()
  const inside: Array<string> = []
  /** Enters, and stays until its fiber is interrupted. */
  const enter = (name: string, alone: boolean, visitor = moving()) => {
    const stay = Effect.acquireUseRelease(
      Effect.sync(() => inside.push(name)),
      () => Effect.never,
      () => Effect.sync(() => inside.splice(inside.indexOf(name), 1))
    )
    return Effect.zipLeft(Effect.fork(access.use(alone, visitor)(stay)), settle)
  }
  const leave = (fiber: Fiber.Fiber<unknown>) => Effect.zipRight(Fiber.interrupt(fiber), settle)
  return { inside, enter, leave }
}

describe("the access to a worker", () => {
  it.effect("is for any number together", () =>
    Effect.gen(function*() {
      const { enter, inside } = make()
      yield* enter("a", false)
      yield* enter("b", false)
      expect(inside).toEqual(["a", "b"])
    }))

  it.effect("is for one alone when all others have left, and whoever comes later waits for it", () =>
    Effect.gen(function*() {
      const { enter, inside, leave } = make()
      const a = yield* enter("a", false)
      const b = yield* enter("b", false)
      const alone = yield* enter("alone", true)
      yield* enter("c", false)
      yield* enter("d", false)
      yield* leave(a)
      expect(inside).toEqual(["b"])
      yield* leave(b)
      expect(inside).toEqual(["alone"])
      yield* leave(alone)
      expect(inside).toEqual(["c", "d"])
    }))

  it.effect("goes on to the next where one who waits gives up, or fails inside", () =>
    Effect.gen(function*() {
      const { enter, inside, leave } = make()
      const a = yield* enter("a", false)
      const alone = yield* enter("alone", true)
      yield* enter("b", false)
      yield* leave(alone)
      expect(inside).toEqual(["a", "b"])
      yield* leave(a)
      const access = new ExclusiveAccess()
      yield* Effect.exit(access.use(true, moving())(Effect.fail("no")))
      expect(yield* access.use(true, moving())(Effect.succeed("in"))).toBe("in")
    }))

  it.live("is given up by one that is stalled, while others wait and not before", () =>
    Effect.gen(function*() {
      const { enter, inside } = make()
      let looks = 0
      let stalled: Fiber.RuntimeFiber<unknown> | undefined
      stalled = yield* enter("stalled", false, {
        isStalled: () => ++looks > 1,
        stepAside: () => stalled?.unsafeInterruptAsFork(stalled.id())
      })
      const other = yield* enter("moving", false)
      expect(looks).toBe(0)
      yield* enter("alone", true)
      yield* Fiber.await(stalled)
      expect([looks, inside]).toEqual([2, ["moving"]])
      yield* Fiber.interrupt(other)
      yield* settle
      expect(inside).toEqual(["alone"])
    }))
})
