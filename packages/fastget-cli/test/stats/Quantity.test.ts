import { describe, expect, it } from "@effect/vitest"
import * as Quantity from "../../src/stats/Quantity.js"

describe("Quantity", () => {
  it.each([[0, "0"], [0.01234, "0.012"], [1.234, "1.23"], [9.999, "10.0"], [12.34, "12.3"], [99.96, "100"], [
    1_234_567,
    "1,234,567"
  ]])("shows the digits that matter of %d", (n, text) => {
    expect(Quantity.digits(n)).toBe(text)
  })

  it.each([[0, "0 B"], [999, "999 B"], [999.7, "1.00 kB"], [12_345, "12.3 kB"], [1e9, "1.00 GB"], [5e16, "50,000 TB"]])(
    "shows %d bytes",
    (n, text) => {
      expect(Quantity.bytes(n)).toBe(text)
    }
  )

  it.each([
    [100, 1000, "100/s"],
    [600, 60_000, "600/min"],
    [1, 10_000, "1/10s"],
    [5000, 3_600_000, "5000/h"],
    [3, 90_000, "3/90s"],
    [1, 1.5, "1/1.5ms"]
  ])("shows %d requests in %d milliseconds as the options take them", (requests, millis, text) => {
    expect(Quantity.requestsPer(requests, millis)).toBe(text)
  })

  it.each([
    [98.4, "98 requests/s", "98/s"],
    [1234.9, "1,234 requests/s", "1234/s"],
    [5, "5 requests/s", "5/s"],
    [4.99, "299 requests/min", "299/min"],
    [0.5, "30 requests/min", "30/min"],
    [0.05, "180 requests/h", "180/h"],
    [1 / 3600, "1 request/h", "1/h"],
    [0, "1 request/h", "1/h"]
  ])("shows a rate of %d a second in words and as a limit that is not above it", (rate, text, limit) => {
    expect(Quantity.requests(rate)).toEqual({ text, limit })
  })

  it.each([
    [0.25, "0.250 ms"],
    [12, "12.0 ms"],
    [999.4, "999 ms"],
    [999.9, "1.00 s"],
    [59_990, "1 min"],
    [61_000, "1 min 1 s"],
    [3_599_900, "1 h"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"]
  ])("shows %d milliseconds", (n, text) => {
    expect(Quantity.millis(n)).toBe(text)
  })

  it.each([[0, "0 %"], [0.0001, "<0.1 %"], [0.034, "3.4 %"], [0.5, "50 %"], [0.9985, "99.9 %"], [0.9999, ">99.9 %"], [
    1,
    "100 %"
  ]])("shows the share %d", (share, text) => {
    expect(Quantity.percent(share)).toBe(text)
  })

  it("says one row, and two rows", () => {
    expect([1, 2, 1000].map((n) => Quantity.counted(n, "row"))).toEqual(["1 row", "2 rows", "1,000 rows"])
  })
})
