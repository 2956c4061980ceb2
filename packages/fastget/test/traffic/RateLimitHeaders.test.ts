import * as RateLimitHeaders from "#internal/traffic/RateLimitHeaders"
import { describe, expect, it } from "@effect/vitest"

const now = Date.UTC(2026, 0, 1)
const parse = (headers: Record<string, string>) => RateLimitHeaders.parse(headers, now)

describe("headers of a limit", () => {
  it("are read in the form of the draft", () => {
    expect(parse({ "ratelimit": "\"default\";r=50;t=30", "ratelimit-policy": "\"default\";q=100;w=60" })).toEqual({
      remaining: 50,
      reset: 30_000,
      limit: 100,
      window: 60_000
    })
    expect(parse({ ratelimit: "\"default\"; r=50; t=30" })).toEqual({
      remaining: 50,
      reset: 30_000,
      limit: undefined,
      window: undefined
    })
  })

  it("are those of the policy that runs out first", () => {
    const headers = {
      "ratelimit": "\"hour\";r=900;t=1800, \"second\";r=0;t=1, \"minute\";r=0;t=20",
      "ratelimit-policy": "\"hour\";q=1000;w=3600, \"second\";q=10;w=1, \"minute\";q=100;w=60;pk=:cHsdsRa894==:"
    }
    expect(parse(headers)).toEqual({ remaining: 0, reset: 20_000, limit: 100, window: 60_000 })
  })

  it("are renewed after a window where the draft's form tells no time", () => {
    expect(parse({ "ratelimit": "\"a\";r=3", "ratelimit-policy": "\"a\";q=10;w=5" })?.reset).toBe(5000)
    expect(parse({ ratelimit: "\"a\";r=3" })).toBeUndefined()
  })

  it("are read in the form of older drafts, in one and in three", () => {
    const told = { remaining: 50, reset: 30_000, limit: 100, window: 60_000 }
    expect(parse({ "ratelimit": "limit=100, remaining=50, reset=30", "ratelimit-policy": "10;w=1, 100;w=60" })).toEqual(
      told
    )
    expect(parse({
      "ratelimit-limit": "100, 10;w=1, 100;w=60",
      "ratelimit-remaining": "50",
      "ratelimit-reset": "30"
    })).toEqual(told)
    expect(parse({
      "ratelimit-limit": "100",
      "ratelimit-policy": "100;w=60",
      "ratelimit-remaining": "50",
      "ratelimit-reset": "30"
    })).toEqual(told)
  })

  it.each([
    ["x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit"],
    ["x-rate-limit-remaining", "x-rate-limit-reset", "x-rate-limit-limit"],
    ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", "x-ratelimit-limit-requests"],
    ["x-ratelimit-remaining", "x-ratelimit-reset-after", "x-ratelimit-limit"]
  ])("are read by the names %s, %s and %s", (remaining, reset, limit) => {
    expect(parse({ [remaining]: "7", [reset]: "12", [limit]: "60" })).toEqual({
      remaining: 7,
      reset: 12_000,
      limit: 60,
      window: undefined
    })
  })

  it.each([
    ["30", 30_000],
    ["0", 0],
    ["1.5", 1500],
    [`${now / 1000 + 90}`, 90_000],
    [`${now / 1000 - 90}`, 0],
    [`${now + 2500}`, 2500],
    ["1m30s", 90_000],
    ["20ms", 20],
    ["1h0m0s", 3_600_000]
  ])("are renewed by `%s` in %i ms", (reset, millis) => {
    expect(parse({ "x-ratelimit-remaining": "1", "x-ratelimit-reset": reset })?.reset).toBe(millis)
  })

  it.each([
    {},
    { "x-ratelimit-remaining": "5" },
    { "x-ratelimit-reset": "5" },
    { "x-ratelimit-remaining": "five", "x-ratelimit-reset": "5" },
    { "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "5" },
    { "x-ratelimit-remaining": "5", "x-ratelimit-reset": "soon" },
    { "x-ratelimit-remaining": "5", "x-ratelimit-reset": "" },
    { ratelimit: "" },
    { ratelimit: ";;;,,," },
    { ratelimit: "\"a\";r=x;t=y" },
    { ratelimit: "limit=, remaining=, reset=" }
  ])("are none where they can't be read: %o", (headers) => {
    expect(parse(headers as Record<string, string>)).toBeUndefined()
  })
})
