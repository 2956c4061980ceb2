import * as ConfigText from "#internal/base/ConfigText"
import { describe, expect, it } from "@effect/vitest"
import type * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

const read = <A>(config: (name: string) => Config.Config<A>, text: string) =>
  Effect.runSync(Effect.merge(Effect.mapError(
    ConfigProvider.fromMap(new Map([["NAME", text]])).load(config("NAME")),
    (error) => error._op === "InvalidData" ? error.message : error
  )))

describe("a value read from a text", () => {
  const digit = ConfigText.text(
    "a digit",
    (text) => /^\d$/.test(text) ? Number(text) : undefined,
    (text) => text === "ten" ? "ten is two digits" : undefined
  )

  it("may have spaces around it", () => {
    expect(read(digit, " 7\t")).toBe(7)
  })

  it("is refused by the variable's name, with what it takes, and what is wrong where that is known", () => {
    expect(read(digit, "a \"b\"")).toBe("NAME can't be \"a \\\"b\\\"\": it takes a digit")
    expect(read(digit, "ten")).toBe("NAME can't be \"ten\": ten is two digits; it takes a digit")
  })

  it("is a number in any form of JavaScript's, and no number where it is empty", () => {
    expect(["10", "1e3", "0x10", "Infinity", ".5", "", "ten"].map(ConfigText.readNumber))
      .toEqual([10, 1000, 16, Infinity, 0.5, undefined, undefined])
  })

  it("is true or false in any case of letters, and by no name that every object has", () => {
    expect(["true", "Yes", "ON", "1"].map((text) => read(ConfigText.booleanConfig, text))).toEqual(Array(4).fill(true))
    expect(["false", "No", "OFF", "0"].map((text) => read(ConfigText.booleanConfig, text)))
      .toEqual(Array(4).fill(false))
    expect(read(ConfigText.booleanConfig, "constructor")).toContain("it takes true or false")
  })
})
