import { describe, expect, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as RequestHeaders from "fastget/platform/RequestHeaders"

const { problem, problemOf } = RequestHeaders

describe("a header of a user", () => {
  it("is fine with a token as its name and Latin-1 as its value, Redacted or not", () => {
    expect([
      problemOf("x-a", "b"),
      problemOf("!#$%&'*+.^_`|~-", "\t \u00e9"),
      problemOf("Authorization", Redacted.make("s3cr3t"))
    ]).toEqual([undefined, undefined, undefined])
  })

  it.each([
    "Connection",
    "keep-alive",
    "proxy-connection",
    "TE",
    "Upgrade",
    "http2-settings",
    "Transfer-Encoding",
    "content-length",
    "trailer",
    "Expect",
    "__proto__"
  ])("can't be %s, which is the client's to set", (name) => {
    expect(problemOf(name, "x")).toMatch(new RegExp(`^"${name}" can't be set: `))
  })

  it.each([
    ["no name at all", "", "a header has no name"],
    ["a pseudo-header", ":path", "\":path\" is a pseudo-header of HTTP/2, which the client makes of the URL"],
    ["a space in its name", "x a", "the name that begins with \"x\" has a space in it"],
    ["a colon in its name", "x: s3cr3t", "the name that begins with \"x\" has a colon in it"],
    ["a line feed in its name", "x\ns3cr3t", "the name that begins with \"x\" has a line feed in it"],
    ["a letter beyond ASCII in its name", "\u00e9", "the name that begins with \"\" has a control character in it"],
    [
      "a character beyond Latin-1 in its name",
      "\u20ac",
      "the name that begins with \"\" has a character beyond Latin-1 in it"
    ]
  ])("that has %s is refused, with no more of it than is surely no secret", (_, name, expected) => {
    expect(problemOf(name, "x")).toBe(expected)
  })

  it.each([
    ["a carriage return", "s3cr3t\r\nx: y"],
    ["a line feed", "s3cr3t\nx: y"],
    ["a NUL", "s3cr3t\0"],
    ["a control character", "s3cr3t\x7f"],
    ["a character beyond Latin-1", "s3cr3t\u20ac"]
  ])("is refused for %s in its value, which is not repeated", (what, value) => {
    const expected = `the value of "x-a" has ${what} in it`
    expect([problemOf("x-a", value), problemOf("x-a", Redacted.make(value))]).toEqual([expected, expected])
  })

  it("needs a text as its value", () => {
    const wiped = Redacted.make("x")
    Redacted.unsafeWipe(wiped)
    expect([1, undefined, ["a"], wiped].map((value) => problemOf("x-a", value)))
      .toEqual(Array(4).fill("the value of \"x-a\" is no text"))
  })
})

describe("the headers of a user", () => {
  it("are an object of names and values, and their first problem is told", () => {
    expect([problem({}), problem({ a: "1", b: "2" })]).toEqual([undefined, undefined])
    expect([problem(undefined), problem("a: 1"), problem(null)])
      .toEqual(Array(3).fill("they are no object of names and values"))
    expect([problem([["a", "1"]]), problem(new Headers({ a: "1" }))])
      .toEqual(Array(2).fill("they are a list: give an object, such as Object.fromEntries makes of it"))
    expect(problem({ a: "1", te: "x", "": "y" })).toBe("\"te\" can't be set: the client keeps its connections itself")
  })
})
