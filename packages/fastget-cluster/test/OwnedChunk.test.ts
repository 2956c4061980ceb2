import * as RemoteChunk from "fastget/platform/RemoteChunk"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { Answers } from "../src/internal/protocol/OriginEntity.js"
import { OwnedChunk } from "../src/internal/runner/OwnedChunk.js"
import { answer } from "./support.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What a reply says, in short: its number, whether it is the last, and the indices it has. */
const shown = ({ batch, isLast, number }: Answers) => {
  const indices: Array<number> = []
  const buffer = new Uint8Array(batch.buffer).buffer
  const words = { ...batch, waiting: 0, buffer, large: [] }
  RemoteChunk.renumber(words, (index) => {
    indices.push(index)
    return index
  })
  return [number, isLast, indices]
}

const make = (entries: number) => {
  const taken: Array<number> = []
  const replies: Array<unknown> = []
  const room = { giveBack: (bytes: number) => void taken.push(bytes), isRoomy: () => true }
  const chunk = new OwnedChunk(Array.from({ length: entries }, (_, n) => `http://a/${n}`), room)
  return { chunk, taken, replies, ask: (after: number) => chunk.ask(after, (reply) => replies.push(shown(reply))) }
}

it("replies at once when everything is answered, and says that it is the last", () => {
  const { ask, chunk, replies } = make(2)
  ask(0)
  chunk.add(0, answer("a"))
  expect([replies, chunk.open(), chunk.isAnswered()]).toEqual([[], [1], false])
  chunk.add(1, answer("b"))
  expect([replies, chunk.open(), chunk.isAnswered()]).toEqual([[[1, true, [0, 1]]], [], true])
})

it("replies with what there is when an answer has waited for a moment", () => {
  const { ask, chunk, replies } = make(3)
  chunk.add(2, answer("a"))
  ask(0)
  vi.advanceTimersByTime(100)
  expect(replies).toEqual([[1, false, [2]]])
})

it("replies at once when a megabyte is there", () => {
  const { ask, chunk, replies } = make(3)
  ask(0)
  chunk.add(1, answer("a".repeat(1024 * 1024)))
  expect(replies).toEqual([[1, false, [1]]])
})

it("tells a client that waits for long that its runner lives", () => {
  const { ask, replies } = make(1)
  ask(0)
  vi.advanceTimersByTime(4999)
  expect(replies).toEqual([])
  vi.advanceTimersByTime(1)
  expect(replies).toEqual([[1, false, []]])
})

it("gives a reply again that its client does not have", () => {
  const { ask, chunk, replies } = make(2)
  ask(0)
  chunk.add(0, answer("a"))
  vi.advanceTimersByTime(100)
  ask(0)
  chunk.add(1, answer("b"))
  ask(1)
  expect(replies).toEqual([[1, false, [0]], [1, false, [0]], [2, true, [1]]])
})

it("answers the last who asked, that there is nothing new who asked before, and nobody who took the question back", () => {
  const { ask, chunk, replies } = make(1)
  ask(0)
  const takeBack = ask(0)
  takeBack()
  expect([chunk.isAbandoned(-1), replies]).toEqual([true, [[0, false, []]]])
  chunk.add(0, answer("a"))
  expect(replies).toEqual([[0, false, []]])
})

it("ends without an answer for each entry where there will be none", () => {
  const { ask, chunk, replies } = make(2)
  chunk.add(1, answer("a"))
  ask(0)
  chunk.end()
  expect([replies, chunk.open()]).toEqual([[[1, true, [1]]], [0]])
})

it("gives its bytes back when they were taken, and when nobody will take them", () => {
  const { ask, chunk, taken } = make(3)
  const first = chunk.add(0, answer("0123456789"))
  ask(0)
  vi.advanceTimersByTime(100)
  const second = chunk.add(1, answer("0"))
  chunk.drop()
  expect([taken, first > second]).toEqual([[first, second], true])
  expect(vi.getTimerCount()).toBe(0)
})
