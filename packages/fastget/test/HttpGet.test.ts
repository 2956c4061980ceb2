import * as HttpGet from "#internal/http/HttpGet"
import type { RequestResult } from "#internal/http/RequestResult"
import { failed } from "#internal/http/RequestResult"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as ChunkContexts from "./ChunkContexts.js"
import * as FakeHttpClient from "./FakeHttpClient.js"

const target = ChunkContexts.target("http://a/x")

const complete = (context: ReturnType<typeof ChunkContexts.make>, first: RequestResult) =>
  Effect.suspend(() => HttpGet.complete(context, { target, index: 0, startedAt: performance.now() }, first))

const refused = (reason: { readonly retryAfter: number }) =>
  failed(target, { _tag: "Status", status: 429, snippet: "", ...reason })

/** A client that refuses so many requests, and then answers. */
const refusing = (times: number, headers: Record<string, string> = { "retry-after": "1" }) => {
  let requests = 0
  return {
    requests: () => requests,
    client: FakeHttpClient.make(() =>
      requests++ < times ? new Response("", { status: 429, headers }) : FakeHttpClient.json(requests)
    )
  }
}

/** Lets fibers run until they wait. */
const settle = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))

const after = (millis: number) => Effect.zipRight(Effect.zipRight(settle, TestClock.adjust(millis)), settle)

describe("HttpGet", () => {
  it.effect("is done where the first request ended in a body", () =>
    Effect.gen(function*() {
      const server = refusing(0)
      const body = new TextEncoder().encode("[1]")
      const first = { url: "http://a/x", status: 200, headers: {}, bytes: 3, result: Either.right(body) }
      expect(yield* complete(ChunkContexts.make(server.client), first))
        .toMatchObject({ attempts: 1, status: 200, result: { _tag: "Body", body } })
      expect(server.requests()).toBe(0)
    }))

  it.effect("waits as long as a 429 asks for, and asks again", () =>
    Effect.gen(function*() {
      const server = refusing(1)
      const context = ChunkContexts.make(server.client)
      const fiber = yield* Effect.fork(complete(context, refused({ retryAfter: 3000 })))
      yield* after(2999)
      expect([server.requests(), context.waitingFibers.size]).toEqual([0, 1])
      yield* after(1)
      expect(server.requests()).toBe(1)
      yield* after(1000)
      expect(yield* Fiber.join(fiber)).toMatchObject({ attempts: 3, status: 200 })
      expect(context.waitingFibers.size).toBe(0)
    }))

  it.effect("gives the last refusal when there are no retries left, in the settings or the budget", () =>
    Effect.gen(function*() {
      const server = refusing(9, { "retry-after": "0" })
      const context = ChunkContexts.make(server.client)
      expect(yield* complete(context, refused({ retryAfter: 0 })))
        .toMatchObject({ attempts: 3, status: 429, result: { reason: { status: 429 } } })
      const budget = { requested: () => {}, take: () => false }
      expect(yield* complete({ ...context, budget }, refused({ retryAfter: 0 }))).toMatchObject({ attempts: 1 })
    }))

  it.effect("does not wait for what can't come before the deadline", () =>
    Effect.gen(function*() {
      const server = refusing(0)
      const context = ChunkContexts.make(server.client, { settings: { deadline: 2000 } })
      expect(yield* complete(context, refused({ retryAfter: 2000 }))).toMatchObject({ attempts: 1 })
      expect(server.requests()).toBe(0)
    }))

  it.effect("measures the deadline by the Clock that its waits pass by", () =>
    Effect.gen(function*() {
      const server = refusing(9)
      const context = ChunkContexts.make(server.client, { settings: { deadline: 2500 } })
      const fiber = yield* Effect.fork(complete(context, refused({ retryAfter: 2000 })))
      yield* after(2000)
      // Another second would be beyond the deadline, so the answer is here.
      expect(yield* Fiber.join(fiber)).toMatchObject({ attempts: 2, status: 429 })
    }))

  it.effect("ends at the deadline with the last attempt that ended, or a time-out", () =>
    Effect.gen(function*() {
      const context = ChunkContexts.make(FakeHttpClient.make(() => Effect.never), {
        settings: { deadline: 500, timeout: 60_000 }
      })
      const retried = yield* Effect.fork(complete(context, refused({ retryAfter: 100 })))
      const redirected = yield* Effect.fork(complete(context, { location: ["/y"] }))
      yield* after(100)
      yield* after(400)
      expect(yield* Fiber.join(retried)).toMatchObject({ attempts: 2, result: { reason: { status: 429 } } })
      expect(yield* Fiber.join(redirected))
        .toMatchObject({ attempts: 1, result: { reason: { _tag: "Timeout", limit: 500 } } })
    }))

  it.effect("follows the redirect of the first request within the first attempt", () =>
    Effect.gen(function*() {
      const answer = yield* complete(ChunkContexts.make(), { location: ["/y"] })
      expect(answer).toMatchObject({ attempts: 1, status: 200 })
      expect(answer.result._tag === "Body" && new TextDecoder().decode(answer.result.body)).toBe(`{"path":"/y"}`)
    }))

  it.effect("answers for a client that interrupts its own fiber", () =>
    Effect.gen(function*() {
      const context = ChunkContexts.make(FakeHttpClient.make(() => Effect.interrupt))
      expect(yield* complete(context, refused({ retryAfter: 0 })))
        .toMatchObject({ attempts: 2, result: { reason: { _tag: "Transport" } } })
    }))
})
