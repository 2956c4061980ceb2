/**
 * Whether a number was read as it is written, judged by its text.
 */
import { expect, it } from "@effect/vitest"
import * as NumberText from "../../src/input/NumberText.js"

const isExact = (object: string, name = "id") => {
  const value = (JSON.parse(object) as Readonly<Record<string, unknown>>)[name]
  return NumberText.isExact(object, name, value as number)
}

it("a number that JavaScript reads with all its digits is exact, in whatever form", () => {
  const texts = "0 -0 0e999 7 -7 1.0 1.50 1e5 1E+5 12.5e-1 100e-2 0.000001 1e-7 5e-324 0.1 0.30000000000000004 "
    + "9007199254740991 -9007199254740991 900719925474099.1e1 1.00000000000000000000 1.7976931348623157e-300 "
    + "123456.789012345 0.1234567890123456"
  for (const text of texts.split(" ")) {
    expect([text, isExact(`{"id":${text}}`)]).toEqual([text, true])
  }
})

it("a number that is not finite or would lose a digit is not exact", () => {
  const texts = "1e400 -1e400 1e309 9007199254740992 9007199254740993 -9007199254740993 12345678901234567890 1e21 1e22 "
    + "0.1234567890123456789 1.0000000000000000001 -0.12345678901234567 1e-400 2e-324 123456789012345678e-2"
  const long = [`0.${"0".repeat(1000)}1`, `1${"0".repeat(1000)}`, `1.${"0".repeat(100_000)}1`]
  for (const text of [...texts.split(" "), ...long]) {
    expect([text.slice(0, 40), isExact(`{"id":${text}}`)]).toEqual([text.slice(0, 40), false])
  }
})

it("the number is the field's own, and the last of equal names", () => {
  const long = "0.1234567890123456789"
  expect(isExact(`{"x":${long},"id":1.5}`)).toBe(true)
  expect(isExact(`{"x":{"id":${long}},"y":[{"id":${long}}],"id":1.5,"z":{"id":${long}}}`)).toBe(true)
  expect(isExact(`{"x":"id","y":"\\"id\\":${long}","z":"\\\\","id" : 1.5 }`)).toBe(true)
  expect(isExact(`{"x":"\\\\\\"","id"\t:\t${long}}`)).toBe(false)
  expect(isExact(`{"\\u0069d":${long}}`)).toBe(false)
  expect(isExact(`{"id":${long},"id":1.5}`)).toBe(true)
  expect(isExact(`{"id":1.5,"id":${long}}`)).toBe(false)
  expect(isExact(`{"a\\"b":${long},"id":1.5}`, "a\"b")).toBe(false)
})
