import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { Entry, FastGet } from "fastget"
import { badUrls } from "./BadUrls.js"
import * as FakeHttpClient from "./FakeHttpClient.js"

/** Tells what was sent. */
const mirror = FakeHttpClient.make((request) =>
  FakeHttpClient.json({ url: request.url, authorization: request.headers["authorization"] })
)

describe("the URLs of one chunk", () => {
  const echo = FakeHttpClient.make((request) => FakeHttpClient.json({ url: request.url }))

  it.effect("that are bad are each InvalidUrl, and the others succeed", () =>
    Effect.gen(function*() {
      const good = Array.from({ length: 20 }, (_, n) => [`good ${n}`, `http://a.example/${n}`] as const)
      const entries = badUrls.flatMap(([name, url], n) => [[name, url as string] as const, good[n % 20]!])
      const results = yield* Stream.runCollect(FastGet.streamEither(entries))
      const bad = new Set(badUrls.map(([name]) => name))
      expect(results.length).toBe(entries.length)
      for (const [id, result] of results) {
        expect([id, Either.isLeft(result) ? result.left.reason._tag : "success"])
          .toEqual([id, bad.has(id) ? "InvalidUrl" : "success"])
      }
      const errors = [...results].flatMap(([, result]) => Either.isLeft(result) ? [result.left] : [])
      expect(errors.every(({ attempts, retryable }) => attempts === 0 && !retryable)).toBe(true)
      expect(Math.max(...errors.map(({ message }) => message.length))).toBeLessThan(3000)
    }).pipe(Effect.provide(FakeHttpClient.layerFastGet(echo))))

  it.effect("that carry userinfo or a fragment are sent without them", () =>
    Effect.gen(function*() {
      const [[, json]] = [
        ...yield* Stream.runCollect(
          FastGet.stream([[1, "http://user:s3cr3t@a.example/x?q=1#fragment"]])
        )
      ] as [readonly [number, unknown]]
      expect(json).toEqual({ url: "http://a.example/x?q=1", authorization: `Basic ${btoa("user:s3cr3t")}` })
    }).pipe(Effect.provide(FakeHttpClient.layerFastGet(mirror))))

  it.effect("may be URL objects", () =>
    Effect.gen(function*() {
      const json = yield* FastGet.get(new URL("/x", "http://a.example"))
      expect(json).toEqual({ url: "http://a.example/x" })
    }).pipe(Effect.provide(FakeHttpClient.layerFastGet(echo))))
})

describe("Entry.isEntries", () => {
  it("tells entries from options", () => {
    expect(Entry.isEntries([])).toBe(true)
    expect(Entry.isEntries(new Map())).toBe(true)
    expect(Entry.isEntries(Stream.empty)).toBe(true)
    expect(Entry.isEntries({})).toBe(false)
    expect(Entry.isEntries(undefined)).toBe(false)
    expect(Entry.isEntries("http://a")).toBe(false)
  })
})
