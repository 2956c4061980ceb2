import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as CliError from "../../src/CliError.js"
import * as RecordWriter from "../../src/output/RecordWriter.js"
import type { Sink } from "../../src/output/Sink.js"

/** A sink that keeps what is written. */
const memory = (before: Effect.Effect<void, CliError.ReaderGone> = Effect.void) => {
  const written: Array<string> = []
  const sink: Sink = {
    write: (bytes) => Effect.zipRight(before, Effect.sync(() => void written.push(bytes.toString()))),
    sync: Effect.sync(() => void written.push("(sync)"))
  }
  return { sink, written }
}

const counts = () => {
  const all = { bytes: 0, millis: 0 }
  return {
    all,
    written: (bytes: number) => void (all.bytes += bytes),
    consumerWaited: (millis: number) => void (all.millis += millis)
  }
}

describe("RecordWriter", () => {
  it.effect("writes failures behind successes where there is one sink, and apart where there are two", () =>
    Effect.gen(function*() {
      const [one, two, errors, statistics] = [memory(), memory(), memory(), counts()]
      const single = yield* RecordWriter.make({ sink: one.sink, errors: undefined }, statistics)
      yield* single.write("good\n", "bad\n")
      const both = yield* RecordWriter.make({ sink: two.sink, errors: errors.sink }, statistics)
      yield* both.write("good\n", "bad\n")
      yield* both.write("", "worse\n")
      expect([one.written, two.written, errors.written]).toEqual([["good\nbad\n"], ["good\n"], ["bad\n", "worse\n"]])
      expect(statistics.all.bytes).toBe(24)
      yield* both.sync
      expect([two.written.at(-1), errors.written.at(-1)]).toEqual(["(sync)", "(sync)"])
    }))

  it.effect("makes one write at a time, and says since when it waits", () =>
    Effect.gen(function*() {
      const taken = yield* Deferred.make<void>()
      const { sink, written } = memory(Deferred.await(taken))
      const writer = yield* RecordWriter.make({ sink, errors: undefined }, counts())
      expect(writer.waitsSince()).toBeUndefined()
      const first = yield* Effect.fork(writer.write("first", ""))
      const second = yield* Effect.fork(writer.write("second", ""))
      yield* Effect.yieldNow()
      expect(writer.waitsSince()).toBeLessThanOrEqual(performance.now())
      yield* Deferred.succeed(taken, undefined)
      yield* Fiber.join(Fiber.zip(first, second))
      expect(written).toEqual(["first", "second"])
      expect(writer.waitsSince()).toBeUndefined()
    }))

  it.effect("waits no longer once a write has failed", () =>
    Effect.gen(function*() {
      const { sink } = memory(new CliError.ReaderGone())
      const statistics = counts()
      const writer = yield* RecordWriter.make({ sink, errors: undefined }, statistics)
      expect((yield* Effect.flip(writer.write("a", "")))._tag).toBe("ReaderGone")
      expect([writer.waitsSince(), statistics.all.bytes]).toEqual([undefined, 0])
    }))
})
