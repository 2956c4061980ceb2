import { withPermit } from "#internal/http/Permit"
import * as OriginGate from "#internal/origin/OriginGate"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Gates from "./Gates.js"

const bytes = SharedBytes.join(1, SharedBytes.make(1024).chunk())

/** Whether the origin has a permit, which is given back at once. */
const isFree = (gate: OriginGate.OriginGate): boolean => {
  let isFree = false
  gate.acquire("http://a", bytes, () => {
    isFree = true
  })?.cancel()
  if (isFree) gate.release("http://a")
  return isFree
}

describe("Permit", () => {
  it.effect("is held as long as the effect runs", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const inside = withPermit(gate, "http://a", bytes)(() => Effect.sync(() => isFree(gate)))
      expect([yield* inside, isFree(gate)]).toEqual([false, true])
    }))

  it.effect("is released by an interruption, and by one that ends the wait for it", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const [holder, waiter] = yield* Effect.all(
        [1, 2].map(() => Effect.fork(withPermit(gate, "http://a", bytes)(() => Effect.never)))
      )
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(waiter!)
      expect(isFree(gate)).toBe(false)
      yield* Fiber.interrupt(holder!)
      expect(isFree(gate)).toBe(true)
    }))
})
