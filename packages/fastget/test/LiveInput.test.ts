import * as Batch from "#internal/wire/Batch"
import { expect, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import type { FetchPool, Outcome } from "fastget"
import { FastGet, FastGetConfig } from "fastget"

const plain: Outcome.Answer = {
  result: { _tag: "Body", body: new TextEncoder().encode("1") },
  status: 200,
  headers: undefined,
  bytes: 1,
  attempts: 1,
  elapsed: 1,
  held: 0
}

const ready: FetchPool.PoolWorker = {
  ready: Effect.void,
  execute: ({ urls }) => Stream.succeed(Batch.pack(urls.map((_, index) => [index, plain]), 0))
}

it.live("an input that gives some entries and is silent then has them all answered, and none kept for workers to come", () =>
  Effect.gen(function*() {
    const settings = yield* Effect.orDie(FastGetConfig.resolve({ logLevel: "None" }, FastGetConfig.defaults(3)))
    const starting = { ...ready, ready: Effect.never }
    const service = FastGet.make({ workers: [ready, starting, starting], isYoung: () => true }, settings)
    const entries = Stream.fromIterable([1, 2, 3].map((n) => [n, `http://a/${n}`] as const))
    const live = Stream.concat(entries, Stream.never)
    const answered = yield* FastGet.stream(live).pipe(
      Stream.take(3),
      Stream.runCollect,
      Effect.provideService(FastGet.FastGet, service)
    )
    expect(Chunk.toReadonlyArray(answered).map(([id]) => id).sort()).toEqual([1, 2, 3])
  }))
