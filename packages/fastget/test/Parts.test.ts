import { describe, expect, it } from "@effect/vitest"
import * as Parts from "fastget/platform/Parts"

describe("an option with parts", () => {
  it("is an object, and no list, map, date or text", () => {
    class Own {
      readonly times = 1
    }
    expect([{}, { a: 1 }, Object.create(null), new Own()].map(Parts.isObject)).toEqual([true, true, true, true])
    expect([[], new Map(), new Date(), "a", 1, null, undefined, () => 1].some(Parts.isObject)).toBe(false)
  })

  it("is told by its kind where it is none, since it may be a secret", () => {
    expect([null, undefined, [], "s3cr3t", new Map(), 5, true].map(Parts.kindOf)).toEqual([
      "null",
      "undefined",
      "a list",
      "a text",
      "an object of its own kind",
      "a number",
      "a boolean"
    ])
  })

  it("has no parts but those that exist", () => {
    expect(Parts.unknown({ times: 1 }, ["times", "base"])).toBeUndefined()
    expect(Parts.unknown({ tmies: 1 }, ["times", "base"])).toBe(
      "has no \"tmies\", but times, base; perhaps times was meant"
    )
    expect(Parts.unknown({ x: 1 }, ["rate", "connections"], " and ")).toBe("has no \"x\", but rate and connections")
  })
})
