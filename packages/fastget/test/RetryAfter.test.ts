import { describe, expect, it } from "@effect/vitest"
import * as RetryAfter from "fastget/RetryAfter"

const now = Date.UTC(2026, 10, 25, 12, 0, 0)

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    [" 7\t", 7000],
    ["61", 61_000],
    ["9".repeat(400), Number.MAX_SAFE_INTEGER],
    ["Wed, 25 Nov 2026 12:00:20 GMT", 20_000],
    ["Wednesday, 25-Nov-26 12:00:20 GMT", 20_000],
    ["Wed Nov 25 12:00:20 2026", 20_000],
    ["Sun Dec  6 12:00:00 2026", 11 * 86_400_000],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 0],
    ["Fri, 31 Dec 9999 23:59:59 GMT", Date.UTC(9999, 11, 31, 23, 59, 59) - now]
  ])("%j asks for %i ms, in any time zone", (header, millis) => {
    const zone = process.env.TZ
    try {
      for (const TZ of ["UTC", "Asia/Kathmandu"]) {
        process.env.TZ = TZ
        expect(RetryAfter.parse(header, now)).toBe(millis)
      }
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })

  it.each(["", "-5", "1.5", "1e3", "0x10", "soon", "25 Nov 2026", "Wed, 25 Nov 2026 12:00:20 +0100", "1, 2"])(
    "%j says nothing",
    (header) => {
      expect(RetryAfter.parse(header, now)).toBeUndefined()
    }
  )

  it.each([
    ["1\n2", 2000],
    ["1, 1", 1000],
    ["2,1, 3", 3000],
    ["soon\n5", 5000],
    ["soon\nlater", undefined],
    ["7", 7000],
    ["Wed, 25 Nov 2026 12:00:20 GMT", 20_000],
    ["Wed, 25 Nov 2026 12:00:20 GMT, Wed, 25 Nov 2026 12:00:30 GMT", 30_000],
    ["Wednesday, 25-Nov-26 12:00:20 GMT\nWed Nov 25 12:00:40 2026, 10", 40_000],
    ["", undefined]
  ])("on several lines (%j) asks for the longest of them: %s ms", (header, millis) => {
    expect(RetryAfter.parseLines(header, now)).toBe(millis)
  })
})
