/** The clock of the other tests. */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Ticks } from "loopback"

const usage = (all: number, idle: number, own: number) => ({ all, idle, own })
const begin = usage(1000, 500, 100)

it("counts all of the time of a machine that has room, and of one that this process alone keeps busy", () => {
  expect(Ticks.shareOf(begin, usage(1200, 600, 100))).toBe(1)
  expect(Ticks.shareOf(begin, usage(1200, 500, 300))).toBe(1)
})

it("counts only this process's part of a machine that others keep busy, and never less than a fifth", () => {
  expect(Ticks.shareOf(begin, usage(1200, 510, 190))).toBe(0.5)
  expect(Ticks.shareOf(begin, usage(1200, 500, 100))).toBe(0.2)
})

it.live("goes on, and is not ahead of the wall clock", () =>
  Effect.gen(function*() {
    const at = performance.now()
    const begun = Ticks.now()
    yield* Effect.sleep(200)
    const ticks = Ticks.now() - begun
    expect(ticks).toBeGreaterThan(0)
    expect(ticks).toBeLessThanOrEqual(performance.now() - at + 10)
  }))

it.live("makes no more of the wall clock's time than it was", () =>
  Effect.gen(function*() {
    const toTicks = Ticks.comparison()
    yield* Effect.sleep(100)
    expect(toTicks(50)).toBeGreaterThan(0)
    expect(toTicks(50)).toBeLessThanOrEqual(50)
  }))

it.live("says what did not come within its time, and interrupts what goes on", () =>
  Effect.gen(function*() {
    let interrupted = false
    const never = Effect.onInterrupt(Effect.never, () =>
      Effect.sync(() => {
        interrupted = true
      }))
    const defect = yield* Effect.catchAllDefect(Ticks.ends(30, "the end", never), Effect.succeed)
    expect(String(defect)).toBe("Error: not within 30 ms: the end")
    expect(interrupted).toBe(true)
    expect(yield* Ticks.ends(1000, "a value", Effect.succeed(1))).toBe(1)
    yield* Ticks.within(1000, "what is so already", () => true)
  }))
