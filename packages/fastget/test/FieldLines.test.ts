import { expect, it } from "@effect/vitest"
import * as FieldLines from "fastget/platform/FieldLines"

const of = (name: string, ...[first, ...more]: ReadonlyArray<string>) =>
  more.reduce((before, line) => FieldLines.add(name, before, line), first ?? "")

it("the lines of a list are joined in their order, also where two are equal", () => {
  expect(of("content-encoding", "gzip", "br", "gzip")).toBe("gzip, br, gzip")
  expect(of("x-own", "a", "a")).toBe("a, a")
})

it("equal lines of a header with one value count once, and different ones stay apart", () => {
  expect(of("location", "/a, b", "/a, b", "/a, b")).toBe("/a, b")
  expect(of("retry-after", "1", "2", "1")).toBe("1\n2")
  expect(FieldLines.split("1\n2")).toEqual(["1", "2"])
  expect(FieldLines.split("/a, b")).toEqual(["/a, b"])
})

it("the lines of Set-Cookie stay apart, also equal ones and those with commas", () => {
  const lines = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2", "b=2"]
  expect(FieldLines.split(of("set-cookie", ...lines))).toEqual(lines)
})
