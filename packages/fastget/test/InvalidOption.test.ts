import { InvalidOption, show } from "#internal/base/InvalidOption"
import { expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"

it("an option that can't be says which it is, what was given, what is wrong and what it takes", () => {
  const given = { option: "timeout", value: "0" }
  expect(new InvalidOption({ ...given, range: "more than 0" }).message)
    .toBe("The option timeout can't be 0: it takes more than 0")
  expect(new InvalidOption({ ...given, range: "more than 0", problem: "no time" }).message)
    .toBe("The option timeout can't be 0: no time; it takes more than 0")
  expect(new InvalidOption({ ...given, range: "", problem: "no time" }).message)
    .toBe("The option timeout can't be 0: no time")
})

it("a value is shown as it is written", () => {
  expect([show("a"), show(1), show(Duration.seconds(90)), show({ a: [1] }), show(undefined)])
    .toEqual(["\"a\"", "1", "1m 30s", "{\"a\":[1]}", "undefined"])
})
