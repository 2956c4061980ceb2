/**
 * When chunks are taken out of a client's run. The runs of the service here end
 * only when they are let, so that it shows who waits for that.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type * as FastGet from "fastget/FastGet"
import * as ClientRun from "../src/internal/runner/ClientRun.js"
import { OwnedChunk } from "../src/internal/runner/OwnedChunk.js"

const request: ClientRun.RunRequest = { options: {}, as: "json", withHeaders: false }

/** Adds a chunk of one entry. */
const begin = (run: ClientRun.ClientRun, chunk: number): void =>
  void run.add(chunk, (onTaken) => new OwnedChunk([`http://a.example/${chunk}`], onTaken))

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
        run.chunk(1)!.add(0, {
          result: { _tag: "Value", value: 1 },
          status: 200,
          headers: undefined,
          bytes: 1,
          attempts: 1,
          elapsed: 1,
          held: 1
        })
        yield* run.remove([1, 7])
        yield* TestClock.adjust(1000)
        expect([runs.length, runs[0]!.isOver, run.chunk(1)]).toEqual([1, false, undefined])
      })))
})
