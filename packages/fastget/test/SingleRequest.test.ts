import type { RequestResult } from "#internal/http/RequestResult"
import { isRedirected } from "#internal/http/RequestResult"
import * as SingleRequest from "#internal/http/SingleRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as ChunkContexts from "./ChunkContexts.js"
import * as FakeHttpClient from "./FakeHttpClient.js"

const target = ChunkContexts.target("http://a/x")

const send = (client: Parameters<typeof ChunkContexts.make>[0]) =>
  SingleRequest.send(ChunkContexts.make(client), target, { "x-a": "1" })

const endOf = (result: RequestResult) => isRedirected(result) ? result.location : ChunkContexts.endOf(result)

describe("SingleRequest", () => {
  it.effect("sends the caller's headers, and reads the response to its end", () =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make((request) => FakeHttpClient.json([request.url, request.headers["x-a"]]))
      expect(endOf(yield* send(client))).toBe(`["http://a/x","1"]`)
    }))

  it.effect("gives a redirect as one, and follows none", () =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make(() => new Response(null, { status: 302, headers: { location: "/y" } }))
      expect(endOf(yield* send(client))).toEqual(["/y"])
    }))

  it.effect("reads no body whose announced length is beyond the limit, or is no number", () =>
    Effect.gen(function*() {
      for (const length of ["1001", "many"]) {
        const client = FakeHttpClient.make(() => new Response("[1]", { headers: { "content-length": length } }))
        expect(yield* send(client)).toMatchObject({ bytes: 0, status: 200 })
        expect(endOf(yield* send(client))).toBe("TooLarge")
      }
    }))

  it.effect("makes a reason of a client's defect", () =>
    Effect.gen(function*() {
      expect(endOf(yield* send(FakeHttpClient.make(() => Effect.die(new Error("broken")))))).toBe("Transport")
    }))

  it.effect("can be interrupted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(send(FakeHttpClient.make(() => Effect.never)))
      yield* Effect.yieldNow()
      expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
    }))
})
