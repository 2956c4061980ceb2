import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as KeptOptions from "fastget/platform/KeptOptions"

/** A client that answers the question, and sends any other request nowhere. */
const knowing = HttpClient.make((request) =>
  Effect.gen(function*() {
    const question = yield* Effect.serviceOption(KeptOptions.Question)
    if (question._tag === "Some") question.value.answer({ dnsTtl: 5 })
    return HttpClientResponse.fromWeb(request, new Response())
  })
)

const known: KeptOptions.Answer = { by: "FastGet", kept: { dnsTtl: 5 } }
const unknown: KeptOptions.Answer = { by: undefined, kept: {} }

describe("a client that is asked which options it keeps", () => {
  it.effect("answers, through whatever wraps it", () =>
    Effect.gen(function*() {
      expect(yield* KeptOptions.ask(knowing, 1000)).toEqual(known)
      const wrapped = knowing.pipe(
        HttpClient.mapRequest(HttpClientRequest.setHeader("x-a", "1")),
        HttpClient.filterStatusOk,
        HttpClient.retry({ times: 3 })
      )
      expect(yield* KeptOptions.ask(wrapped, 1000)).toEqual(known)
    }))

  it.effect("is known as fetch, which is not called", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      expect(yield* KeptOptions.ask(client, 1000)).toEqual({ by: "fetch", kept: {} })
    }).pipe(
      Effect.provide(FetchHttpClient.layer),
      Effect.provideService(FetchHttpClient.Fetch, () => {
        throw new Error("called")
      })
    ))

  it.effect("is unknown where it is another one: whether it fails or answers, it finds a URL that is nowhere", () =>
    Effect.gen(function*() {
      const urls: Array<string> = []
      const other = HttpClient.make((request, url) => {
        urls.push(url.href)
        return Effect.succeed(HttpClientResponse.fromWeb(request, new Response()))
      })
      const failing = HttpClient.make(() => Effect.die("no such scheme"))
      expect(yield* KeptOptions.ask(other, 10)).toEqual(unknown)
      expect(yield* KeptOptions.ask(failing, 10)).toEqual(unknown)
      expect(urls).toEqual(["fastget:options"])
    }))

  it.effect("is unknown where it says nothing within the limit, even if it can't be interrupted", () =>
    Effect.gen(function*() {
      const silent = HttpClient.make(() => Effect.uninterruptible(Effect.never))
      const asking = yield* Effect.fork(KeptOptions.ask(silent, 50))
      yield* TestClock.adjust(50)
      expect(yield* Fiber.join(asking)).toEqual(unknown)
    }))
})
