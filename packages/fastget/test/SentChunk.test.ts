import * as PoisonDetection from "#internal/run/PoisonDetection"
import { SentChunk } from "#internal/run/SentChunk"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Entry } from "fastget"
import * as Chunks from "./Chunks.js"

/** A chunk of four that is with a worker, its run's count of bytes, and the worker's side of that. */
const make = () => {
  const buffered = SharedBytes.make(64)
  const chunk = new SentChunk<number>(Chunks.entries(1, 2, 3, 4), buffered, Chunks.toWire(buffered), false)
  return { buffered, chunk, worker: SharedBytes.join(1, chunk.wire.buffered) }
}

const idsOf = (entries: ReadonlyArray<Entry.Entry<number>>) => entries.map(([id]) => id)

describe("a chunk with a worker", () => {
  it("gives each entry its answer, and how many have left the wait for a connection", () => {
    const { chunk } = make()
    const first = chunk.receive(Chunks.batch([2, 0], 1))
    expect([idsOf(first.entries), first.answers.length, first.started]).toEqual([[3, 1], 2, 3])
    expect(chunk.unanswered()).toBe(2)
    const second = chunk.receive(Chunks.batch([1, 3], 0))
    expect([idsOf(second.entries), second.started, chunk.unanswered()]).toEqual([[2, 4], 1, 0])
  })

  it("leaves the second answer of an entry out, and takes its bytes off the run's", () => {
    const { buffered, chunk, worker } = make()
    worker.add(14)
    chunk.receive(Chunks.batch([0], 0, 7))
    const again = chunk.receive(Chunks.batch([0], 0, 7))
    expect([again.entries, again.answers, chunk.unanswered()]).toEqual([[], [], 3])
    expect(buffered.held()).toBe(7)
  })

  it("that is lost with its worker returns what has no answer, and the bytes that never came", () => {
    const { buffered, chunk, worker } = make()
    worker.add(10)
    chunk.receive(Chunks.batch([1], 2, 4))
    const { entries, verdict, waiting } = chunk.lost({ _tag: "WorkerLost", cause: "exit" }, PoisonDetection.make())
    expect([entries, waiting, verdict.suspect.map(idsOf)]).toEqual([3, 2, [[1, 3, 4]]])
    expect([buffered.held(), chunk.unanswered()]).toEqual([4, 0])
    // A batch that was under way says nothing any more.
    expect(chunk.receive(Chunks.batch([0], 0)).entries).toEqual([])
  })

  it("that is called back returns what has no answer", () => {
    const { chunk } = make()
    chunk.receive(Chunks.batch([0, 3], 1))
    const { entries, waiting } = chunk.callBack()
    expect([idsOf(entries), waiting, chunk.unanswered()]).toEqual([[2, 3], 1, 0])
  })

  it("is stalled where nothing came between two looks and the run's bytes are spent", () => {
    const { buffered, chunk, worker } = make()
    expect([chunk.isStalled(), chunk.isStalled()]).toEqual([false, false])
    worker.add(1)
    expect(buffered.isSpent()).toBe(true)
    expect(chunk.isStalled()).toBe(true)
    chunk.receive(Chunks.batch([0]))
    expect([chunk.isStalled(), chunk.isStalled()]).toEqual([false, true])
    buffered.drain()
    expect(chunk.isStalled()).toBe(false)
  })

  it.effect("steps aside by the interruption of its fiber", () =>
    Effect.gen(function*() {
      const { chunk } = make()
      chunk.fiber = yield* Effect.fork(Effect.never)
      expect(chunk.isCalledBack()).toBe(false)
      chunk.stepAside()
      expect(chunk.isCalledBack()).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(chunk.fiber))).toBe(true)
    }))
})
