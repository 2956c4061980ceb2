import { withPermit } from "#internal/http/Permit"
import * as OriginGate from "#internal/origin/OriginGate"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Gates from "./Gates.js"

const yieldOften = Effect.forEach(Array.from({ length: 20 }), () => Effect.yieldNow(), { discard: true })

/** A run whose bytes are never spent. */
const run = (number: number) => SharedBytes.join(number, SharedBytes.make(1024).chunk())

/** Uses of a gate that last until they are ended, in the order in which they got a place. */
const makeUses = (gate: OriginGate.OriginGate) => {
  const started: Array<string> = []
  const ends = new Map<string, Deferred.Deferred<void>>()
  return {
    started,
    end: (name: string) => Effect.zipRight(Deferred.succeed(ends.get(name)!, undefined), yieldOften),
    fork: (name: string, number: number, origin = "http://a", share = run(number)) =>
      Effect.gen(function*() {
        const end = yield* Deferred.make<void>()
        ends.set(name, end)
        const use = Effect.zipRight(Effect.sync(() => started.push(name)), Deferred.await(end))
        const fiber = yield* Effect.fork(withPermit(gate, origin, share)(() => use))
        yield* yieldOften
        return fiber
      })
  }
}

describe("OriginGate", () => {
  it.effect("gives as many places as its limit, to each origin", () =>
    Effect.gen(function*() {
      const uses = makeUses(Gates.make(2))
      for (const name of ["a1", "a2", "a3"]) yield* uses.fork(name, 1)
      for (const name of ["b1", "b2", "b3"]) yield* uses.fork(name, 1, "http://b")
      expect(uses.started).toEqual(["a1", "a2", "b1", "b2"])
      yield* uses.end("a2")
      expect(uses.started).toEqual(["a1", "a2", "b1", "b2", "a3"])
    }))

  it.effect("gives no more places than its total, and these to the origins in turn", () =>
    Effect.gen(function*() {
      const uses = makeUses(Gates.make(2, 3))
      for (const name of ["a1", "a2", "a3", "a4", "a5"]) yield* uses.fork(name, 1, "http://a")
      for (const name of ["b1", "b2", "b3"]) yield* uses.fork(name, 1, "http://b")
      for (const name of ["c1", "c2"]) yield* uses.fork(name, 1, "http://c")
      expect(uses.started).toEqual(["a1", "a2", "b1"])
      // b was held first, then c, then a: its own places were all taken until now.
      for (const name of ["a1", "a2", "b1"]) yield* uses.end(name)
      expect(uses.started).toEqual(["a1", "a2", "b1", "b2", "c1", "a3"])
      for (const name of ["b2", "c1", "a3"]) yield* uses.end(name)
      expect(uses.started.length).toBe(9)
      for (const name of uses.started.slice(6)) yield* uses.end(name)
      for (const name of uses.started.slice(9)) yield* uses.end(name)
      expect([...uses.started].sort()).toEqual(["a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "c1", "c2"])
    }))

  it.effect("of a total is left by who is interrupted while it waits", () =>
    Effect.gen(function*() {
      const uses = makeUses(Gates.make(1, 1))
      yield* uses.fork("a", 1, "http://a")
      const waiting = yield* uses.fork("b", 1, "http://b")
      yield* uses.fork("c", 1, "http://c")
      yield* Fiber.interrupt(waiting)
      yield* uses.end("a")
      expect(uses.started).toEqual(["a", "c"])
      yield* uses.end("c")
      yield* uses.fork("d", 1, "http://d")
      expect(uses.started).toEqual(["a", "c", "d"])
    }))

  it.effect("serves one run in the order of arrival", () =>
    Effect.gen(function*() {
      const uses = makeUses(Gates.make(1))
      const names = ["1", "2", "3", "4", "5"]
      for (const name of names) yield* uses.fork(name, 1)
      for (const name of names) yield* uses.end(name)
      expect(uses.started).toEqual(names)
    }))

  it.effect("serves runs in turn, however long the line of one is", () =>
    Effect.gen(function*() {
      const uses = makeUses(Gates.make(1))
      const first = ["x1", "x2", "x3", "x4", "x5"]
      for (const name of first) yield* uses.fork(name, 1)
      for (const name of ["y1", "y2"]) yield* uses.fork(name, 2)
      yield* uses.fork("z1", 3)
      for (const name of ["x1", "x2", "y1", "z1", "x3", "y2", "x4"]) yield* uses.end(name)
      expect(uses.started).toEqual(["x1", "x2", "y1", "z1", "x3", "y2", "x4", "x5"])
    }))

  it.live("lets nobody of a drained run in, nor waits for those who are in its line", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const uses = makeUses(gate)
      const count = SharedBytes.make(1024)
      const drained = SharedBytes.join(1, count.chunk())
      yield* uses.fork("x1", 1, "http://a", drained)
      const waiting = yield* uses.fork("x2", 1, "http://a", drained)
      yield* uses.fork("y1", 2)
      count.drain()
      const late = yield* uses.fork("x3", 1, "http://b", drained)
      expect(gate.acquire("http://c", drained, () => uses.started.push("x4"))).toBeDefined()
      yield* uses.end("x1")
      yield* uses.end("y1")
      // A paused run would be looked at by now.
      yield* Effect.sleep(20)
      expect(uses.started).toEqual(["x1", "y1"])
      yield* Fiber.interruptAll([waiting, late])
      for (const [name, origin] of [["z1", "http://a"], ["z2", "http://b"], ["z3", "http://c"]] as const) {
        yield* uses.fork(name, 3, origin)
      }
      expect(uses.started).toEqual(["x1", "y1", "z1", "z2", "z3"])
    }))

  it("gives no ticket to who is let in at once, behind others of a line that may go on", () => {
    const gate = Gates.make(2)
    const count = SharedBytes.make(64)
    // As in a thread: nobody tells it that some was taken.
    const share = SharedBytes.join(1, structuredClone(count.chunk()))
    const started: Array<string> = []
    share.add(1)
    expect(gate.acquire("http://a", share, () => started.push("1"))).toBeDefined()
    count.take(1)
    expect(gate.acquire("http://a", share, () => started.push("2"))).toBeUndefined()
    expect(started).toEqual(["1", "2"])
  })

  it.effect("passes by who gave up the place in the line", () =>
    Effect.gen(function*() {
      const uses = makeUses(Gates.make(1))
      yield* uses.fork("1", 1)
      const second = yield* uses.fork("2", 1)
      const third = yield* uses.fork("3", 2)
      yield* uses.fork("4", 2)
      yield* Fiber.interrupt(second)
      yield* Fiber.interrupt(third)
      yield* uses.end("1")
      expect(uses.started).toEqual(["1", "4"])
    }))

  it.effect("gives a place on when its holder is interrupted, fails or dies", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const uses = makeUses(gate)
      const holder = yield* uses.fork("1", 1)
      yield* uses.fork("2", 1)
      yield* Fiber.interrupt(holder)
      expect(uses.started).toEqual(["1", "2"])
      yield* uses.end("2")
      expect(yield* Effect.exit(withPermit(gate, "http://a", run(1))(() => Effect.fail("no")))).toEqual(Exit.fail("no"))
      expect(Exit.isFailure(yield* Effect.exit(withPermit(gate, "http://a", run(1))(() => Effect.die("no"))))).toBe(
        true
      )
      expect(yield* withPermit(gate, "http://a", run(1))(() => Effect.succeed("free again"))).toBe("free again")
    }))

  it.effect("gives on a place that was granted in the instant of the interruption", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const uses = makeUses(gate)
      yield* uses.fork("1", 1)
      const second = yield* uses.fork("2", 1)
      yield* uses.fork("3", 1)
      // No yield between the two: the second has the place and has not run yet.
      const interrupted = yield* Effect.fork(Fiber.interrupt(second))
      yield* uses.end("1")
      yield* Fiber.join(interrupted)
      yield* yieldOften
      expect(uses.started.at(-1)).toBe("3")
    }))

  it.effect.each([Infinity, 5])(
    "leaks no place and breaks no limit under random uses and interruptions (total %d)",
    (total) =>
      Effect.gen(function*() {
        const limit = 3
        const gate = Gates.make(limit, total)
        let inAll = 0
        const active = new Map<string, number>()
        let most = 0
        const hold = (origin: string, yields: number) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              const now = (active.get(origin) ?? 0) + 1
              active.set(origin, now)
              most = Math.max(most, now)
              inAll = Math.max(inAll, [...active.values()].reduce((sum, n) => sum + n, 0))
            }),
            () => Effect.forEach(Array.from({ length: yields }), () => Effect.yieldNow(), { discard: true }),
            () => Effect.sync(() => active.set(origin, active.get(origin)! - 1))
          )
        const one = Effect.gen(function*() {
          const origin = `http://${yield* Random.nextIntBetween(0, 3)}`
          const share = run(yield* Random.nextIntBetween(0, 4))
          const yields = yield* Random.nextIntBetween(0, 6)
          const fiber = yield* Effect.fork(
            withPermit(gate, origin, share)(() => hold(origin, yields))
          )
          if (yield* Random.nextBoolean) {
            for (let n = yield* Random.nextIntBetween(0, 12); n > 0; n--) yield* Effect.yieldNow()
            yield* Fiber.interrupt(fiber)
          } else {
            yield* Fiber.await(fiber)
          }
        })
        yield* Effect.forEach(Array.from({ length: 3000 }), () => one, { concurrency: 40, discard: true })
        expect(most).toBe(limit)
        expect(inAll).toBe(Math.min(9, total))
        expect([...active.values()]).toEqual([0, 0, 0])
        // Every place is free: as many as the limit run at once, without waiting.
        for (const origin of ["http://0", "http://1", "http://2"]) {
          const uses = makeUses(gate)
          for (const name of ["1", "2", "3", "4"]) yield* uses.fork(name, 1, origin)
          expect(uses.started).toEqual(["1", "2", "3"])
          for (const name of ["1", "2", "3", "4"]) yield* uses.end(name)
        }
      }).pipe(Effect.withRandom(Random.make("origin gate")))
  )
})
