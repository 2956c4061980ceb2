import * as OriginTable from "#internal/traffic/OriginTable"
import * as Batch from "#internal/wire/Batch"
import type { WireChunk } from "#internal/wire/Chunk"
import * as SharedBytes from "#internal/wire/SharedBytes"
import * as ChunkService from "#internal/worker/ChunkService"
import * as WorkerTraffic from "#internal/worker/WorkerTraffic"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { FastGetConfig } from "fastget"
import * as ChunkContexts from "./ChunkContexts.js"
import * as FakeHttpClient from "./FakeHttpClient.js"

const chunkOf = (urls: ReadonlyArray<string>, runId = 1): WireChunk => ({
  runId,
  as: "json",
  withHeaders: false,
  quick: true,
  drainable: false,
  settings: ChunkContexts.defaults,
  buffered: SharedBytes.make(2 ** 20).chunk(),
  urls
})

describe("ChunkService", () => {
  it.live("answers every entry of a chunk once, and ends", () =>
    Effect.gen(function*() {
      const serve = ChunkService.make(FakeHttpClient.echoPath)
      const statuses = new Map<number, number>()
      yield* Stream.runForEach(serve(chunkOf(["http://a/1", "no URL", "http://a/2"])), (batch) =>
        Effect.sync(() => Batch.unpack(batch, (index, { status }) => statuses.set(index, status))))
      expect([...statuses].sort()).toEqual([[0, 200], [1, 0], [2, 200]])
    }))

  it.live("shares the connections of an origin among all chunks", () =>
    Effect.gen(function*() {
      let atOnce = 0
      let most = 0
      const client = FakeHttpClient.make(() =>
        Effect.suspend(() => {
          most = Math.max(most, ++atOnce)
          return Effect.delay(Effect.sync(() => (atOnce--, FakeHttpClient.json(1))), 5)
        })
      )
      const limits = { ...FastGetConfig.defaults(1), connectionsPerOrigin: 2 }
      const table = OriginTable.make({ threads: 1, inAll: 100, isShared: false })
      const serve = ChunkService.make(client, {}, undefined, () => WorkerTraffic.over(limits, table, 1))
      const urls = ["http://a/1", "http://a/2", "http://a/3"]
      yield* Effect.forEach([1, 2, 3], (runId) => Stream.runDrain(serve(chunkOf(urls, runId))), {
        concurrency: "unbounded"
      })
      expect([most, atOnce]).toEqual([2, 0])
    }))

  it.live("interrupts the requests of a chunk whose stream nobody reads any more", () =>
    Effect.gen(function*() {
      let open = 0
      const client = FakeHttpClient.make(() =>
        Effect.suspend(() => (open++, Effect.onInterrupt(Effect.never, () => Effect.sync(() => open--))))
      )
      const serve = ChunkService.make(client)
      const fiber = yield* Effect.fork(Stream.runDrain(serve(chunkOf(["http://a/1", "http://a/2"]))))
      yield* Effect.sleep(10).pipe(Effect.repeat({ until: () => open === 2 }))
      yield* Fiber.interrupt(fiber)
      expect(open).toBe(0)
    }))
})
