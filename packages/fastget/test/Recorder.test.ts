import * as MadeResponse from "#internal/recording/MadeResponse"
import * as Recorder from "#internal/recording/Recorder"
import * as Redaction from "#internal/recording/Redaction"
import * as RequestLog from "#internal/recording/RequestLog"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as QuickGet from "fastget/platform/QuickGet"

/** Answers by the path: its text, its bytes, a failure, a defect, or nothing. */
const client = HttpClient.make((request, { pathname }) => {
  switch (pathname) {
    case "/bytes":
      return MadeResponse.make(request, {
        status: 200,
        headers: { "content-length": "2" },
        body: new Uint8Array([255, 0])
      })
    case "/none":
      return MadeResponse.make(request, { status: 204, headers: {}, body: "" })
    case "/reset":
      return MadeResponse.fail(request, { _tag: "Reset", bytes: 0, reused: false })
    case "/defect":
      return Effect.die(new Error("a client's mistake"))
    case "/never":
      return Effect.never
    default:
      return MadeResponse.make(request, { status: 200, headers: { "content-length": "11" }, body: "hello world" })
  }
})

const recorder = () => Recorder.make(client, Redaction.make({}))

describe("a client that records", () => {
  it.effect("answers what it notes, in the order of the requests, whatever ended first", () =>
    Effect.gen(function*() {
      const { client, exchanges } = recorder()
      const never = yield* Effect.fork(client.get("http://a/never"))
      yield* Effect.yieldNow()
      const text = yield* Effect.flatMap(client.get("http://a/text"), (response) => response.text)
      const bytes = yield* Effect.flatMap(client.get("http://a/bytes"), (response) => response.arrayBuffer)
      expect([text, [...new Uint8Array(bytes)]]).toEqual(["hello world", [255, 0]])
      expect((yield* client.get("http://a/none")).status).toBe(204)
      expect((yield* Effect.flip(client.get("http://a/reset")))._tag).toBe("RequestError")
      expect((yield* Effect.flip(client.get("http://a/defect"))).cause).toMatchObject({ reason: { _tag: "Transport" } })
      expect(exchanges()[0]).toEqual({ url: "http://a/never", givenUp: true })
      yield* Fiber.interrupt(never)
      expect(exchanges()).toMatchObject([
        { url: "http://a/never", givenUp: true },
        { url: "http://a/text", status: 200, headers: {}, body: "hello world" },
        { url: "http://a/bytes", status: 200, body: "/wA=", encoding: "base64" },
        { url: "http://a/none", status: 204, body: "" },
        { url: "http://a/reset", failure: { _tag: "Reset", bytes: 0, reused: false } },
        { url: "http://a/defect", failure: { _tag: "Transport" } }
      ])
    }))

  it.effect("reads no more of a body than its chunk allows, and says how long the body is that it did not read", () =>
    Effect.gen(function*() {
      const { client, exchanges } = recorder()
      const limits = { timeout: 1000, deadline: 1000, maxBodyBytes: 5, kept: false }
      yield* Effect.provideService(client.get("http://a/text"), QuickGet.ChunkLimits, limits)
      expect(exchanges()).toEqual([{
        url: "http://a/text",
        status: 200,
        headers: { "content-length": "11" },
        body: ""
      }])
    }))
})

describe("a log of requests", () => {
  it.effect("has each that was made, oldest first", () =>
    Effect.gen(function*() {
      const log = RequestLog.make(client)
      yield* log.client.get("http://a/1", { headers: { "X-A": "1" } })
      const before = log.all()
      yield* log.client.get("http://a/2")
      expect(before.map(({ headers, url }) => [url.href, headers["x-a"]])).toEqual([["http://a/1", "1"]])
      expect(log.all().map(({ url }) => url.pathname)).toEqual(["/1", "/2"])
    }))
})
