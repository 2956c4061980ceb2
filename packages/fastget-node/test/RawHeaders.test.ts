import * as RawHeaders from "#internal/client/RawHeaders"
import { expect, it } from "@effect/vitest"

const raw = ["X-A", "1", "b", "\u00e9", "x-a", "2"].map((text) => Buffer.from(text, "latin1"))

it("a header is found by its name in any case, its lines joined", () => {
  expect(RawHeaders.header(raw, "x-a")).toBe("1, 2")
  expect(RawHeaders.header(raw, "x-b")).toBeUndefined()
})

it("all headers are an object with names in lower case and a character for each byte", () => {
  const headers = RawHeaders.headersOf(raw)
  expect(Object.keys(headers)).toEqual(["x-a", "b"])
  expect(headers["b"]).toBe("\u00e9")
  expect(Object.getPrototypeOf(headers)).toBe(null)
})
