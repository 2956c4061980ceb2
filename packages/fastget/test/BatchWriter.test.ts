import * as Batch from "#internal/wire/Batch"
import * as BatchWriter from "#internal/worker/BatchWriter"
import { Departures } from "#internal/worker/Departures"
import { afterEach, beforeEach, describe, expect, it, vi } from "@effect/vitest"
import type { Outcome } from "fastget"

const answerOf = (bytes: number): Outcome.Answer => ({
  result: { _tag: "Body", body: new Uint8Array([1]) },
  status: 200,
  headers: undefined,
  bytes,
  attempts: 1,
  elapsed: 1,
  held: 1
})

/** A writer, and the batches that left it: the indices in them, and how many entries wait. */
const make = (entries: number, departures = new Departures()) => {
  const sent: Array<readonly [indices: ReadonlyArray<number>, waiting: number]> = []
  const writer = BatchWriter.make(entries, departures, (batch) => {
    const indices: Array<number> = []
    Batch.unpack(batch, (index) => indices.push(index))
    sent.push([indices, batch.waiting])
  })
  return { sent, writer }
}

describe("BatchWriter", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it("sends together what is complete 4 ms after the first of it", () => {
    const { sent, writer } = make(3)
    writer.started()
    writer.started()
    writer.add(1, answerOf(1))
    vi.advanceTimersByTime(3)
    writer.add(0, answerOf(1))
    expect(sent).toEqual([])
    vi.advanceTimersByTime(1)
    expect(sent).toEqual([[[1, 0], 1]])
  })

  it("sends at once what is the last of the chunk, or large", () => {
    const { sent, writer } = make(2)
    writer.add(0, answerOf(1024 * 1024 + 1))
    writer.add(1, answerOf(1))
    expect(sent).toEqual([[[0], 2], [[1], 2]])
    expect(vi.getTimerCount()).toBe(0)
  })

  it("says that all entries have been started, without an answer", () => {
    const { sent, writer } = make(1)
    writer.started()
    vi.advanceTimersByTime(4)
    expect(sent).toEqual([[[], 0]])
  })

  it("sends together what the chunks of a thread have", () => {
    const departures = new Departures()
    const [one, other] = [make(2, departures), make(2, departures)]
    one.writer.add(0, answerOf(1))
    vi.advanceTimersByTime(3)
    other.writer.add(1, answerOf(1))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1)
    expect([one.sent, other.sent]).toEqual([[[[0], 2]], [[[1], 2]]])
  })

  it("sends what there is where the last entry is left out, and nothing once it is closed", () => {
    const { sent, writer } = make(2)
    writer.add(1, answerOf(1))
    writer.leaveOut()
    expect(sent).toEqual([[[1], 2]])
    const closed = make(2)
    closed.writer.add(1, answerOf(1))
    closed.writer.close()
    vi.advanceTimersByTime(100)
    expect(closed.sent).toEqual([])
  })
})
