import { expect, it } from "@effect/vitest"
import { Repeated } from "../../src/input/EntryId.js"
import * as SafeName from "../../src/output/SafeName.js"

const url = "http://a.example/"
const nameOf = (id: Parameters<typeof SafeName.make>[0], taken = false) => SafeName.make(id, url, taken, ".json")

it("a short plain id is its own name", () => {
  expect([7, "7", "a-b_c.d"].map((id) => nameOf(id))).toEqual(["7.json", "7.json", "a-b_c.d.json"])
})

it("any other name is safe, and that of one id only", () => {
  const ids = ["A", "a/b", "a\\b", "../a", ".a", "a.", "con", "lpt1.x", "", "x".repeat(200), "é", "a b", "a_b "]
  const names = ids.map((id) => nameOf(id))
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]*~[0-9a-f]{24}\.json$/)
  expect(new Set(names).size).toBe(ids.length)
})

it("an id that is there more than once is told apart by its line, or its URL", () => {
  const names = [nameOf("a"), nameOf("a", true), nameOf(new Repeated("a", 2)), nameOf(new Repeated("a", 3))]
  expect(new Set(names).size).toBe(4)
  expect(SafeName.make("a", "http://b.example/", true, "")).not.toBe(SafeName.make("a", url, true, ""))
})

it("an extension is letters and digits", () => {
  expect(["json", ".json", "tar.gz"].map(SafeName.parseExtension)).toEqual([".json", ".json", ".tar.gz"])
  expect(["", "a/b", "a b", "..", "a.b.c"].map(SafeName.parseExtension)).toEqual(Array(5).fill(undefined))
})
