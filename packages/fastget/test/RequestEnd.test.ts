import * as RequestEnd from "#internal/http/RequestEnd"
import type { RequestResult } from "#internal/http/RequestResult"
import * as SharedClock from "#internal/traffic/SharedClock"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type { Reason } from "fastget/Reason"

const url = "http://a.example/1"

const ended = (result: RequestResult, refusals = 0) => RequestEnd.of(result, 7, performance.now() - 50, refusals)

const failed = (reason: Reason, status = 0, headers: Readonly<Record<string, string>> = {}) =>
  ended({ url, status, headers, bytes: 0, result: Either.left(reason) })

const good = (headers: Readonly<Record<string, string>> = {}) =>
  ended({ url, status: 200, headers, bytes: 1, result: Either.right(new Uint8Array(1)) })

const refusal: Reason = { _tag: "Status", status: 429, retryAfter: 3000, snippet: "x".repeat(200) }

describe("the end of a request", () => {
  it("tells when it began by the clock of all threads, how long it took, and of which epoch it was", () => {
    const startedAt = performance.now() - 50
    const end = RequestEnd.of({ location: ["/2"] }, 7, startedAt, 2)
    expect([end.epoch, end.refusals, end.startedAt]).toEqual([7, 2, SharedClock.of(startedAt)])
    expect(end.latency).toBeGreaterThanOrEqual(50)
    expect(end.latency).toBeLessThanOrEqual(performance.now() - startedAt)
  })

  it("with an answer tells its status, be it good or not, or a redirect", () => {
    expect(good().status).toBe(200)
    expect(failed({ _tag: "Status", status: 404, snippet: "" }, 404).status).toBe(404)
    expect(failed({ _tag: "Truncated", received: 3 }, 200).status).toBe(200)
    const redirect = ended({ location: ["/2"] })
    expect(redirect.status).toBeGreaterThanOrEqual(300)
    expect(redirect.status).toBeLessThan(400)
  })

  it.each<[string, Reason]>([
    ["no connection was made", { _tag: "Connect", code: "ECONNREFUSED" }],
    ["the name was not found", { _tag: "Dns", hostname: "a.example", code: "ENOTFOUND" }],
    ["it was reset before the first byte", { _tag: "Reset", bytes: 0, reused: false }],
    ["it took too long to connect", { _tag: "Timeout", phase: "connect", limit: 5 }],
    ["there were no headers in time", { _tag: "Timeout", phase: "headers", limit: 5 }]
  ])("tells that nothing answered where %s, and why", (_, reason) => {
    const end = failed(reason)
    expect([end.status, JSON.parse(end.reason())]).toEqual([0, reason])
  })

  it.each<[string, Reason]>([
    ["this machine has no descriptor left", { _tag: "LocalLimit", code: "EMFILE" }],
    ["a guard refused the address", { _tag: "Blocked", address: "10.0.0.1", rule: "private" }],
    ["it was reset after some bytes", { _tag: "Reset", bytes: 5, reused: false }],
    ["the body took too long", { _tag: "Timeout", phase: "body", limit: 5 }]
  ])("tells nothing of the origin where %s", (_, reason) => {
    expect(failed(reason).status).toBeUndefined()
  })

  it("that was a refusal tells what was asked for, and its reason without the body, so that it is short", () => {
    const end = failed(refusal, 429)
    expect([end.status, end.retryAfter()]).toEqual([429, 3000])
    expect(JSON.parse(end.reason())).toEqual({ ...refusal, snippet: "" })
    expect([good().retryAfter(), good().reason()]).toEqual([undefined, ""])
  })

  it("tells the limit that the headers of the answer tell", () => {
    const headers = { "ratelimit-remaining": "4", "ratelimit-reset": "2", "ratelimit-limit": "10" }
    expect(good(headers).limits()).toMatchObject({ remaining: 4, reset: 2000, limit: 10 })
    expect(failed(refusal, 429, headers).limits()).toMatchObject({ remaining: 4 })
    expect([good().limits(), ended({ location: ["/2"] }).limits()]).toEqual([undefined, undefined])
  })
})
