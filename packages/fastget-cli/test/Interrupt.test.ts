import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import * as Interrupt from "../src/Interrupt.js"

/** What happens where a signal comes; process.emit sends none to the process. */
const signal = (name: "SIGHUP" | "SIGINT" | "SIGTERM") => Effect.sync(() => process.emit(name, name))

describe("Interrupt", () => {
  it.scoped("tells the first signal from the second, and keeps the first one's exit code", () =>
    Effect.gen(function*() {
      let calls = 0
      const { exitCode, once, twice } = yield* Interrupt.make(() => calls++)
      expect(exitCode()).toBeUndefined()
      yield* signal("SIGTERM")
      yield* Deferred.await(once)
      expect([calls, exitCode(), yield* Deferred.isDone(twice)]).toEqual([1, 143, false])
      // A terminal that closes says so twice.
      yield* signal("SIGHUP")
      expect(yield* Deferred.isDone(twice)).toBe(false)
    }))

  it.effect("takes its handlers back", () =>
    Effect.gen(function*() {
      const before = process.listenerCount("SIGINT")
      yield* Effect.scoped(Effect.tap(
        Interrupt.make(() => {}),
        () => Effect.sync(() => expect(process.listenerCount("SIGINT")).toBe(before + 1))
      ))
      expect(process.listenerCount("SIGINT")).toBe(before)
    }))

  const made = Effect.map(
    Effect.zip(Deferred.make<void>(), Deferred.make<void>()),
    ([once, twice]): Interrupt.Interrupt => ({ once, twice, exitCode: () => 130 })
  )

  it.effect("gives up a wait at once after the second signal", () =>
    Effect.gen(function*() {
      const interrupt = yield* made
      const stops = yield* Effect.fork(Interrupt.stops(interrupt, () => undefined))
      yield* Deferred.succeed(interrupt.twice, undefined)
      yield* Fiber.join(stops)
    }))

  it.effect("gives up a wait after the first signal only where nothing was taken for a while", () =>
    Effect.gen(function*() {
      const interrupt = yield* made
      let waitsSince: number | undefined
      const stops = yield* Effect.fork(Interrupt.stops(interrupt, () => waitsSince))
      yield* TestClock.adjust("3 seconds")
      yield* Deferred.succeed(interrupt.once, undefined)
      yield* TestClock.adjust("3 seconds")
      expect(yield* Fiber.poll(stops)).toMatchObject({ _tag: "None" })
      waitsSince = -Infinity
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(stops)
    }))
})
