import * as OriginPattern from "#internal/base/OriginPattern"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"

describe("a pattern of origins", () => {
  it.each([
    ["https://API.example.com/", "https://api.example.com"],
    ["http://a.example:80", "http://a.example"],
    [" a.Example ", "a.example"],
    ["*.a.example", "*.a.example"]
  ])("has a normal form: %j", (pattern, normal) => {
    expect(OriginPattern.normal(pattern)).toEqual(Either.right(normal))
  })

  it.each(["https://a.example/path", "ftp://a.example", "a.example:80", "*", "", "https://me:s3cr3t@a.example"])(
    "is refused, without what may be a secret: %j",
    (pattern) => {
      const problem = OriginPattern.normal(pattern)
      expect(Either.isLeft(problem)).toBe(true)
      expect(String(Either.merge(problem))).not.toContain("s3cr3t")
    }
  )

  it("is for an origin, a host, or all hosts under a name", () => {
    const fits = (pattern: string) => OriginPattern.matches(pattern, "https://x.a.example:444", "x.a.example")
    expect(["https://x.a.example:444", "x.a.example", "*.a.example"].map(fits)).toEqual([true, true, true])
    expect(["https://x.a.example", "a.example", "*.x.a.example"].map(fits)).toEqual([false, false, false])
  })
})
