import * as Attempt from "#internal/http/Attempt"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as ChunkContexts from "./ChunkContexts.js"
import * as FakeHttpClient from "./FakeHttpClient.js"
import * as Gates from "./Gates.js"

const first = { target: ChunkContexts.target("http://a/0"), callerHeaders: {} }

const observer = () => {
  const seen: Array<string> = []
  return {
    seen,
    onStart: () => void seen.push("start"),
    onWaiting: (isWaiting: boolean) => void seen.push(isWaiting ? "waiting" : "sent"),
    onSentBack: () => void seen.push("sent back"),
    onDown: () => void seen.push("down"),
    refusals: () => 0,
    rank: () => "fresh" as const
  }
}

/** Redirects from each path to the next number, up to the last; each request takes so long. */
const chain = (last: number, millis = 0) =>
  FakeHttpClient.make((_, url) => {
    const n = Number(url.pathname.slice(1))
    return Effect.delay(
      Effect.sync(() =>
        n < last
          ? new Response(null, { status: 302, headers: { location: `/${n + 1}` } })
          : FakeHttpClient.json(n)
      ),
      millis
    )
  })

describe("Attempt", () => {
  it.live("follows redirects to the end, and tells its start once and each wait", () =>
    Effect.gen(function*() {
      const told = observer()
      const end = yield* Attempt.start(ChunkContexts.make(chain(2)), first, told)
      expect([end.url, ChunkContexts.endOf(end)]).toEqual(["http://a/2", "2"])
      expect(told.seen).toEqual(["waiting", "sent", "start", "waiting", "sent", "waiting", "sent"])
    }))

  it.live("ends where there are more redirects than it may follow", () =>
    Effect.gen(function*() {
      const context = ChunkContexts.make(chain(9), { settings: { maxRedirects: 2 } })
      expect(ChunkContexts.endOf(yield* Attempt.start(context, first, observer()))).toBe("Redirect")
    }))

  it.live("goes on from a redirect that came before, which counts as one of its requests", () =>
    Effect.gen(function*() {
      const told = observer()
      const context = ChunkContexts.make(chain(2), { settings: { maxRedirects: 1 } })
      const end = yield* Attempt.resume(context, first, { location: ["/1"] }, 1000, told)
      expect(ChunkContexts.endOf(end)).toBe("Redirect")
      expect(told.seen).toEqual(["waiting", "sent"])
    }))

  it.effect("gives its requests the time of one attempt together", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Attempt.start(ChunkContexts.make(chain(9, 400)), first, observer()))
      yield* TestClock.adjust(999)
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(fiber)).toMatchObject({
        url: "http://a/2",
        result: { left: { _tag: "Timeout", limit: 1000 } }
      })
    }))

  it.effect("does not count the wait for a permit as its time", () =>
    Effect.gen(function*() {
      const gate = Gates.make(1)
      const context = ChunkContexts.make(chain(0), { gate })
      gate.acquire("http://a", context.bytes, () => {})
      const fiber = yield* Effect.fork(Attempt.start(context, first, observer()))
      yield* TestClock.adjust(10_000)
      gate.release("http://a")
      yield* TestClock.adjust(1)
      expect(ChunkContexts.endOf(yield* Fiber.join(fiber))).toBe("0")
    }))

  it.effect("counts a body that is under way, and leaves nothing counted", () =>
    Effect.gen(function*() {
      const count = SharedBytes.make(2 ** 20)
      const bytes = SharedBytes.join(1, count.chunk())
      bytes.learn(80)
      const context = ChunkContexts.make(chain(0, 100), { bytes })
      const fiber = yield* Effect.fork(Attempt.start(context, first, observer()))
      yield* TestClock.adjust(50)
      expect(count.held()).toBe(10)
      yield* TestClock.adjust(50)
      yield* Fiber.join(fiber)
      expect(count.held()).toBe(0)
    }))
})
