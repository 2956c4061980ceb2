import * as InProcess from "#internal/worker/InProcess"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FakeHttpClient from "./FakeHttpClient.js"

describe("InProcess", () => {
  it.effect("is a pool of one worker that is ready at once", () =>
    Effect.gen(function*() {
      const pool = InProcess.makePool(FakeHttpClient.echoPath)
      expect([pool.workers.length, pool.isYoung()]).toEqual([1, false])
      yield* pool.workers[0]!.ready
    }))

  it.live("leaves out the header Host where the client is fetch", () =>
    Effect.gen(function*() {
      const fetch = yield* Effect.provide(HttpClient.HttpClient, FetchHttpClient.layer)
      expect(yield* InProcess.makePool(fetch).losesHost).toBe(true)
      expect(yield* InProcess.makePool(FakeHttpClient.echoPath).losesHost).toBe(false)
    }))
})
