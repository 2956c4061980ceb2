import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { Json } from "fastget"

const bytesOf = (text: string) => new TextEncoder().encode(text)
const decode = (text: string) => Json.decode(bytesOf(text))

const problemOf = (bytes: Uint8Array) =>
  Either.match(Json.decode(bytes), { onLeft: ({ problem }) => problem, onRight: () => "none" })

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)

describe("Json.decode", () => {
  it("gives what JSON.parse gives, for any JSON", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.json(), (text) => {
        expect(decode(text)).toStrictEqual(Either.right(JSON.parse(text)))
      }),
      { seed: 17 }
    )
  })

  it("keeps __proto__ an own property and pollutes nothing", () => {
    const value = Either.getOrThrow(decode(`{"__proto__":{"polluted":true}}`))
    expect(Object.hasOwn(value as object, "__proto__")).toBe(true)
    expect(Reflect.get({}, "polluted")).toBeUndefined()
  })

  it("drops a byte order mark", () => {
    expect(Json.decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toStrictEqual(Either.right(1))
  })

  it.each([
    ["invalid UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["UTF-8 cut within a character", Uint8Array.of(0x22, 0xe2, 0x82)],
    ["an overlong form", Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
    ["UTF-16 with its mark", Uint8Array.of(0xff, 0xfe, 0x31, 0x00)]
  ])("refuses %s", (_, bytes) => {
    expect(problemOf(bytes)).toBe("utf8")
  })

  it.each([
    ["HTML", "<!doctype html><p>no</p>"],
    ["a cut body", `{"a":1`],
    ["nothing but white space", "  "],
    ["two values", "1 2"],
    ["a trailing comma", "[1,]"],
    ["NaN", "NaN"]
  ])("calls %s a syntax problem", (_, text) => {
    expect(problemOf(bytesOf(text))).toBe("syntax")
  })

  it("never repeats the body in its reason", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string(), FastCheck.string(), (before, after) => {
        const result = decode(`${before}s3cr3t${after}`)
        expect(Either.isLeft(result) && JSON.stringify(result.left)).not.toContain("s3cr3t")
      }),
      { seed: 17 }
    )
  })

  it("says that a body looks like HTML", () => {
    expect(Either.flip(decode("<html>")).pipe(Either.getOrThrow).where).toContain("HTML")
  })

  it("accepts nesting up to the limit and refuses what is deeper", () => {
    expect(Either.isRight(decode(nested(Json.maxDepth)))).toBe(true)
    expect(problemOf(bytesOf(nested(Json.maxDepth + 1)))).toBe("depth")
    expect(problemOf(bytesOf(nested(100_000)))).toBe("depth")
    expect(problemOf(bytesOf(`{"a":`.repeat(Json.maxDepth + 1) + "1" + "}".repeat(Json.maxDepth + 1)))).toBe("depth")
  })

  it("refuses what opens 100,000 arrays and closes none", () => {
    expect(problemOf(bytesOf("[".repeat(100_000)))).toBe("depth")
  })

  it("refuses objects and arrays in turn, too deep only together", () => {
    const half = Json.maxDepth / 2 + 1
    expect(problemOf(bytesOf(`{"a":[`.repeat(half) + "1" + "]}".repeat(half)))).toBe("depth")
  })

  it("does not count brackets in strings", () => {
    const text = JSON.stringify({ a: "[".repeat(5000), b: "\\\"" + "{".repeat(5000) })
    expect(decode(text)).toStrictEqual(Either.right(JSON.parse(text)))
  })

  it("decodes a depth that can still be cloned and written", () => {
    const value = Either.getOrThrow(decode(nested(Json.maxDepth)))
    expect(structuredClone(value)).toStrictEqual(value)
    expect(JSON.stringify(value)).toBe(nested(Json.maxDepth))
  })
})

describe("Json.decodeText", () => {
  it("gives the text of any UTF-8", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.fullUnicodeString(), (text) => {
        expect(Json.decodeText(bytesOf(`.${text}`))).toStrictEqual(Either.right(`.${text}`))
      }),
      { seed: 17 }
    )
  })
})
