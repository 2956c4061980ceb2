/**
 * The chunks of a run: when they are taken out, when they hold all bytes, and
 * when the run is over. The service is made by hand, so that it shows who waits
 * for what.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type * as FastGet from "fastget/FastGet"
import * as ClientRun from "../src/internal/runner/ClientRun.js"
import * as ClientRuns from "../src/internal/runner/ClientRuns.js"
import { OwnedChunk } from "../src/internal/runner/OwnedChunk.js"
import { StoredChunk } from "../src/internal/runner/StoredChunk.js"
import { answer } from "./support.js"

const request: ClientRun.RunRequest = { options: {}, as: "json", withHeaders: false }

/** Adds a chunk of one entry. */
const begin = (run: ClientRun.ClientRun, chunk: number): void =>
  void run.add(chunk, (room) => new OwnedChunk([`http://a.example/${chunk}`], room))

/** A run with these chunks, and what was asked for in each of its beginnings. */
const make = (chunks: ReadonlyArray<number>) =>
  Effect.gen(function*() {
    const mayEnd = yield* Effect.makeLatch(false)
    const runs: Array<{ readonly urls: Array<string>; isOver: boolean }> = []
    const service = {
      run: ({ entries }: { readonly entries: Stream.Stream<readonly [unknown, string]> }) =>
        Stream.unwrapScoped(Effect.gen(function*() {
          const run = { urls: [] as Array<string>, isOver: false }
          runs.push(run)
          yield* Effect.addFinalizer(() => Effect.zipRight(mayEnd.await, Effect.sync(() => (run.isOver = true))))
          return Stream.drain(Stream.tap(entries, ([, url]) => Effect.sync(() => run.urls.push(url))))
        })),
      traffic: () => []
    } as unknown as FastGet.Service
    const run = yield* ClientRun.make(service, request)
    for (const chunk of chunks) begin(run, chunk)
    yield* TestClock.adjust(1)
    return { mayEnd, run, runs }
  })

/** Uses such a run. Afterwards it may end, so that a test that fails ends, too. */
const using = (
  chunks: ReadonlyArray<number>,
  use: (made: Effect.Effect.Success<ReturnType<typeof make>>) => Effect.Effect<void>
) => Effect.flatMap(make(chunks), (made) => Effect.ensuring(use(made), made.mayEnd.open))

describe("chunks that are taken out of a run", () => {
  it.scoped("have no request any more when each of those who take some out goes on", () =>
    using([1, 2, 3], ({ mayEnd, run, runs }) =>
      Effect.gen(function*() {
        const wasOver: Array<boolean> = []
        const remove = (chunk: number) =>
          Effect.fork(Effect.zipRight(run.remove([chunk]), Effect.sync(() => wasOver.push(runs[0]!.isOver))))
        const first = yield* remove(1)
        const second = yield* remove(2)
        yield* TestClock.adjust(1000)
        expect([runs[0]!.isOver, wasOver]).toEqual([false, []])
        yield* mayEnd.open
        yield* Fiber.join(Fiber.zip(first, second))
        expect(wasOver).toEqual([true, true])
        yield* TestClock.adjust(100)
        expect(runs.map(({ urls }) => urls)).toEqual([
          ["http://a.example/1", "http://a.example/2", "http://a.example/3"],
          ["http://a.example/3"]
        ])
      })))

  it.scoped("that come while the run is stopped are asked for when it begins anew", () =>
    using([1], ({ mayEnd, run, runs }) =>
      Effect.gen(function*() {
        const removing = yield* Effect.fork(run.remove([1]))
        yield* TestClock.adjust(1)
        begin(run, 2)
        yield* mayEnd.open
        yield* Fiber.join(removing)
        yield* TestClock.adjust(100)
        expect(runs.map(({ urls }) => urls)).toEqual([["http://a.example/1"], ["http://a.example/2"]])
      })))

  it.scoped("and that are unknown, or have all their answers, stop nothing", () =>
    using([1], ({ run, runs }) =>
      Effect.gen(function*() {
        run.chunk(1)!.add(0, answer("1"))
        yield* run.remove([1, 7])
        yield* TestClock.adjust(1000)
        expect([runs.length, runs[0]!.isOver, run.chunk(1)]).toEqual([1, false, undefined])
      })))
})

interface Asked {
  readonly entries: Stream.Stream<readonly [place: readonly [chunk: unknown, index: number], url: string]>
  readonly emit: (place: unknown, url: string, result: undefined, answer: unknown) => unknown
}

describe("stored chunks of a run", () => {
  it.scoped("give their bytes back where together they have all that may wait, and none of them is complete", () =>
    Effect.gen(function*() {
      const count = 80
      const large = answer(600 * 1024)
      const service = {
        // The first entry of each chunk is answered before the second of any: 47 MiB.
        run: ({ emit, entries }: Asked) =>
          Stream.unwrap(Effect.map(Stream.runCollect(Stream.take(entries, 2 * count)), (all) => {
            const inTurn = Chunk.toArray(all).sort(([[, a]], [[, b]]) => a - b)
            return Stream.rechunk(
              Stream.fromIterable(inTurn.map(([place, url]) => emit(place, url, undefined, large))),
              1
            )
          })),
        traffic: () => []
      } as unknown as FastGet.Service
      const run = yield* ClientRun.make(service, request)
      const written = Array.from({ length: count }, () => 0)
      const write = (n: number) =>
        Effect.gen(function*() {
          const chunk = run.add(n, (room) => new StoredChunk([`http://a.example/${n}`, `http://b.example/${n}`], room))
          const count = (answers: ReadonlyArray<unknown>) =>
            Effect.sync(() => {
              written[n]! += answers.length
              return answers.length === 0 || written[n] === 2
            })
          yield* Effect.repeat(chunk.next(count), { until: (isEnd) => isEnd })
        })
      yield* Effect.fork(Effect.forEach(written, (_, n) => write(n), { concurrency: "unbounded" }))
      yield* TestClock.adjust(1000)
      expect(written).toEqual(written.map(() => 2))
    }))
})

describe("a run that is over", () => {
  const over = { run: () => Stream.empty, traffic: () => [] } as unknown as FastGet.Service

  it.scoped("ends a chunk that is added to it", () =>
    Effect.gen(function*() {
      const run = yield* ClientRun.make(over, request)
      yield* TestClock.adjust(1)
      expect(run.isOver()).toBe(true)
      const chunk = run.add(1, (room) => new StoredChunk(["http://a.example"], room))
      expect(yield* chunk.next(Effect.succeed)).toEqual([])
      yield* run.remove([1])
    }))

  it.scoped("is followed by another one, and its chunks end", () =>
    Effect.gen(function*() {
      const runs = yield* ClientRuns.make(over)
      const name = { client: "a", run: 1 }
      const first = yield* runs.join(name, () => request)
      expect(yield* runs.join(name, () => request)).toBe(first)
      const chunk = first.add(1, (room) => new StoredChunk(["http://a.example"], room))
      yield* TestClock.adjust(1)
      const second = yield* runs.join(name, () => request)
      expect([second === first, runs.find(name) === second]).toEqual([false, true])
      expect(yield* chunk.next(Effect.succeed)).toEqual([])
    }))
})
