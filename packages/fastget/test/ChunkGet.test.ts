import type { ChunkContext } from "#internal/http/ChunkContext"
import type { WireChunk } from "#internal/wire/Chunk"
import * as SharedBytes from "#internal/wire/SharedBytes"
import * as ChunkGet from "#internal/worker/ChunkGet"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Outcome } from "fastget"
import type * as QuickGet from "fastget/platform/QuickGet"
import * as Target from "fastget/platform/Target"
import * as ChunkContexts from "./ChunkContexts.js"
import * as FakeHttpClient from "./FakeHttpClient.js"

/** A writer that keeps what it is given. */
const makeWriter = () => {
  const answers = new Map<number, Outcome.Answer>()
  const counts = { started: 0, leftOut: 0 }
  return {
    answers,
    counts,
    close: () => {},
    started: () => void counts.started++,
    add: (index: number, answer: Outcome.Answer) => void answers.set(index, answer),
    leaveOut: () => void counts.leftOut++
  }
}

const getAll = (
  context: ChunkContext,
  urls: ReadonlyArray<string>,
  writer: ReturnType<typeof makeWriter>,
  quickGet?: QuickGet.QuickGet,
  drainable = false
) => {
  const chunk: WireChunk = {
    runId: 1,
    as: context.as,
    withHeaders: false,
    quick: true,
    drainable,
    settings: context.settings,
    buffered: SharedBytes.make(2 ** 20).chunk(),
    urls
  }
  return ChunkGet.getAll(chunk, context, Target.parseUrl, quickGet, writer)
}

const urls = ["http://a/1", "http://user:x@a/2", "no URL", "http://a/3"]

/** A quick path that answers later, and counts. */
const makeQuick = (end: QuickGet.Answered | QuickGet.Failed) => {
  const paths: Array<string> = []
  const quickGet: QuickGet.QuickGet = (_, path, __, ___, done) => {
    paths.push(path)
    const timer = setTimeout(() => done(end), 1)
    return { cancel: () => clearTimeout(timer) }
  }
  return { paths, quickGet }
}

const body = new TextEncoder().encode("[1]")
const answered = { _tag: "Answered", status: 200, body, bytes: 3, headers: () => ({}) } as const

const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => condition() ? Effect.void : Effect.delay(until(condition), 1))

describe("ChunkGet", () => {
  it.live("answers each entry, by the quick path where its URL has no userinfo", () =>
    Effect.gen(function*() {
      const writer = makeWriter()
      const { paths, quickGet } = makeQuick(answered)
      yield* getAll(ChunkContexts.make(), urls, writer, quickGet)
      expect(paths).toEqual(["/1", "/3"])
      expect([...writer.answers].sort().map(([index, { status }]) => [index, status]))
        .toEqual([[0, 200], [1, 200], [2, 0], [3, 200]])
      expect(writer.counts).toEqual({ started: 4, leftOut: 0 })
    }))

  it.live("retries over the client what the quick path did not end in a body", () =>
    Effect.gen(function*() {
      const writer = makeWriter()
      const { quickGet } = makeQuick({ ...answered, status: 429, headers: () => ({ "retry-after": "0" }) })
      yield* getAll(ChunkContexts.make(), ["http://a/1"], writer, quickGet)
      expect(writer.answers.get(0)).toMatchObject({ status: 200, attempts: 2 })
    }))

  it.live("leaves out what waits for a request of a drained run, and ends", () =>
    Effect.gen(function*() {
      const count = SharedBytes.make(2 ** 20)
      const writer = makeWriter()
      const go = yield* Deferred.make<void>()
      let underWay = 0
      const client = FakeHttpClient.make((_, url) =>
        url.pathname === "/late"
          ? new Response("", { status: 503, headers: { "retry-after": "50" } })
          : Effect.suspend(() => (underWay++, Effect.as(Deferred.await(go), FakeHttpClient.json(1))))
      )
      const context = ChunkContexts.make(client, {
        bytes: SharedBytes.join(1, count.chunk()),
        settings: { timeout: 60_000 }
      })
      const all = ["http://b/late", "http://a/1", "http://a/2", "http://a/3"]
      const fiber = yield* Effect.fork(getAll(context, all, writer, undefined, true))
      yield* until(() => underWay === 2 && context.waitingFibers.size === 1)
      count.drain()
      yield* until(() => writer.counts.leftOut === 2)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(fiber)
      expect([...writer.answers.keys()].sort()).toEqual([1, 2])
      expect(writer.counts.leftOut).toBe(2)
    }))

  it.live("releases permits and closes exchanges when it is interrupted", () =>
    Effect.gen(function*() {
      let open = 0
      const quickGet: QuickGet.QuickGet = () => {
        open++
        return { cancel: () => void open-- }
      }
      const context = ChunkContexts.make()
      const fiber = yield* Effect.fork(
        getAll(context, ["http://a/1", "http://a/2", "http://a/3"], makeWriter(), quickGet)
      )
      yield* until(() => open === 2)
      yield* Fiber.interrupt(fiber)
      expect(open).toBe(0)
      let started = 0
      for (let n = 0; n < 3; n++) context.gate.acquire("http://a", context.bytes, () => started++)
      expect(started).toBe(2)
    }))
})
