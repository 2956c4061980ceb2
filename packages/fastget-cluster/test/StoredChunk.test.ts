import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Answer } from "fastget/Outcome"
import { bytesOf } from "../src/internal/runner/RunChunk.js"
import { StoredChunk } from "../src/internal/runner/StoredChunk.js"

const answer = (bytes: number): Answer => ({
  result: { _tag: "Body", body: new Uint8Array(bytes) },
  status: 200,
  headers: undefined,
  bytes,
  attempts: 1,
  elapsed: 1,
  held: 1
})

const make = (entries: number) => {
  const given: Array<number> = []
  return {
    given,
    chunk: new StoredChunk(Array.from({ length: entries }, (_, n) => `u${n}`), (bytes) => given.push(bytes))
  }
}

describe("StoredChunk", () => {
  it.effect("gives its answers when all are there, and what they counted for back", () =>
    Effect.gen(function*() {
      const { chunk, given } = make(3)
      const fiber = yield* Effect.fork(chunk.take)
      yield* Effect.yieldNow()
      expect(chunk.add(2, answer(10))).toBe(74)
      chunk.add(0, answer(1))
      expect([chunk.open(), chunk.isAnswered(), given]).toEqual([[1], false, []])
      chunk.add(1, answer(1))
      expect((yield* Fiber.join(fiber)).map(([index]) => index)).toEqual([2, 0, 1])
      expect([given, chunk.isAbandoned()]).toEqual([[204], false])
    }))

  it.effect("gives some before where they are large", () =>
    Effect.gen(function*() {
      const { chunk, given } = make(2)
      const large = answer(2 ** 20)
      chunk.add(0, large)
      expect((yield* chunk.take).map(([index]) => index)).toEqual([0])
      expect(given).toEqual([bytesOf(large)])
    }))

  it.effect("has no more when its run has ended, or it is dropped", () =>
    Effect.gen(function*() {
      const ended = make(2)
      ended.chunk.add(0, answer(1))
      ended.chunk.end()
      expect((yield* ended.chunk.take).length).toBe(1)
      expect(yield* ended.chunk.take).toEqual([])
      const dropped = make(2)
      dropped.chunk.add(0, answer(1))
      dropped.chunk.drop()
      expect([dropped.given, yield* dropped.chunk.take]).toEqual([[65, 0], []])
    }))
})
