import * as Batch from "#internal/wire/Batch"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Stream from "effect/Stream"
import type { FetchPool, Outcome } from "fastget"
import { FastGet, FastGetConfig } from "fastget"
import { Ticks } from "loopback"

const plain: Outcome.Answer = {
  result: { _tag: "Body", body: new TextEncoder().encode("1") },
  status: 200,
  headers: undefined,
  bytes: 1,
  attempts: 1,
  elapsed: 1,
  held: 0
}

/** A chunk at a worker. */
interface Held {
  readonly lost: Deferred.Deferred<never, FetchPool.WorkerLost>
}

/**
 * A worker that answers entries one by one, and ends when it comes to a URL
 * with "poison" in it: every chunk it has is lost then, as with a thread.
 */
const makeWorker = (onEnd: () => void): FetchPool.PoolWorker => {
  const held = new Set<Held>()
  const end = () => {
    onEnd()
    for (const { lost } of held) {
      const reason = { _tag: "WorkerLost", cause: "exit", exitCode: 1 } as const
      Deferred.unsafeDone(lost, Effect.fail(reason))
    }
  }
  return {
    ready: Effect.void,
    execute: ({ urls }) =>
      Stream.unwrapScoped(Effect.gen(function*() {
        const chunk: Held = { lost: Deferred.unsafeMake(FiberId.none) }
        yield* Effect.acquireRelease(
          Effect.sync(() => held.add(chunk)),
          () => Effect.sync(() => held.delete(chunk))
        )
        return Stream.fromIterable(urls.entries()).pipe(
          Stream.mapEffect(([index, url]) =>
            Effect.zipRight(
              Effect.yieldNow(),
              Effect.suspend(() => {
                if (!url.includes("poison")) return Effect.succeed(Batch.pack([[index, plain]], 0))
                end()
                return Effect.never
              })
            )
          ),
          Stream.interruptWhenDeferred(chunk.lost)
        )
      }))
  }
}

/**
 * A worker that ends each chunk's stream as if it were complete, and leaves out
 * every entry but the first, until it has done so `times` times.
 */
const makeTruncating = (times: number): FetchPool.PoolWorker => {
  let left = times
  return {
    ready: Effect.void,
    execute: ({ urls }) =>
      Stream.suspend(() => {
        const answered = left-- > 0 && urls.length > 1 ? 1 : urls.length
        return Stream.succeed(
          Batch.pack(urls.slice(0, answered).map((_, index) => [index, plain] as const), 0)
        )
      })
  }
}

/**
 * A worker that tells whom to blame for its ends, and holds every other chunk
 * innocent. It notes how many entries it has at once.
 */
const makeBlaming = (inside: { now: number; most: number }): FetchPool.PoolWorker => {
  const held = new Set<Held>()
  return {
    ready: Effect.void,
    execute: ({ urls }) =>
      Stream.unwrapScoped(Effect.gen(function*() {
        const chunk: Held = { lost: Deferred.unsafeMake(FiberId.none) }
        let unanswered = urls.length
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            held.add(chunk)
            inside.most = Math.max(inside.most, inside.now += urls.length)
          }),
          () =>
            Effect.sync(() => {
              held.delete(chunk)
              inside.now -= unanswered
            })
        )
        const end = (blame: number) => {
          for (const other of held) {
            const by = other === chunk ? blame : "elsewhere"
            Deferred.unsafeDone(other.lost, Effect.fail({ _tag: "WorkerLost", cause: "exit", blame: by } as const))
          }
        }
        return Stream.fromIterable(urls.entries()).pipe(
          Stream.mapEffect(([index, url]) =>
            Effect.zipRight(
              Effect.yieldNow(),
              Effect.suspend(() => {
                if (url.includes("poison")) {
                  end(index)
                  return Effect.never
                }
                unanswered--
                inside.now--
                return Effect.succeed(Batch.pack([[index, plain]], 0))
              })
            )
          ),
          Stream.interruptWhenDeferred(chunk.lost)
        )
      }))
  }
}

const serviceOf = (workers: ReadonlyArray<FetchPool.PoolWorker>, options: FastGetConfig.LayerOptions = {}) =>
  Effect.map(
    Effect.orDie(FastGetConfig.resolve({ logLevel: "None", ...options }, FastGetConfig.defaults(workers.length))),
    (settings) => FastGet.make({ workers, isYoung: () => false }, settings)
  )

const makeService = (workers: number, options: FastGetConfig.LayerOptions = {}, onEnd: () => void = () => {}) =>
  serviceOf(Array.from({ length: workers }, () => makeWorker(onEnd)), options)

const entriesOf = (count: number, poisonous: ReadonlySet<number>) =>
  Array.from({ length: count }, (_, n) => [n, `http://a/${poisonous.has(n) ? "poison" : n}`] as const)

/** How the entries ended: `lost` by id, all others with success; each once. */
const endsOf = (count: number, poisonous: ReadonlySet<number>) =>
  Effect.map(Stream.runCollect(FastGet.streamEither(entriesOf(count, poisonous))), (results) => ({
    ids: [...results].map(([id]) => id).sort((a, b) => a - b),
    lost: [...results].flatMap(([id, result]) => result._tag === "Left" ? [[id, result.left.reason._tag]] : []).sort()
  }))

const expected = (count: number, poisonous: ReadonlySet<number>) => ({
  ids: Array.from({ length: count }, (_, n) => n),
  lost: [...poisonous].map((id) => [id, "WorkerLost"]).sort()
})

describe("lost workers", () => {
  it("cost no entry but those that end workers, wherever these are", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.integer({ min: 1, max: 3 }),
        FastCheck.integer({ min: 1, max: 120 }),
        FastCheck.array(FastCheck.nat(119), { maxLength: 4 }),
        FastCheck.integer({ min: 1, max: 40 }),
        async (workers, count, positions, poolSubmitSize) => {
          const poisonous = new Set(positions.filter((n) => n < count))
          const ends = makeService(workers, { poolSubmitSize }).pipe(
            Effect.flatMap((service) => Effect.provideService(endsOf(count, poisonous), FastGet.FastGet, service))
          )
          expect(await Effect.runPromise(ends)).toEqual(expected(count, poisonous))
        }
      ),
      { numRuns: 60, seed: 11 }
    ))

  it.live("are few for one entry that ends them", () =>
    Effect.gen(function*() {
      let ends = 0
      const service = yield* makeService(1, {}, () => ends++)
      const poisonous = new Set([500])
      const result = yield* Effect.provideService(endsOf(1000, poisonous), FastGet.FastGet, service)
      expect(result).toEqual(expected(1000, poisonous))
      expect(ends).toBeLessThanOrEqual(20)
    }))

  it.live("cost another stream no entry, and end for both", () =>
    Ticks.ends(
      5000,
      "the end of both",
      Effect.gen(function*() {
        let ends = 0
        const service = yield* makeService(1, { poolSubmitSize: 8 }, () => ends++)
        const poisonous = new Set([20])
        const results = yield* Effect.all([endsOf(300, poisonous), endsOf(300, new Set()), endsOf(300, new Set())], {
          concurrency: "unbounded"
        }).pipe(Effect.provideService(FastGet.FastGet, service))
        expect(results).toEqual([expected(300, poisonous), expected(300, new Set()), expected(300, new Set())])
        expect(ends).toBeLessThanOrEqual(60)
      })
    ))

  it.live("that end a chunk as if it were complete have the entries they left out asked for again", () =>
    Effect.gen(function*() {
      const service = yield* serviceOf([makeTruncating(5), makeTruncating(5)], { poolSubmitSize: 16 })
      const result = yield* Effect.provideService(endsOf(300, new Set()), FastGet.FastGet, service)
      expect(result).toEqual(expected(300, new Set()))
    }))

  it.live("that say whom to blame cost no other entry, within the bound of concurrency", () =>
    Effect.gen(function*() {
      const inside = { now: 0, most: 0 }
      const workers = [makeBlaming(inside), makeBlaming(inside), makeBlaming(inside)]
      const service = yield* serviceOf(workers, { concurrency: 30 })
      const poisonous = new Set([3, 50, 51, 299])
      const result = yield* Effect.provideService(endsOf(300, poisonous), FastGet.FastGet, service)
      expect(result).toEqual(expected(300, poisonous))
      expect(inside.most).toBeLessThanOrEqual(30)
    }))

  it.live("end for two streams that both have entries which end them", () =>
    Ticks.ends(
      5000,
      "the end of both",
      Effect.gen(function*() {
        const service = yield* makeService(2, { poolSubmitSize: 8 })
        const [a, b] = [new Set([3, 20]), new Set([0, 50])]
        const results = yield* Effect.all([endsOf(100, a), endsOf(100, b)], { concurrency: "unbounded" }).pipe(
          Effect.provideService(FastGet.FastGet, service)
        )
        expect(results).toEqual([expected(100, a), expected(100, b)])
      })
    ))
})

describe("runs that are drained", () => {
  /** A run in the background, and its ids as they come. */
  const start = (service: FastGet.Service, count: number) =>
    Effect.gen(function*() {
      const drain = yield* Deferred.make<void>()
      const ids: Array<number> = []
      const outcomes = Stream.fromIterable(entriesOf(count, new Set())).pipe(
        FastGet.outcomes({ drain: Deferred.await(drain) }),
        Stream.runForEach(({ id }) => Effect.sync(() => ids.push(id))),
        Effect.provideService(FastGet.FastGet, service)
      )
      const fiber = yield* Effect.fork(outcomes)
      return {
        ids,
        drain: Deferred.succeed(drain, undefined),
        end: Ticks.ends(2000, "the end of the run", Fiber.join(fiber))
      }
    })

  const until = (condition: () => boolean): Effect.Effect<void> => {
    const look: Effect.Effect<void> = Effect.suspend(() => condition() ? Effect.void : Effect.delay(look, 1))
    return Ticks.ends(5000, "the condition", look)
  }

  it.live("are not called back for suspects of others, and leave their own where they are", () =>
    Effect.gen(function*() {
      const go = yield* Deferred.make<void>()
      let sent = 0
      let lost = 0
      const worker: FetchPool.PoolWorker = {
        ready: Effect.void,
        execute: ({ runId, urls }) =>
          Stream.suspend(() => {
            if (runId === 1) {
              lost += urls.length
              return Stream.fail({ _tag: "WorkerLost", cause: "exit" })
            }
            sent += urls.length
            const batch = Batch.pack(urls.map((_, index) => [index, plain] as const), 0)
            return Stream.fromEffect(Effect.as(Deferred.await(go), batch))
          })
      }
      const service = yield* serviceOf([worker], { concurrency: 1 })
      const first = yield* start(service, 3)
      yield* until(() => sent === 1)
      const second = yield* start(service, 3)
      yield* until(() => lost === 1)
      yield* first.drain
      // Time to be looked at more than twice by who waits to be alone.
      yield* Effect.sleep(250)
      yield* second.drain
      yield* second.end
      expect({ ids: second.ids, lost }).toEqual({ ids: [], lost: 1 })
      yield* Deferred.succeed(go, undefined)
      yield* first.end
      expect({ ids: first.ids, sent }).toEqual({ ids: [0], sent: 1 })
    }))

  it.live("give up nothing for lost that goes back, however often it was lost before, and send nothing again", () =>
    Effect.gen(function*() {
      const end = yield* Deferred.make<void>()
      let sent = 0
      const worker: FetchPool.PoolWorker = {
        ready: Effect.void,
        execute: () =>
          Stream.suspend(() =>
            // One more loss, and it would be given up.
            ++sent <= 3 ? Stream.fail({ _tag: "WorkerLost", cause: "exit" }) : Stream.execute(Deferred.await(end))
          )
      }
      const run = yield* start(yield* serviceOf([worker]), 1)
      yield* until(() => sent === 4)
      yield* run.drain
      yield* Effect.yieldNow()
      yield* Deferred.succeed(end, undefined)
      yield* run.end
      expect({ ids: run.ids, sent }).toEqual({ ids: [], sent: 4 })
    }))
})
