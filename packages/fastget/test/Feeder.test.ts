import * as Backlog from "#internal/run/Backlog"
import { EntriesOut } from "#internal/run/EntriesOut"
import { ExclusiveAccess } from "#internal/run/ExclusiveAccess"
import * as Feeder from "#internal/run/Feeder"
import * as PoisonDetection from "#internal/run/PoisonDetection"
import * as RunMetrics from "#internal/run/RunMetrics"
import type { WireChunk } from "#internal/wire/Chunk"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { FetchPool } from "fastget"
import { PoolError } from "fastget"
import * as Chunks from "./Chunks.js"

const error = new PoolError.PoolError({ reason: { _tag: "Closed" } })

/** A feeder of a worker that does with its chunks what the test says, and all that it has told its run. */
const make = (execute: FetchPool.PoolWorker["execute"], ready: FetchPool.PoolWorker["ready"] = Effect.void) =>
  Effect.gen(function*() {
    const buffered = SharedBytes.make(2 ** 20)
    const backlog = yield* Backlog.make<number>({ within: 50, reserved: () => 0, onTaken: () => {} })
    const answers = yield* Queue.unbounded<readonly [id: number, result: string]>()
    const sizes: Array<number> = []
    const failed = yield* Deferred.make<string>()
    const chunks = yield* FiberSet.make<void>()
    let begun = 0
    const context: Feeder.Context<number> = {
      metrics: RunMetrics.untagged,
      runId: 1,
      spans: "run",
      backlog,
      buffered,
      first: 1,
      most: 8,
      out: new EntriesOut(Infinity, 1),
      wireChunk: Chunks.toWire(buffered),
      poison: PoisonDetection.make(),
      entering: new Set(),
      answered: (entries, all) =>
        Queue.offerAll(
          answers,
          entries.map(([id], index) => {
            const { result } = all[index]!
            return [id, result._tag === "Failure" ? result.reason._tag : "ok"] as const
          })
        ),
      onFirst: () => begun++,
      onSize: (size) => sizes.push(size),
      onFailure: (cause) => void Deferred.unsafeDone(failed, Effect.succeed(Cause.pretty(cause)))
    }
    const slot = { worker: { ready, execute }, access: new ExclusiveAccess() }
    const feeding = yield* Effect.forkScoped(Feeder.feed(context, slot, chunks))
    return { answers, backlog, begun: () => begun, buffered, chunks, context, failed, feeding, sizes }
  })

const answerAll = (chunk: WireChunk) => Stream.succeed(Chunks.batch(chunk.urls.map((_, index) => index)))

const lost: FetchPool.WorkerLost = { _tag: "WorkerLost", cause: "exit" }

describe("the feeder of a worker", () => {
  it.scoped("sends what there is, in chunks that grow, and passes on each answer", () =>
    Effect.gen(function*() {
      const sent: Array<number> = []
      const { answers, backlog, begun, sizes } = yield* make((chunk) => {
        sent.push(chunk.urls.length)
        return answerAll(chunk)
      })
      backlog.add(Chunks.entries(1, 2, 3, 4, 5, 6, 7))
      const all = yield* Queue.takeN(answers, 7)
      expect([...all].map(([id, result]) => [id, result])).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => [id, "ok"]))
      expect([sent, sizes, begun()]).toEqual([[1, 2, 4], [2, 4, 8], 1])
    }))

  it.scoped("sends what a lost worker had not answered again: by itself, then by halves, until it is known who ends it", () =>
    Effect.gen(function*() {
      const sent: Array<ReadonlyArray<string>> = []
      const { answers, backlog } = yield* make((chunk) => {
        sent.push(chunk.urls.map((url) => url.slice(-1)))
        const isPoisoned = chunk.urls.some((url) => url.endsWith("3"))
        return isPoisoned ? Stream.fail(lost) : answerAll(chunk)
      })
      backlog.add(Chunks.entries(1, 2, 3))
      const all = yield* Queue.takeN(answers, 3)
      expect([...all].sort()).toEqual([[1, "ok"], [2, "ok"], [3, "WorkerLost"]])
      expect(sent).toEqual([["1"], ["2", "3"], ["2", "3"], ["2"], ["3"], ["3"], ["3"]])
    }))

  it.scoped("takes a worker that leaves entries out as lost, and what it has answered as answered", () =>
    Effect.gen(function*() {
      const { answers, backlog } = yield* make((chunk) =>
        chunk.urls.length > 1 ? Stream.succeed(Chunks.batch([0])) : answerAll(chunk)
      )
      backlog.add(Chunks.entries(1, 2, 3))
      expect([...yield* Queue.takeN(answers, 3)].sort()).toEqual([[1, "ok"], [2, "ok"], [3, "ok"]])
    }))

  it.scoped("gives what is suspect back to the others when its worker will never be ready again", () =>
    Effect.gen(function*() {
      let calls = 0
      const gate = yield* Effect.makeLatch(true)
      const ready = Effect.zipRight(gate.await, Effect.suspend(() => calls === 0 ? Effect.void : Effect.fail(error)))
      const { backlog, begun, feeding } = yield* make(() => {
        calls++
        return Stream.fail(lost)
      }, ready)
      backlog.add(Chunks.entries(1))
      expect(yield* Effect.flip(Fiber.join(feeding))).toBe(error)
      const taken = yield* backlog.take({
        room: () => 8,
        idle: () => true,
        served: () => true,
        own: () => undefined,
        took: () => {}
      })
      expect([taken.map(([id]) => id), begun()]).toEqual([[1], 1])
    }))

  it.scoped("sends nothing once the run is drained", () =>
    Effect.gen(function*() {
      let calls = 0
      const { answers, backlog, buffered, chunks } = yield* make((chunk) => {
        calls++
        return answerAll(chunk)
      })
      backlog.add(Chunks.entries(1))
      yield* Queue.take(answers)
      buffered.drain()
      backlog.add(Chunks.entries(2, 3))
      yield* Effect.yieldNow()
      yield* FiberSet.awaitEmpty(chunks)
      expect(calls).toBe(1)
    }))

  it.scoped("tells the run when a chunk fails with what is no loss", () =>
    Effect.gen(function*() {
      const { backlog, failed } = yield* make(() => Stream.fail(error))
      backlog.add(Chunks.entries(1))
      expect(yield* Deferred.await(failed)).toContain("PoolError")
    }))
})
