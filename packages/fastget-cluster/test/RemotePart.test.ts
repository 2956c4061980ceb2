/** A client's part of a chunk, against an owner that answers by hand. Time is that of the test. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { WireChunk } from "fastget/FetchPool"
import type { RunBytes } from "fastget/platform/RemoteChunk"
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import { FinishedChunks } from "../src/internal/client/FinishedChunks.js"
import * as RemotePart from "../src/internal/client/RemotePart.js"
import type { FetchPayload, MorePayload, Reply } from "../src/internal/protocol/OriginEntity.js"
import { reply } from "./support.js"

const chunk: WireChunk = { as: "json", drainable: true } as never

/** A part of so many URLs, and what becomes of it. */
const make = (
  count: number,
  fetch: (payload: FetchPayload, times: number) => Effect.Effect<Reply>,
  more: (payload: MorePayload) => Effect.Effect<Reply> = () => Effect.succeed({ _tag: "Unknown" })
) => {
  const fetched: Array<FetchPayload> = []
  const answered: Array<number> = []
  const dropped: Array<number> = []
  const state = { isDrained: false }
  const bytes: RunBytes = {
    isSpent: () => false,
    isDrained: () => state.isDrained,
    add: () => {},
    onFree: () => () => {}
  }
  let names = 0
  const options: RemotePart.PartOptions = {
    owner: {
      Fetch: (payload: FetchPayload) =>
        Effect.suspend(() => {
          fetched.push(payload)
          return fetch(payload, fetched.length)
        }),
      More: more
    } as never,
    lanes: 1,
    runnerTimeout: 1000,
    bytes,
    name: () => ({ client: "a", run: 1, chunk: ++names }),
    finished: new FinishedChunks((chunks) => void dropped.push(...chunks)),
    onBatch: (batch) =>
      void RemoteChunk.renumber(batch, (index) => {
        answered.push(index)
        return index
      })
  }
  const urls = Array.from({ length: count }, (_, n) => `http://a.example/${n}`)
  return { answered, dropped, fetched, state, fetch: RemotePart.fetch(chunk, urls, options) }
}

const all = (payload: FetchPayload) => Effect.succeed(reply(1, true, payload.urls.map((_, index) => index)))

describe("a part of a chunk", () => {
  it.effect("is asked for again, as far as it has no answer, under another name", () =>
    Effect.gen(function*() {
      const part = make(4, (payload, times) => times === 1 ? Effect.succeed(reply(1, true, [1, 3])) : all(payload))
      yield* part.fetch
      expect(part.fetched.map(({ chunk, urls }) => [chunk, urls])).toEqual([
        [1, [0, 1, 2, 3].map((n) => `http://a.example/${n}`)],
        [2, [0, 2].map((n) => `http://a.example/${n}`)]
      ])
      expect(part.answered).toEqual([1, 3, 0, 2])
      // The second message takes along that the first chunk may be forgotten.
      expect(part.fetched[1]!.finished).toEqual([1])
    }))

  it.effect("is asked for again after a moment only, where an owner ended without an answer", () =>
    Effect.gen(function*() {
      const none = Effect.succeed(reply(1, true, []))
      const part = make(2, (payload, times) => times < 3 ? none : all(payload))
      const fiber = yield* Effect.fork(part.fetch)
      yield* TestClock.adjust(49)
      expect(part.fetched).toHaveLength(1)
      yield* TestClock.adjust(1)
      expect(part.fetched).toHaveLength(2)
      yield* TestClock.adjust(50)
      yield* Fiber.join(fiber)
      expect([part.fetched.length, part.answered]).toEqual([3, [0, 1]])
    }))

  it.effect("fails where no runner answers for as long as it may take", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(make(1, () => Effect.never).fetch)
      yield* TestClock.adjust(1000)
      expect(yield* Effect.flip(Fiber.join(fiber))).toMatchObject({ reason: { _tag: "NoRunner", limit: 1000 } })
    }))

  it.effect("of a drained stream ends with what is under way, and its owner is told at once", () =>
    Effect.gen(function*() {
      const asked: Array<boolean> = []
      const part = make(2, () => Effect.never, ({ isDrained }) =>
        Effect.sync(() => {
          asked.push(isDrained)
          return reply(1, true, [0])
        }))
      const fiber = yield* Effect.fork(part.fetch)
      yield* TestClock.adjust(100)
      part.state.isDrained = true
      yield* TestClock.adjust(20)
      yield* Fiber.join(fiber)
      expect([asked, part.fetched.length, part.answered]).toEqual([[true], 1, [0]])
    }))

  it.effect("that is given up is dropped at its owner", () =>
    Effect.gen(function*() {
      const part = make(1, () => Effect.never)
      const fiber = yield* Effect.fork(part.fetch)
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(fiber)
      expect(part.dropped).toEqual([1])
    }))
})
