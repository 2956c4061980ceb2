import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { bytesOf } from "../src/internal/runner/RunChunk.js"
import { StoredChunk } from "../src/internal/runner/StoredChunk.js"
import { answer } from "./support.js"

const make = (entries: number) => {
  const given: Array<number> = []
  const room = { giveBack: (bytes: number) => void given.push(bytes), isRoomy: () => !state.isFull }
  const state = { isFull: false }
  return { given, state, chunk: new StoredChunk(Array.from({ length: entries }, (_, n) => `u${n}`), room) }
}

const indices = (chunk: StoredChunk) => chunk.next((answers) => Effect.succeed(answers.map(([index]) => index)))

describe("StoredChunk", () => {
  it.effect("gives its answers when all are there, and what they counted for back when they are written", () =>
    Effect.gen(function*() {
      const { chunk, given } = make(3)
      const mayEnd = yield* Effect.makeLatch(false)
      let written: ReadonlyArray<number> = []
      const fiber = yield* Effect.fork(chunk.next((answers) => {
        written = answers.map(([index]) => index)
        return mayEnd.await
      }))
      yield* Effect.yieldNow()
      expect(chunk.add(2, answer(10))).toBe(74)
      chunk.add(0, answer(1))
      expect([chunk.open(), chunk.isAnswered()]).toEqual([[1], false])
      chunk.add(1, answer(1))
      yield* Effect.yieldNow()
      expect([written, given]).toEqual([[2, 0, 1], []])
      yield* mayEnd.open
      yield* Fiber.join(fiber)
      expect([given, chunk.isAbandoned()]).toEqual([[204], false])
    }))

  it.effect("gives back what could not be written, too", () =>
    Effect.gen(function*() {
      const { chunk, given } = make(1)
      chunk.add(0, answer(1))
      expect(yield* Effect.flip(chunk.next(() => Effect.fail("full")))).toBe("full")
      expect(given).toEqual([65])
    }))

  it.effect("gives some before where they are large", () =>
    Effect.gen(function*() {
      const { chunk, given } = make(2)
      const large = answer(2 ** 20)
      chunk.add(0, large)
      expect(yield* indices(chunk)).toEqual([0])
      expect(given).toEqual([bytesOf(large)])
    }))

  it.effect("gives what it has where its run has no room for more", () =>
    Effect.gen(function*() {
      const { chunk, state } = make(3)
      const fiber = yield* Effect.fork(indices(chunk))
      yield* Effect.yieldNow()
      chunk.add(0, answer(1))
      yield* Effect.yieldNow()
      expect(fiber.unsafePoll()).toBe(null)
      state.isFull = true
      chunk.look()
      expect(yield* Fiber.join(fiber)).toEqual([0])
      // Nor does a next one wait for more than there is.
      chunk.add(1, answer(1))
      expect(yield* indices(chunk)).toEqual([1])
    }))

  it.effect("has no more when its run has ended, or it is dropped", () =>
    Effect.gen(function*() {
      const ended = make(2)
      ended.chunk.add(0, answer(1))
      ended.chunk.end()
      expect(yield* indices(ended.chunk)).toEqual([0])
      expect(yield* indices(ended.chunk)).toEqual([])
      const dropped = make(2)
      dropped.chunk.add(0, answer(1))
      dropped.chunk.drop()
      // What its run still has for it counts for nothing, since nobody would give it back.
      expect(dropped.chunk.add(1, answer(1))).toBe(0)
      expect([dropped.given, yield* indices(dropped.chunk)]).toEqual([[65, 0], []])
    }))
})
