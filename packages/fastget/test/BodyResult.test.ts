import * as BodyResult from "#internal/http/BodyResult"
import type { AttemptResult } from "#internal/http/RequestResult"
import { failed } from "#internal/http/RequestResult"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ChunkContexts from "./ChunkContexts.js"

const bodyOf = (text: string, coding?: string): AttemptResult => {
  const body = new TextEncoder().encode(text)
  return { url: "http://a/", status: 200, headers: {}, bytes: body.length, result: Either.right(body), coding }
}

const text = { _tag: "Body", body: new TextEncoder().encode("[1]") }

describe("BodyResult", () => {
  it.effect("is the body as it came, or the reason", () =>
    Effect.gen(function*() {
      const context = ChunkContexts.make()
      expect(yield* BodyResult.of(context, bodyOf("[1]"), 0)).toEqual(text)
      const reason = { _tag: "EmptyBody", status: 200 } as const
      const left = failed(ChunkContexts.target("http://a/"), reason)
      expect(yield* BodyResult.of(context, left, 0)).toEqual({ _tag: "Failure", reason })
    }))

  it.effect("is a failure for an empty body as JSON, or null where that is wanted", () =>
    Effect.gen(function*() {
      const empty = bodyOf("\uFEFF")
      expect(yield* BodyResult.of(ChunkContexts.make(), empty, 0))
        .toEqual({ _tag: "Failure", reason: { _tag: "EmptyBody", status: 200 } })
      const asNull = ChunkContexts.make(undefined, { settings: { emptyBody: "null" } })
      expect(yield* BodyResult.of(asNull, empty, 0)).toEqual({ _tag: "Body", body: new Uint8Array(0) })
      expect(yield* BodyResult.of(ChunkContexts.make(undefined, { as: "text" }), bodyOf(""), 0))
        .toEqual({ _tag: "Body", body: new Uint8Array(0) })
    }))

  it.effect("tells the coding of a body that is no JSON", () =>
    Effect.gen(function*() {
      const result = yield* BodyResult.of(ChunkContexts.make(), bodyOf("?", "rot13"), 0)
      expect(result).toMatchObject({ reason: { _tag: "Decode", encoding: "rot13" } })
      expect(yield* BodyResult.of(ChunkContexts.make(), bodyOf("[1]", "rot13"), 0)).toEqual(text)
    }))

  it.effect("is what the worker's own code makes of a body, which counts meanwhile", () =>
    Effect.gen(function*() {
      const count = SharedBytes.make(1000)
      const context = ChunkContexts.make(undefined, {
        bytes: SharedBytes.join(1, count.chunk()),
        decodeBody: (_, { url }, index) => Effect.sync(() => ({ _tag: "Value", value: [url, index, count.held()] }))
      })
      expect(yield* BodyResult.of(context, bodyOf("[1]"), 7)).toEqual({ _tag: "Value", value: ["http://a/", 7, 1] })
      expect(count.held()).toBe(0)
    }))

  it("is made in the worker for JSON that its own code wants, or that may be coded", () => {
    const decodeBody = () => Effect.succeed({ _tag: "Value", value: 1 } as const)
    const isParsedHere = (as: "json" | "text", coding?: string, decode?: typeof decodeBody) =>
      BodyResult.isParsedHere({ as, decodeBody: decode }, { coding })
    expect([isParsedHere("json"), isParsedHere("json", "x"), isParsedHere("json", undefined, decodeBody)])
      .toEqual([false, true, true])
    expect(isParsedHere("text", "x", decodeBody)).toBe(false)
  })
})
