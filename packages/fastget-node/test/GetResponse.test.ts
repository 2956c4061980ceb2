import * as GetResponse from "#internal/client/GetResponse"
import * as Cookies from "@effect/platform/Cookies"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as QuickGet from "fastget/platform/QuickGet"

const request = HttpClientRequest.get("http://a.example/x")

/** A response with this body, as a view of a larger buffer, as undici gives it. */
const make = (body: string, headers: Readonly<Record<string, string>> = {}) => {
  const bytes = Buffer.from(`...${body}...`).subarray(3, -3)
  return GetResponse.make(request, { _tag: "Answered", status: 200, body: bytes, bytes: 77, headers: () => headers })
}

describe("a response whose body is there", () => {
  it.effect("has its status, its headers and its cookies", () =>
    Effect.sync(() => {
      const response = make("", { "x-a": "1", "set-cookie": "a=1; Path=/\nb=x, y" })
      expect([response.status, response.headers["x-a"], response.remoteAddress]).toEqual([200, "1", Option.none()])
      expect(Cookies.toRecord(response.cookies)).toEqual({ a: "1", b: "x, y" })
      expect(Cookies.isEmpty(make("").cookies)).toBe(true)
      expect([response.request, response.toString().includes("x-a")]).toEqual([request, true])
    }))

  it.effect("gives its body in every form, as often as it is asked", () =>
    Effect.gen(function*() {
      const response = make("{\"a\":[1]}")
      for (let n = 0; n < 2; n++) {
        expect(yield* response.json).toEqual({ a: [1] })
        expect(yield* response.text).toBe("{\"a\":[1]}")
        const buffer = yield* response.arrayBuffer
        expect([buffer instanceof ArrayBuffer, Buffer.from(buffer).toString()]).toEqual([true, "{\"a\":[1]}"])
        expect(Buffer.concat([...yield* Stream.runCollect(response.stream)]).toString()).toBe("{\"a\":[1]}")
      }
      expect(yield* make("").json).toBe(null)
      expect(yield* make("a=1&b=%20").urlParamsBody).toEqual([["a", "1"], ["b", " "]])
      const form = yield* make("a=1", { "content-type": "application/x-www-form-urlencoded" }).formData
      expect(form.get("a")).toBe("1")
    }))

  it.effect("fails with Decode where its body is no JSON, and no form", () =>
    Effect.gen(function*() {
      const response = make("<html>")
      for (const decoded of [response.json, response.formData]) {
        expect(yield* Effect.flip(Effect.asVoid(decoded as Effect.Effect<unknown, Error>)))
          .toMatchObject({ _tag: "ResponseError", reason: "Decode", request, response })
      }
    }))

  it("shows FastGet its bytes as they are, without a copy, and how many came over the wire", () => {
    const response = make("{}")
    const whole = QuickGet.wholeBodyOf(response)
    expect([String(whole?.body), whole?.bytes]).toEqual(["{}", 77])
  })
})
