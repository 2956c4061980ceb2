import * as ResponseMeaning from "#internal/http/ResponseMeaning"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Target from "fastget/platform/Target"

const target = Either.getOrThrow(Target.parseUrl("http://a/x"))
const body = new TextEncoder().encode("[1]")

const of = (status: number, headers: Readonly<Record<string, string>> = {}, bytes = body.length, limit = 1000) =>
  ResponseMeaning.ofResponse(target, { status, headers, body, bytes }, limit)

describe("ResponseMeaning", () => {
  it("is a body for 2xx", () => {
    expect(of(200)).toEqual({
      url: "http://a/x",
      status: 200,
      headers: {},
      bytes: 3,
      coding: undefined,
      result: Either.right(body)
    })
  })

  it("is a redirect where a Location says where to, and a refusal where none does", () => {
    expect(of(302, { location: "/y" })).toEqual({ location: ["/y"] })
    expect(of(302)).toMatchObject({ result: Either.left({ _tag: "Status", status: 302, snippet: "[1]" }) })
    expect(of(304, { location: "/y" })).toMatchObject({ status: 304 })
  })

  it("is a refusal for any other status", () => {
    expect(of(429, { "retry-after": "2" })).toMatchObject({
      status: 429,
      result: Either.left({ _tag: "Status", status: 429, retryAfter: 2000, snippet: "[1]" })
    })
  })

  it("is a body beyond its limit, on the wire or decoded", () => {
    expect(of(200, {}, 3, 2)).toMatchObject({ result: Either.left({ _tag: "TooLarge", limit: 2, of: "wire" }) })
    expect(of(200, {}, 1, 2)).toMatchObject({ result: Either.left({ _tag: "TooLarge", limit: 2, of: "decoded" }) })
    expect(ResponseMeaning.tooLarge(target, { status: 200, headers: {} }, 2)).toMatchObject({
      bytes: 0,
      result: Either.left({ _tag: "TooLarge", limit: 2, of: "wire" })
    })
  })

  it("is no body under a transfer coding that is not undone, and tells an unknown content coding", () => {
    expect(of(200, { "transfer-encoding": "gzip" })).toMatchObject({ result: { left: { _tag: "Protocol" } } })
    expect(of(200, { "content-encoding": "rot13" })).toMatchObject({ coding: "rot13", result: Either.right(body) })
  })

  it("is the same for a quick request, or its failure", () => {
    const end = { _tag: "Answered", status: 200, body, bytes: 3, headers: () => ({}) } as const
    expect(ResponseMeaning.ofQuickGet(target, end, 1000)).toEqual(of(200))
    const reason = { _tag: "Reset", bytes: 7, reused: false } as const
    expect(ResponseMeaning.ofQuickGet(target, { _tag: "Failed", reason, bytes: 7 }, 1000))
      .toEqual({ url: "http://a/x", status: 0, headers: {}, bytes: 7, result: Either.left(reason) })
  })
})
