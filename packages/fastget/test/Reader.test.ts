import * as Reader from "#internal/run/Reader"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Entry } from "fastget"

describe("Reader.make", () => {
  const entries = Array.from({ length: 10 }, (_, n) => [n, `http://a/${n}`] as const)

  it.scoped("reads an Iterable one by one, and no more than it is asked for", () =>
    Effect.gen(function*() {
      let given = 0
      const counted = {
        *[Symbol.iterator]() {
          for (const entry of entries) {
            given++
            yield entry
          }
        }
      }
      const read = yield* Reader.make<number, never, never>(counted)
      expect(given).toBe(0)
      expect((yield* read(3)).map(([id]) => id)).toEqual([0, 1, 2])
      expect(given).toBe(3)
      expect((yield* read(100)).map(([id]) => id)).toEqual([3, 4, 5, 6, 7, 8, 9])
      expect(yield* Effect.flip(read(1))).toEqual(Option.none())
      expect(yield* Effect.flip(read(1))).toEqual(Option.none())
    }))

  it.scoped("reads a Stream by its own chunks", () =>
    Effect.gen(function*() {
      const read = yield* Reader.make(Stream.rechunk(Stream.fromIterable(entries), 4))
      expect((yield* read(1)).map(([id]) => id)).toEqual([0, 1, 2, 3])
      expect((yield* read(1)).length).toBe(4)
      expect((yield* read(1)).length).toBe(2)
      expect(yield* Effect.flip(read(1))).toEqual(Option.none())
    }))

  it.scoped("fails with the Stream's own error", () =>
    Effect.gen(function*() {
      const failing: Stream.Stream<Entry.Entry<number>, string> = Stream.fail("input broke")
      const read = yield* Reader.make(failing)
      expect(yield* Effect.flip(read(1))).toEqual(Option.some("input broke"))
    }))

  it.effect("tells an iterator that was left unread, once, and no other", () =>
    Effect.gen(function*() {
      let returned = 0
      const iterable = (length: number): Iterable<Entry.Entry<number>> => ({
        [Symbol.iterator]: () => {
          let n = 0
          return {
            next: () => n < length ? { done: false, value: entries[n++]! } : { done: true, value: undefined },
            return: () => {
              returned++
              return { done: true, value: undefined }
            }
          }
        }
      })
      yield* Effect.scoped(Effect.flatMap(Reader.make<number, never, never>(iterable(5)), (read) => read(2)))
      expect(returned).toBe(1)
      yield* Effect.scoped(Effect.flatMap(Reader.make<number, never, never>(iterable(5)), (read) => read(100)))
      expect(returned).toBe(1)
    }))

  it.effect("does not call return on an iterator that threw", () =>
    Effect.gen(function*() {
      let returned = 0
      const throwing: Iterable<Entry.Entry<number>> = {
        [Symbol.iterator]: () => ({
          next: () => {
            throw new Error("iterator broke")
          },
          return: () => {
            returned++
            return { done: true, value: undefined }
          }
        })
      }
      const exit = yield* Effect.exit(
        Effect.scoped(Effect.flatMap(Reader.make<number, never, never>(throwing), (read) => read(2)))
      )
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("iterator broke")
      expect(returned).toBe(0)
    }))
})
