/** What `FastGet.outcomes` takes beside the options of a stream: `parse`, `withHeaders`, `drain`. */
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { FastGet, type FastGetConfig, Json } from "fastget"
import * as FakeHttpClient from "./FakeHttpClient.js"

const one = [[1, "http://a.example/"]] as const

const over = (body: string, options: FastGetConfig.InProcessOptions = {}) =>
  Effect.provide(
    FakeHttpClient.layerFastGet(FakeHttpClient.make(() => new Response(body, { headers: { "x-a": "1" } })), {
      retry: { times: 0 },
      ...options
    })
  )

const checked = (text: string) => Either.map(Json.parse(text), () => text)

describe("parse", () => {
  const resultOf = (parse: FastGet.WithParse<unknown>["parse"]) =>
    Effect.map(Stream.runCollect(FastGet.outcomes(one, { parse })), (all) => Chunk.unsafeHead(all).result)

  it.effect("gets the text as the server wrote it", () =>
    Effect.gen(function*() {
      const body = `{ "n": 12345678901234567890 }`
      expect(yield* over(body)(resultOf(checked))).toEqual(Either.right(body))
    }))

  it.effect("gets null of an empty body, where that is allowed", () =>
    Effect.gen(function*() {
      expect(yield* over("", { emptyBody: "null" })(resultOf(checked))).toEqual(Either.right("null"))
      expect(yield* over("")(resultOf(checked))).toMatchObject({ left: { reason: { _tag: "EmptyBody" } } })
    }))

  it.effect("makes its reason the entry's failure, and a bug in it, too", () =>
    Effect.gen(function*() {
      expect(yield* over("<html>")(resultOf(checked))).toMatchObject({ left: { reason: { _tag: "Decode" } } })
      const bug = resultOf(() => {
        throw new Error("bug")
      })
      expect(yield* over("{}")(bug)).toMatchObject({
        left: { reason: { _tag: "Decode", problem: "thrown", where: "parse" } }
      })
    }))

  it.effect("is not called for an entry that failed before", () =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make(() => new Response("{}", { status: 404 }))
      let calls = 0
      const parse = (text: string) => {
        calls++
        return Either.right(text)
      }
      const result = yield* resultOf(parse).pipe(Effect.provide(FakeHttpClient.layerFastGet(client)))
      expect(result).toMatchObject({ left: { reason: { _tag: "Status", status: 404 } } })
      expect(calls).toBe(0)
    }))
})

describe("withHeaders", () => {
  it.effect("leaves the headers of answers out where it is false", () =>
    Effect.gen(function*() {
      const headersOf = (options: FastGet.AsJson) =>
        Effect.map(Stream.runCollect(FastGet.outcomes(one, options)), (all) => Chunk.unsafeHead(all).headers)
      expect(yield* over("{}")(headersOf({}))).toMatchObject({ "x-a": "1" })
      expect(yield* over("{}")(headersOf({ withHeaders: false }))).toEqual({})
    }))
})

describe("drain", () => {
  it.effect("ends the stream with what is under way, and leaves the rest without outcomes", () =>
    Effect.gen(function*() {
      const drain = yield* Deferred.make<void>()
      const asked = yield* Deferred.make<void>()
      const answer = yield* Deferred.make<void>()
      const client = FakeHttpClient.make(() =>
        Deferred.succeed(asked, undefined).pipe(
          Effect.zipRight(Deferred.await(answer)),
          Effect.as(new Response("{}"))
        )
      )
      const entries = Array.from({ length: 100 }, (_, n) => [n, `http://a.example/${n}`] as const)
      const ids = FastGet.outcomes(entries, { drain: Deferred.await(drain) }).pipe(
        Stream.map(({ id }) => id),
        Stream.runCollect,
        Effect.provide(FakeHttpClient.layerFastGet(client, { connectionsPerOrigin: 1 }))
      )
      const fiber = yield* Effect.fork(ids)
      yield* Deferred.await(asked)
      yield* Deferred.succeed(drain, undefined)
      yield* Effect.yieldNow()
      yield* Deferred.succeed(answer, undefined)
      expect([...(yield* Fiber.join(fiber))].length).toBe(1)
    }))

  it.effect("is no option of the other streams", () =>
    Effect.gen(function*() {
      const options = { drain: Effect.void } as object
      const exit = yield* Effect.exit(over("{}")(Stream.runDrain(FastGet.streamEither(one, options))))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("The option drain can't be given here")
    }))
})
