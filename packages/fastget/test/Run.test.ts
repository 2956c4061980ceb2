import { ExclusiveAccess } from "#internal/run/ExclusiveAccess"
import * as Run from "#internal/run/Run"
import * as RunLog from "#internal/run/RunLog"
import type { WireChunk } from "#internal/wire/Chunk"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { Entry, FetchPool } from "fastget"
import { FastGetConfig, Outcome, PoolError } from "fastget"
import * as Chunks from "./Chunks.js"

const error = new PoolError.PoolError({ reason: { _tag: "Closed" } })

const answerAll = (chunk: WireChunk) => Stream.succeed(Chunks.batch(chunk.urls.map((_, index) => index)))

const worker = (
  execute: FetchPool.PoolWorker["execute"] = answerAll,
  ready: FetchPool.PoolWorker["ready"] = Effect.void
): FetchPool.PoolWorker => ({ execute, ready })

/** The ids that a run emits over these workers. */
const run = <E = never>(
  workers: ReadonlyArray<FetchPool.PoolWorker>,
  entries: Entry.Entries<number, E>,
  { drain, ...settings }: Partial<FastGetConfig.Settings> & { readonly drain?: Effect.Effect<void> } = {}
) =>
  Run.stream<number, unknown, number, E, never, never>({
    logged: true,
    runId: 1,
    pool: { workers, isYoung: () => false },
    slots: workers.map((worker) => ({ worker, access: new ExclusiveAccess() })),
    entries,
    as: "json",
    withHeaders: false,
    failFast: false,
    log: RunLog.silent,
    settings: { ...FastGetConfig.defaults(workers.length), ...settings },
    decode: (result) => Outcome.decode(result, "json"),
    emit: (id, _, result) => Either.isRight(result) ? id : -id,
    ...(drain === undefined ? undefined : { drain })
  })

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

describe("a run", () => {
  it.live("emits each entry once, and keeps every worker busy", () =>
    Effect.gen(function*() {
      const chunks = [0, 0, 0]
      const workers = chunks.map((_, index) =>
        worker((chunk) => {
          chunks[index]!++
          return answerAll(chunk)
        })
      )
      const ids = yield* Stream.runCollect(run(workers, Chunks.entries(...upTo(5000))))
      expect([...ids].sort((a, b) => a - b)).toEqual(upTo(5000))
      expect(chunks.every((count) => count > 0)).toBe(true)
    }))

  it.live("takes no more of its input than queueMaxSize before its consumer takes something", () =>
    Effect.gen(function*() {
      let taken = 0
      const entries = Stream.mapEffect(
        Stream.fromIterable(Chunks.entries(...upTo(100))),
        (entry) =>
          Effect.sync(() => {
            taken++
            return entry
          })
      )
      const most: Array<number> = []
      let left = 0
      yield* run([worker()], Stream.rechunk(entries, 1), { queueMaxSize: 7 }).pipe(
        Stream.mapChunksEffect((chunk) =>
          Effect.sync(() => {
            most.push(taken - left)
            left += chunk.length
            return chunk
          })
        ),
        Stream.runDrain
      )
      expect(left).toBe(100)
      expect(Math.max(...most)).toBeLessThanOrEqual(7)
    }))

  it.live("ends with the failure of its input, after what was taken before", () =>
    Effect.gen(function*() {
      const ids: Array<number> = []
      const entries = Stream.concat(Stream.fromIterable(Chunks.entries(1, 2)), Stream.fail("broken"))
      const exit = yield* Effect.exit(
        Stream.runForEach(run([worker()], entries), (id) => Effect.sync(() => ids.push(id)))
      )
      expect([ids.sort(), exit]).toEqual([[1, 2], Exit.fail("broken")])
    }))

  it.live("goes on with the workers that are left, and fails with the error of the last", () =>
    Effect.gen(function*() {
      const broken = worker(answerAll, Effect.fail(error))
      expect([...yield* Stream.runCollect(run([broken, worker()], Chunks.entries(1, 2)))].sort()).toEqual([1, 2])
      expect(yield* Effect.flip(Stream.runDrain(run([broken, broken], Chunks.entries(1, 2))))).toBe(error)
    }))

  it.live("that is drained takes nothing more, and ends with what is under way", () =>
    Effect.gen(function*() {
      const drain = yield* Deferred.make<void>()
      const answer = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      let chunks = 0
      const slow = worker((chunk) => {
        chunks++
        Deferred.unsafeDone(begun, Exit.void)
        return Stream.unwrap(Effect.as(Deferred.await(answer), answerAll(chunk)))
      })
      const ids = yield* Effect.fork(Stream.runCollect(
        run([slow], Chunks.entries(...upTo(50)), { drain: Deferred.await(drain), concurrency: 1 })
      ))
      yield* Deferred.await(begun)
      yield* Deferred.succeed(drain, undefined)
      // The run is to hear of it before the answer comes.
      for (let n = 0; n < 10; n++) yield* Effect.yieldNow()
      yield* Deferred.succeed(answer, undefined)
      expect([...yield* ids.await.pipe(Effect.flatten)]).toEqual([1])
      expect(chunks).toBe(1)
    }))

  it.live("interrupts its chunks when its consumer has enough", () =>
    Effect.gen(function*() {
      let open = 0
      const holding = worker((chunk) =>
        Stream.concat(
          Stream.succeed(Chunks.batch([0], chunk.urls.length)),
          Stream.execute(Effect.acquireUseRelease(
            Effect.sync(() => open++),
            () => Effect.never,
            () => Effect.sync(() => open--)
          ))
        )
      )
      const ids = yield* Stream.runCollect(Stream.take(run([holding], Chunks.entries(1, 2, 3)), 1))
      expect([[...ids], open]).toEqual([[1], 0])
    }))
})
