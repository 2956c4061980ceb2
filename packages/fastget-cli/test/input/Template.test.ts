/**
 * The URLs of ids: none that would be another resource than the template means.
 */
import { expect, it } from "@effect/vitest"
import * as Template from "../../src/input/Template.js"

const dots = [
  ".",
  "..",
  "%2e",
  "%2E",
  ".%2e",
  "%2E.",
  "%2e%2E",
  "%252e%252e",
  "%25252e",
  "../x",
  "x/..",
  "a/../b",
  "a/./b"
]
const hidden = ["..\\x", "..%2fx", "x%5c..", "%2e%2e%2Fadmin", "..%252f..", "/..", "./"]
const letters = [
  "...",
  ".a",
  "a.",
  "a.b",
  "a/b",
  "..a",
  "a..",
  "%",
  "%2",
  "%2ea",
  "%2f",
  "1.5",
  " ",
  "?",
  "#",
  "?/..",
  "x\ty",
  "é"
]

it("a template refuses ids that are a way out of their segment, also encoded ones", () => {
  for (
    const template of [
      "https://a.example/x/{}",
      "https://a.example/x/{}/y?q={}#z",
      "https:\\\\a.example\\x\\{}",
      " HTTP://a.example/x/\t{}",
      "https://{}.example/x/{}"
    ]
  ) {
    const urlOf = Template.urlOf(template)
    for (const id of [...dots, ...hidden]) expect([id, urlOf(id)]).toEqual([id, undefined])
  }
})

it("an id stays in its segment as URLs are parsed", () => {
  const urlOf = Template.urlOf("https://a.example/x/{}/y")
  for (const id of letters.filter((id) => id !== "?/..")) {
    const { pathname } = new URL(urlOf(id)!)
    expect(pathname.split("/")).toHaveLength(4)
    expect(decodeURIComponent(pathname.split("/")[2]!)).toBe(id)
  }
})

it("what stands beside the id in its segment counts", () => {
  expect(Template.urlOf("https://a.example/x/.{}")(".")).toBeUndefined()
  expect(Template.urlOf("https://a.example/x/%2e{}")(".")).toBeUndefined()
  expect(Template.urlOf("https://a.example/x/{}{}")(".")).toBeUndefined()
  expect(Template.urlOf("https://a.example/x/.{}")("/x")).toBeUndefined()
  expect(Template.urlOf("https://a.example/x/{}.json")("..")).toBe("https://a.example/x/...json")
  expect(Template.urlOf("https://a.example/x/v{}")("..")).toBe("https://a.example/x/v..")
})

it("in a query, a fragment or a host dots are letters", () => {
  expect(Template.urlOf("https://a.example/x?q={}")("../..")).toBe("https://a.example/x?q=..%2F..")
  expect(Template.urlOf("https://a.example?q=/{}/")("..")).toBe("https://a.example?q=/../")
  expect(Template.urlOf("https://a.example/x#/{}")("..")).toBe("https://a.example/x#/..")
  expect(Template.urlOf("https://{}/x")("a.b")).toBe("https://a.b/x")
  // What would end the host is no part of one: such a URL is refused by whoever parses it.
  for (const id of ["a/b", "a@b", "a?b", "a#b", "a\\b", "a:80", "%2e"]) {
    expect([id, URL.canParse(Template.urlOf("https://{}/x")(id)!)]).toEqual([id, false])
  }
})

it("an id that is empty or has half of a surrogate pair makes no URL", () => {
  const urlOf = Template.urlOf("https://a.example/x?q={}")
  expect([urlOf(""), urlOf("\ud800"), urlOf("a\udc00b")]).toEqual([undefined, undefined, undefined])
  expect(urlOf("\ud83d\ude00")).toBe("https://a.example/x?q=%F0%9F%98%80")
})

it("a range has whole numbers that JavaScript can hold", () => {
  expect(Template.parseRange("9007199254740990..9007199254740991")).toEqual({ from: 2 ** 53 - 2, to: 2 ** 53 - 1 })
  for (
    const text of ["1..9007199254740992", "9007199254740993..9007199254740994", "1..1e3", "1..1e400", "-1..2", "1.5..2"]
  ) {
    expect(Template.parseRange(text)).toBeUndefined()
  }
})
