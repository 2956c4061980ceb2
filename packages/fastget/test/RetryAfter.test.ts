import * as RetryAfter from "#internal/http/RetryAfter"
import { describe, expect, it } from "@effect/vitest"

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
    ["00000000000000000000007", 7000],
    ["Wed, 25 Nov 2026 12:00:60 GMT", 60_000],
    ["Tue, 29 Feb 2028 12:00:00 GMT", Date.UTC(2028, 1, 29, 12) - now],
    ["Tuesday, 29-Feb-28 12:00:00 GMT", Date.UTC(2028, 1, 29, 12) - now],
    ["Tue Feb 29 12:00:00 2028", Date.UTC(2028, 1, 29, 12) - now],
    // The day is a Wednesday; the date is clear all the same.
    ["Mon, 25 Nov 2026 12:00:20 GMT", 20_000],
    ["Saturday, 25-Nov-75 12:00:00 GMT", Date.UTC(2075, 10, 25, 12) - now],
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

  it.each([
    "",
    " ",
    "-5",
    "+5",
    "1.5",
    "1,5",
    "1e3",
    "0x10",
    "Infinity",
    "NaN",
    "5s",
    "1 2",
    "1, 2",
    "\u00a07",
    "٧",
    "soon",
    "25 Nov 2026",
    "Wed, 25 Nov 2026 12:00:20 +0100",
    "Wed, 25 Nov 2026 12:00:20 gmt",
    "2026-11-25T12:00:20Z",
    "Wed, 25 Nov 26 12:00:20 GMT",
    "Foo, 25 Nov 2026 12:00:20 GMT"
  ])("%j says nothing", (header) => {
    expect(RetryAfter.parse(header, now)).toBeUndefined()
  })

  it.each([
    "Tue, 31 Feb 2027 12:00:00 GMT",
    "Sun, 31 Nov 2026 12:00:20 GMT",
    "Mon, 29 Feb 2027 12:00:00 GMT",
    "Tue, 00 Dec 2026 12:00:00 GMT",
    "Tue, 32 Dec 2026 12:00:00 GMT",
    "Tue, 99 Dec 2026 12:00:00 GMT",
    "Wed, 25 Nov 2026 24:00:00 GMT",
    "Wed, 25 Nov 2026 12:60:00 GMT",
    "Wed, 25 Nov 2026 12:00:61 GMT",
    "Wednesday, 31-Feb-27 12:00:00 GMT",
    "Wednesday, 25-Nov-26 25:00:00 GMT",
    "Wed Feb 31 12:00:00 2027",
    "Wed Feb 30 12:00:00 2028",
    "Wed Nov 25 12:00:99 2026",
    "Wed Dec  0 12:00:00 2026"
  ])("%j is no date, because there is no such day or time", (header) => {
    expect(RetryAfter.parse(header, now)).toBeUndefined()
  })

  it.each([
    "Wed, 25 Nov 2026 12:00:00 GMT",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Wednesday, 25-Nov-77 12:00:00 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Sun, 06 Nov 0094 08:49:37 GMT"
  ])("%j has passed and says nothing", (header) => {
    expect(RetryAfter.parse(header, now)).toBeUndefined()
  })

  it("two digits of a year are of the next century where that is near", () => {
    const late = Date.UTC(2099, 11, 31, 23, 59, 50)
    expect(RetryAfter.parse("Friday, 01-Jan-00 00:00:00 GMT", late)).toBe(10_000)
  })

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
