import * as Deadlines from "#internal/worker/Deadlines"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"

const settle = Effect.forEach(Array.from({ length: 10 }), () => Effect.yieldNow(), { discard: true })

describe("Deadlines", () => {
  it.scoped("interrupts a fiber when its time is over, and not before", () =>
    Effect.gen(function*() {
      const deadlines = yield* Deadlines.make(() => 100)
      const fiber = yield* Effect.fork(Effect.never)
      const deadline = deadlines.add(fiber)
      yield* TestClock.adjust(99)
      yield* settle
      expect([deadline.isOver(), fiber.unsafePoll()]).toEqual([false, null])
      yield* TestClock.adjust(100)
      yield* settle
      expect([deadline.isOver(), (yield* Fiber.await(fiber))._tag]).toEqual([true, "Failure"])
    }))

  it.scoped("leaves alone who has ended in time", () =>
    Effect.gen(function*() {
      const deadlines = yield* Deadlines.make(() => 100)
      const deadline = deadlines.add(yield* Effect.fork(Effect.void))
      deadline.clear()
      yield* TestClock.adjust(1000)
      yield* settle
      expect(deadline.isOver()).toBe(false)
    }))

  it.scoped("gives each fiber its own time, from when it was added", () =>
    Effect.gen(function*() {
      const deadlines = yield* Deadlines.make(() => 100)
      const first = deadlines.add(yield* Effect.fork(Effect.never))
      yield* TestClock.adjust(60)
      const second = deadlines.add(yield* Effect.fork(Effect.never))
      yield* TestClock.adjust(60)
      yield* settle
      expect([first.isOver(), second.isOver()]).toEqual([true, false])
      yield* TestClock.adjust(60)
      yield* settle
      expect(second.isOver()).toBe(true)
    }))
})
