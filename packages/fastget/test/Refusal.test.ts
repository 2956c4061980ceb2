import * as Refusal from "#internal/http/Refusal"
import { describe, expect, it } from "@effect/vitest"

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe("Refusal", () => {
  it("is every status outside 2xx", () => {
    expect([199, 200, 204, 299, 300, 404, 429, 503].filter(Refusal.isRefusal)).toEqual([199, 300, 404, 429, 503])
  })

  it("notices a 429 with the wait it asks for", () => {
    expect(Refusal.toReason(429, { "retry-after": "7" }, bytesOf("slow down"), 0))
      .toEqual({ _tag: "Status", status: 429, retryAfter: 7000, snippet: "slow down" })
  })

  it("reads a date by the time of day it is handed", () => {
    const now = Date.UTC(2026, 0, 1, 0, 0, 0)
    const reason = Refusal.toReason(503, { "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" }, bytesOf(""), now)
    expect(reason).toMatchObject({ retryAfter: 30_000 })
  })

  it("knows no wait where the header is missing or says nothing", () => {
    for (const headers of [{}, { "retry-after": "soon" }]) {
      expect(Refusal.toReason(503, headers, bytesOf(""), 0)).toEqual({ _tag: "Status", status: 503, snippet: "" })
    }
  })

  it("tells the first 200 characters of the body, however many bytes they have", () => {
    const reason = Refusal.toReason(500, {}, bytesOf("\u20ac".repeat(1000)), 0)
    expect(reason).toMatchObject({ snippet: "\u20ac".repeat(200) })
  })
})
