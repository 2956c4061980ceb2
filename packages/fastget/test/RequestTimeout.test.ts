import type { RequestResult } from "#internal/http/RequestResult"
import { failed } from "#internal/http/RequestResult"
import * as RequestTimeout from "#internal/http/RequestTimeout"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as QuickGet from "fastget/platform/QuickGet"
import * as ChunkContexts from "./ChunkContexts.js"

const target = ChunkContexts.target("http://a/")

const timeout = (limit: number) => failed(target, { _tag: "Timeout", phase: "total", limit })

describe("RequestTimeout", () => {
  it.effect("ends a request when its time is over, and tells the limit that was set", () =>
    Effect.gen(function*() {
      const request = RequestTimeout.within(ChunkContexts.make(), target, Effect.never, 400)
      const fiber = yield* Effect.fork(request)
      yield* TestClock.adjust(399)
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(fiber)).toEqual(timeout(1000))
    }))

  it.effect("leaves the time to a client that keeps it, and tells it how much is left", () =>
    Effect.gen(function*() {
      const context = ChunkContexts.make(undefined, { keepsLimits: true })
      const request = Effect.map(
        Effect.serviceOption(QuickGet.ChunkLimits),
        (limits): RequestResult => timeout(limits._tag === "Some" ? limits.value.timeout : 0)
      )
      expect(yield* RequestTimeout.within(context, target, request, 400)).toEqual(timeout(1000))
      const endless = yield* Effect.fork(RequestTimeout.within(context, target, Effect.never, 400))
      yield* TestClock.adjust(10_000)
      expect(yield* Fiber.poll(endless)).toMatchObject({ _tag: "None" })
    }))

  it("changes only the time-out of the time that was left", () => {
    expect(RequestTimeout.tellWholeLimit(timeout(300), 400, 1000)).toEqual(timeout(300))
    const redirected = { location: ["/"] }
    expect(RequestTimeout.tellWholeLimit(redirected, 400, 1000)).toBe(redirected)
  })

  it("tells the shorter one of an attempt's time and the entry's for a first request", () => {
    const context = ChunkContexts.make(undefined, { settings: { deadline: 70 } })
    expect(RequestTimeout.timedOut(context, target)).toEqual(timeout(70))
  })
})
