import { WaitingAnswers } from "#internal/run/WaitingAnswers"
import { describe, expect, it } from "@effect/vitest"
import type { Outcome } from "fastget"

const answer = (bytes: number): Outcome.Answer => ({
  result: { _tag: "Body", body: new Uint8Array(bytes) },
  status: 200,
  headers: undefined,
  bytes,
  attempts: 1,
  elapsed: 1,
  held: bytes
})

const waitingOf = (sizes: ReadonlyArray<number>) => {
  const waiting = new WaitingAnswers<number>()
  sizes.forEach((bytes, id) => waiting.add([id, "http://a"], answer(bytes)))
  return waiting
}

describe("WaitingAnswers", () => {
  it("gives entries and answers in the order in which they came, also after some have left", () => {
    const waiting = waitingOf([1, 2, 3])
    expect(waiting.drop(1)).toBe(1)
    waiting.add([3, "http://a"], answer(4))
    expect([0, 1, 2].map((index) => [waiting.entryAt(index)[0], waiting.answerAt(index).bytes]))
      .toEqual([[1, 2], [2, 3], [3, 4]])
    expect(waiting.drop(3)).toBe(2 + 3 + 4)
    expect(waiting.size()).toBe(0)
  })

  it("makes a batch of as many as both limits allow, and of one at least", () => {
    const waiting = waitingOf([5, 5, 5, 5])
    expect(waiting.sizeOfBatch(3, 1000)).toBe(3)
    expect(waiting.sizeOfBatch(10, 6)).toBe(2)
    expect(waiting.sizeOfBatch(10, 1)).toBe(1)
    expect(waiting.sizeOfBatch(10, 1000)).toBe(4)
  })

  it("stays as small as what waits", () => {
    const waiting = new WaitingAnswers<number>()
    for (let n = 0; n < 1000; n++) {
      waiting.add([n, "http://a"], answer(1))
      waiting.add([n, "http://a"], answer(1))
      waiting.drop(1)
    }
    expect(waiting.size()).toBe(1000)
    expect(waiting.entryAt(0)[0]).toBe(500)
  })
})
