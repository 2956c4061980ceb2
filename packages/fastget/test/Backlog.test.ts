import * as Backlog from "#internal/run/Backlog"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { Entry } from "fastget"

const entries = (from: number, to: number): ReadonlyArray<Entry.Entry<number>> =>
  Array.from({ length: to - from + 1 }, (_, n) => [from + n, `http://a/${from + n}`])

const idsOf = (chunk: ReadonlyArray<Entry.Entry<number>>) => chunk.map(([id]) => id)

const settle = Effect.forEach(Array.from({ length: 10 }), () => Effect.yieldNow(), { discard: true })

/** A taker, and what it got. */
const makeTaker = (
  backlog: Backlog.Backlog<number>,
  { idle = false, room = 4, served = false }: { idle?: boolean; room?: number; served?: boolean } = {}
) => {
  const state = { idle, room, served, own: [] as Array<ReadonlyArray<Entry.Entry<number>>> }
  const got: Array<ReadonlyArray<number>> = []
  const taker: Backlog.Taker<number> = {
    own: () => state.own.shift(),
    took: () => {},
    room: () => state.room,
    idle: () => state.idle,
    served: () => state.served
  }
  const take = Effect.map(backlog.take(taker), (chunk) => void got.push(idsOf(chunk)))
  return { state, got, take, fork: Effect.zipLeft(Effect.fork(take), settle) }
}

const makeBacklog = (reserved: () => number = () => 0, onTaken: () => void = () => {}) =>
  Backlog.make<number>({ within: 50, reserved, onTaken })

describe("a backlog", () => {
  it.scoped("gives a busy worker a chunk when it is full, and not before", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      yield* busy.fork
      backlog.add(entries(1, 3))
      yield* settle
      expect(busy.got).toEqual([])
      backlog.add(entries(4, 6))
      yield* settle
      expect(busy.got).toEqual([[1, 2, 3, 4]])
      expect(backlog.size()).toBe(2)
    }))

  it.scoped("gives an idle worker what there is at once", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const idle = makeTaker(backlog, { idle: true })
      yield* idle.fork
      backlog.add(entries(1, 1))
      yield* settle
      expect(idle.got).toEqual([[1]])
    }))

  it.scoped("serves an idle worker that comes later, too", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      backlog.add(entries(1, 2))
      const idle = makeTaker(backlog, { idle: true })
      yield* idle.take
      expect(idle.got).toEqual([[1, 2]])
    }))

  it.scoped("shares among the idle workers", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const takers = Array.from({ length: 4 }, () => makeTaker(backlog, { idle: true }))
      for (const taker of takers) yield* taker.fork
      backlog.add(entries(1, 8))
      yield* settle
      expect(takers.map(({ got }) => got)).toEqual([[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]])
    }))

  it.scoped("serves the idle before the busy", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      const idle = makeTaker(backlog, { idle: true })
      yield* busy.fork
      yield* idle.fork
      backlog.add(entries(1, 4))
      yield* settle
      expect([idle.got, busy.got]).toEqual([[[1, 2, 3, 4]], []])
    }))

  it.scoped("never gives more than there is room for, and nothing without room", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const idle = makeTaker(backlog, { idle: true, room: 0 })
      yield* idle.fork
      backlog.add(entries(1, 10))
      yield* settle
      expect(idle.got).toEqual([])
      idle.state.room = 3
      backlog.wake()
      yield* settle
      expect(idle.got).toEqual([[1, 2, 3]])
    }))

  it.scoped("lets a chunk that is not full leave after chunkWithin", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      yield* busy.fork
      backlog.add(entries(1, 2))
      yield* TestClock.adjust(49)
      yield* settle
      expect(busy.got).toEqual([])
      yield* TestClock.adjust(1)
      yield* settle
      expect(busy.got).toEqual([[1, 2]])
    }))

  it.scoped("counts chunkWithin anew for the entries that come later", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      yield* busy.fork
      backlog.add(entries(1, 1))
      yield* TestClock.adjust(50)
      yield* settle
      yield* busy.fork
      yield* TestClock.adjust(1000)
      backlog.add(entries(2, 2))
      yield* settle
      yield* TestClock.adjust(49)
      yield* settle
      expect(busy.got).toEqual([[1]])
      yield* TestClock.adjust(1)
      yield* settle
      expect(busy.got).toEqual([[1], [2]])
    }))

  it.scoped("never lets an entry wait longer than chunkWithin while chunks before it leave full", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      yield* Effect.forkScoped(Effect.forever(busy.take))
      yield* settle
      backlog.add(entries(1, 5))
      yield* TestClock.adjust(30)
      backlog.add(entries(6, 8))
      yield* settle
      expect(busy.got).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]])
      backlog.add(entries(9, 9))
      yield* TestClock.adjust(50)
      yield* settle
      expect(busy.got.at(-1)).toEqual([9])
    }))

  it.scoped("gives what there is when the input can give no more", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      yield* busy.fork
      backlog.add(entries(1, 3))
      yield* settle
      expect(busy.got).toEqual([])
      backlog.setOpen(false)
      yield* settle
      expect(busy.got).toEqual([[1, 2, 3]])
      yield* busy.fork
      backlog.setOpen(true)
      backlog.add(entries(4, 4))
      yield* settle
      expect(busy.got.length).toBe(1)
    }))

  it.scoped("sends a lost chunk again first, and as it was", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      backlog.add(entries(1, 2))
      backlog.putBack(entries(8, 9))
      backlog.putBack(entries(7, 7))
      const idle = makeTaker(backlog, { idle: true })
      yield* idle.take
      yield* idle.take
      yield* idle.take
      expect(idle.got).toEqual([[8, 9], [7], [1, 2]])
    }))

  it.scoped("wakes a waiting worker for a lost chunk", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const busy = makeTaker(backlog)
      yield* busy.fork
      backlog.putBack(entries(1, 1))
      yield* settle
      expect(busy.got).toEqual([[1]])
    }))

  it.scoped("gives of a lost chunk no more than there is room for, and the rest to the next", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const [small, large] = [makeTaker(backlog, { room: 2 }), makeTaker(backlog)]
      yield* small.fork
      backlog.putBack(entries(1, 5))
      yield* settle
      expect(small.got).toEqual([[1, 2]])
      yield* large.take
      expect(large.got).toEqual([[3, 4, 5]])
    }))

  it.scoped("gives a taker what is its own before all else, room or not", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const suspicious = makeTaker(backlog, { room: 0 })
      suspicious.state.own.push(entries(8, 9))
      backlog.add(entries(1, 4))
      yield* suspicious.fork
      expect(suspicious.got).toEqual([[8, 9]])
      expect(backlog.size()).toBe(4)
    }))

  it.scoped("keeps an entry for each worker that is starting, from those that were served", () =>
    Effect.gen(function*() {
      let starting = 2
      const backlog = yield* makeBacklog(() => starting)
      const served = makeTaker(backlog, { idle: true, served: true })
      const fresh = makeTaker(backlog, { idle: true })
      backlog.add(entries(1, 2))
      yield* served.fork
      expect(served.got).toEqual([])
      fresh.state.room = 1
      yield* fresh.fork
      expect(fresh.got).toEqual([[1]])
      starting = 0
      backlog.wake()
      yield* settle
      expect(served.got).toEqual([[2]])
    }))

  it.scoped("forgets a taker that was interrupted", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const gone = makeTaker(backlog, { idle: true })
      const fiber = yield* gone.fork
      yield* Fiber.interrupt(fiber)
      backlog.add(entries(1, 1))
      yield* settle
      expect([gone.got, backlog.size()]).toEqual([[], 1])
    }))

  it.scoped("tells when entries have left", () =>
    Effect.gen(function*() {
      let told = 0
      const backlog = yield* makeBacklog(() => 0, () => told++)
      backlog.add(entries(1, 1))
      expect(told).toBe(0)
      yield* makeTaker(backlog, { idle: true }).take
      expect(told).toBe(1)
    }))

  it.scoped("loses nothing and gives nothing twice, in order, to many takers", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog()
      const takers = Array.from({ length: 5 }, (_, n) => makeTaker(backlog, { idle: n % 2 === 0, room: n + 1 }))
      for (const taker of takers) yield* Effect.forkScoped(Effect.forever(taker.take))
      for (let n = 0; n < 100; n++) {
        backlog.add(entries(n * 10, n * 10 + 9))
        yield* Effect.yieldNow()
      }
      backlog.setOpen(false)
      for (let n = 0; n < 100; n++) yield* settle
      const all = takers.flatMap(({ got }) => got.flat())
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n))
      for (const { got } of takers) {
        const own = got.flat()
        expect(own).toEqual([...own].sort((a, b) => a - b))
      }
    }))
})
