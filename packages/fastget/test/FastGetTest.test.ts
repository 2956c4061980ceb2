import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { FastGet, FastGetTest, FetchError } from "fastget"

const at = (path: string) => `https://api.example.com${path}`

const ada = { name: "Ada" }

describe("FastGetTest.layer", () => {
  it.effect("answers an exact URL, whatever its fragment, to each of the four", () =>
    Effect.gen(function*() {
      const entries = [["a", at("/1#top")]] as const
      expect(yield* FastGet.get(at("/1"), { schema: Schema.Struct({ name: Schema.String }) })).toEqual(ada)
      expect(Chunk.toArray(yield* Stream.runCollect(FastGet.stream(entries)))).toEqual([["a", ada]])
      expect(Chunk.toArray(yield* Stream.runCollect(FastGet.streamEither(entries)))).toEqual([["a", Either.right(ada)]])
      const [outcome] = Chunk.toArray(yield* Stream.runCollect(FastGet.outcomes(entries)))
      expect(outcome).toMatchObject({ status: 201, headers: { "x-page": "1" }, attempts: 1 })
    }).pipe(Effect.provide(
      FastGetTest.layer({ [at("/1")]: FastGetTest.json(ada, { status: 201, headers: { "x-page": "1" } }) })
    )))

  it.effect("takes the first that fits of patterns, regular expressions, URLs and functions", () =>
    Effect.gen(function*() {
      const found = yield* Effect.forEach(
        ["/users/7", "/users/8?full=1", "/n/12", "/tail", "/else"],
        (path) => FastGet.get(at(path))
      )
      expect(found).toEqual(["url", "pattern", "expression", "function", "rest"])
    }).pipe(Effect.provide(FastGetTest.layer([
      [new URL(at("/users/7")), FastGetTest.json("url")],
      [at("/users/*"), FastGetTest.json("pattern")],
      [/\/n\/\d+$/g, FastGetTest.json("expression")],
      [({ pathname }) => pathname === "/tail", FastGetTest.json("function")],
      ["*", FastGetTest.json("rest")]
    ]))))

  it.effect("takes a function of the request for all URLs", () =>
    Effect.gen(function*() {
      expect(yield* FastGet.get(at("/7"), { headers: { "X-Who": "me" } })).toEqual("/7 me")
      expect(FastGetTest.isUnanswered(yield* Effect.flip(FastGet.get(at("/none"))))).toBe(true)
    }).pipe(Effect.provide(FastGetTest.layer(({ headers, url }) =>
      url.pathname === "/none" ? undefined : FastGetTest.json(`${url.pathname} ${headers["x-who"]}`)
    ))))

  it.effect("fails where there is no answer: with the URL, its query hidden, and at once", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(FastGet.get(at("/2?token=s3cr3t")))
      expect(FastGetTest.isUnanswered(error)).toBe(true)
      expect(error.message).toContain(`FastGetTest has no answer for ${at("/2?token=***")}`)
      expect(error).toMatchObject({ attempts: 1 })
      expect(FastGetTest.isUnanswered(yield* Effect.flip(FastGet.get("no URL")))).toBe(false)
    }).pipe(Effect.provide(FastGetTest.layer({ [at("/1")]: FastGetTest.json(ada) }))))

  it.effect("fails for the reason that is given, and makes it again where that is retryable", () =>
    Effect.gen(function*() {
      const dns = yield* Effect.flip(FastGet.get(at("/dns")))
      expect(dns).toMatchObject({ reason: { _tag: "Dns", code: "ENOTFOUND" }, attempts: 1 })
      const reset = yield* Effect.fork(Effect.flip(FastGet.get(at("/reset"))))
      yield* TestClock.adjust("5 minutes")
      expect(yield* Fiber.join(reset)).toMatchObject({ reason: { _tag: "Reset", bytes: 10 }, attempts: 3 })
    }).pipe(Effect.provide(FastGetTest.layer({
      [at("/dns")]: FastGetTest.failure({ _tag: "Dns", hostname: "api.example.com", code: "ENOTFOUND" }),
      [at("/reset")]: FastGetTest.failure({ _tag: "Reset", bytes: 10, reused: false })
    }))))

  it.effect("gives the answers of a sequence in turn for each URL, and records each request", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(FastGet.get(at("/busy/1")))
      yield* TestClock.adjust("5 minutes")
      expect(yield* Fiber.join(fiber)).toEqual(ada)
      expect(yield* FastGet.get(at("/busy/1"))).toEqual(ada)
      const other = yield* Effect.flip(FastGet.get(at("/busy/2"), { retry: { times: 0 } }))
      expect(FetchError.hasReason("Status")(other)).toBe(true)
      const asked = yield* FastGetTest.requests
      expect(asked.map(({ url }) => url.pathname)).toEqual(["/busy/1", "/busy/1", "/busy/1", "/busy/2"])
    }).pipe(Effect.provide(FastGetTest.layer({
      [at("/busy/*")]: FastGetTest.sequence(FastGetTest.status(429), FastGetTest.json(ada))
    }))))

  it.effect("answers late by the TestClock, and not after a time-out", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(FastGet.get(at("/slow")))
      yield* TestClock.adjust("9 seconds")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(fiber)).toEqual(ada)
      const late = yield* Effect.fork(
        Effect.flip(FastGet.get(at("/slow"), { timeout: "5 seconds", retry: { times: 0 } }))
      )
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(late)).toMatchObject({ reason: { _tag: "Timeout", limit: 5000 } })
    }).pipe(Effect.provide(FastGetTest.layer({
      [at("/slow")]: FastGetTest.delayed("10 seconds", FastGetTest.json(ada))
    }))))

  it.effect("follows redirects, and gives bodies as they are, time and again", () =>
    Effect.gen(function*() {
      expect(yield* FastGet.get(at("/old"))).toEqual(ada)
      expect(yield* FastGet.get(at("/empty"), { emptyBody: "null" })).toBe(null)
      for (let n = 0; n < 2; n++) {
        const [outcome] = Chunk.toArray(
          yield* Stream.runCollect(FastGet.outcomes([[1, at("/bytes")]], { as: "bytes" }))
        )
        expect(outcome!.result).toEqual(Either.right(new Uint8Array([1, 2, 3])))
      }
    }).pipe(Effect.provide(FastGetTest.layer({
      [at("/old")]: FastGetTest.status(302, { location: "/new" }),
      [at("/new")]: FastGetTest.json(ada),
      [at("/empty")]: FastGetTest.status(204),
      [at("/bytes")]: FastGetTest.body(new Uint8Array([1, 2, 3]))
    }))))

  it.effect("begins anew each time the layer is built", () =>
    Effect.gen(function*() {
      const layer = FastGetTest.layer({ "*": FastGetTest.sequence(FastGetTest.json(1), FastGetTest.json(2)) })
      const first = Effect.zip(FastGet.get(at("/")), FastGetTest.requests)
      for (let n = 0; n < 2; n++) {
        const [value, asked] = yield* Effect.provide(first, layer)
        expect([value, asked.length]).toEqual([1, 1])
      }
    }))

  it.effect("gives one outcome for each of many entries", () =>
    Effect.gen(function*() {
      const entries = Array.from({ length: 2500 }, (_, n) => [n, at(`/${n}`)] as const)
      const ids = new Set(
        Chunk.map(yield* Stream.runCollect(FastGet.streamEither(entries)), ([id, result]) => {
          expect(Either.isRight(result)).toBe(id % 2 === 0)
          return id
        })
      )
      expect(ids.size).toBe(2500)
      expect((yield* FastGetTest.requests).length).toBe(2500)
    }).pipe(Effect.provide(FastGetTest.layer([
      [({ pathname }) => Number(pathname.slice(1)) % 2 === 0, FastGetTest.json(ada)]
    ]))))
})
