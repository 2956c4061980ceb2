import { describe, expect, it } from "@effect/vitest"
import * as Nearest from "fastget/platform/Nearest"

const names = ["timeout", "connectTimeout", "retry", "headers", "as"]

describe("the name that was meant", () => {
  it.each([
    ["a letter more", "timeouts", "timeout"],
    ["a letter less", "tmeout", "timeout"],
    ["another letter", "timeour", "timeout"],
    ["two letters swapped", "rerty", "retry"],
    ["capitals and dashes", "Connect-Time_Out", "connectTimeout"]
  ])("is found by one with %s", (_, name, meant) => {
    expect(Nearest.nearest(name, names)).toBe(meant)
  })

  it("is the nearest of several", () => {
    expect(Nearest.nearest("aaax", ["aabb", "aaab"])).toBe("aaab")
  })

  it("is none where more than a third of the letters are wrong, or the name is far too long", () => {
    expect(["time", "ritri", "x".repeat(100_000), ""].map((name) => Nearest.nearest(name, names)))
      .toEqual(Array(4).fill(undefined))
  })

  it("ends a sentence, which ends as well without it", () => {
    expect(Nearest.perhaps("tmeout", names)).toBe("; perhaps timeout was meant")
    expect(Nearest.perhaps("nothing", names)).toBe("")
  })
})
