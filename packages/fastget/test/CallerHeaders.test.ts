import * as CallerHeaders from "#internal/base/CallerHeaders"
import { describe, expect, it } from "@effect/vitest"

describe("CallerHeaders", () => {
  it.each(["accept", "User-Agent", "ACCEPT-LANGUAGE", "cache-control"])("lets %s go to another origin", (name) => {
    expect(CallerHeaders.isHarmless(name)).toBe(true)
  })

  it.each(["authorization", "cookie", "x-api-key", "proxy-authorization", ""])(
    "keeps %s from another origin",
    (name) => {
      expect(CallerHeaders.isHarmless(name)).toBe(false)
    }
  )

  it("leaves out what was given as a secret, whatever its name", () => {
    const headers = { accept: "text/plain", "user-agent": "key 7", cookie: "a=b" }
    expect(CallerHeaders.forOtherOrigins(headers, ["user-agent"])).toEqual({ accept: "text/plain" })
  })
})
