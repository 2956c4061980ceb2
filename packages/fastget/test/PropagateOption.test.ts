import { propagate } from "#internal/config/PropagateOption"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

const option = propagate({ scope: "both", description: "" })

describe("the option propagate", () => {
  it("takes origins, hosts and patterns, in their normal form", () => {
    expect(option.parse(["https://A.example/", "*.b.example"])).toEqual(["https://a.example", "*.b.example"])
    expect(option.parse([])).toEqual([])
  })

  it.each([
    [["https://a.example/x"], "is more than an origin"],
    ["https://a.example", "it is a text"],
    [[1], "a number is no origin"]
  ])("says what is wrong: %j", (given, problem) => {
    expect(option.parse(given as ReadonlyArray<string>)).toBeUndefined()
    expect(option.problem?.(given as ReadonlyArray<string>)).toContain(problem)
  })

  it.effect("is read from the environment, with commas between", () =>
    Effect.gen(function*() {
      const read = (text: string) => ConfigProvider.fromMap(new Map([["P", text]])).load(option.config("P"))
      expect(yield* read("https://a.example, *.b.example")).toEqual(["https://a.example", "*.b.example"])
      expect(String(yield* Effect.flip(read("ftp://a.example")))).toContain("P can't be so")
    }))
})
