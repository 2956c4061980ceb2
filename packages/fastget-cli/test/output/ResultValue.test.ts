import { expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as ResultValue from "../../src/output/ResultValue.js"

const body = "{ \"n\": 12345678901234567890,\n  \"x\": 1.10 }"

it("JSON for a line is what the server wrote, on one line", () => {
  const line = Either.getOrThrow(ResultValue.parser("line")(body))
  expect(line).not.toContain("\n")
  expect(line.replace(/\s/g, "")).toBe(body.replace(/\s/g, ""))
})

it("JSON to select from is what the server wrote", () => {
  expect(ResultValue.parser("text")(body)).toEqual(Either.right(body))
})

it.each(["line", "text"] as const)("what is no JSON is a Decode failure, for a %s", (needs) => {
  expect(ResultValue.parser(needs)("<html>")).toMatchObject({ left: { _tag: "Decode" } })
})
