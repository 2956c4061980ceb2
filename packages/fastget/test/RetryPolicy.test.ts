import * as RetryPolicy from "#internal/http/RetryPolicy"
import { describe, expect, it } from "@effect/vitest"
import type { FetchError } from "fastget"

const retry = { times: 2, base: 100, cap: 1000, budget: Infinity }

const status = (status: number, retryAfter?: number): FetchError.Reason => ({
  _tag: "Status",
  status,
  snippet: "",
  ...(retryAfter === undefined ? undefined : { retryAfter })
})

const allows = (reason: FetchError.Reason, attempts = 1) => RetryPolicy.allows(reason, attempts, retry)
const delay = (reason: FetchError.Reason, attempts: number, random: number) =>
  RetryPolicy.delay(reason, attempts, retry, random)

describe("RetryPolicy", () => {
  it("allows another attempt after a 429 and a 503, and none after a 404", () => {
    expect([429, 503, 404].map((code) => allows(status(code)))).toEqual([true, true, false])
  })

  it("allows as many retries as were set", () => {
    expect([1, 2, 3].map((attempts) => allows(status(503), attempts))).toEqual([true, true, false])
  })

  it("obeys a Retry-After of up to a minute, and gives up for a longer one", () => {
    expect(delay(status(429, 1500), 1, 0.5)).toBe(1500)
    expect(delay(status(429, 0), 1, 0.5)).toBe(0)
    expect(allows(status(429, RetryPolicy.longestRetryAfter))).toBe(true)
    expect(allows(status(429, RetryPolicy.longestRetryAfter + 1))).toBe(false)
  })

  it("waits for a random part of a step that doubles up to its cap", () => {
    expect([1, 2, 3, 4, 5, 9].map((attempts) => delay(status(503), attempts, 0.5))).toEqual([
      50,
      100,
      200,
      400,
      500,
      500
    ])
    expect(delay(status(503), 3, 0)).toBe(0)
  })

  it("gives this machine a pause after it ran out of something", () => {
    const reason = { _tag: "LocalLimit", code: "EMFILE" } as const
    expect(delay(reason, 1, 0)).toBe(RetryPolicy.localLimitPause)
    expect(delay(reason, 1, 0.5)).toBe(RetryPolicy.localLimitPause + 50)
  })
})
