/** The manual, and the options and exit codes that it is made of. */
import * as HelpDoc from "@effect/cli/HelpDoc"
import { expect, it } from "@effect/vitest"
import * as ExitCode from "../../src/ExitCode.js"
import * as Arguments from "../../src/flags/Arguments.js"
import * as Flag from "../../src/flags/Flag.js"
import * as Flags from "../../src/flags/Flags.js"
import * as Manual from "../../src/flags/Manual.js"

it("has only examples that are read as they should be", () => {
  for (const [, command] of Manual.examples) {
    const words = command.split(/ (?=(?:[^']*'[^']*')*[^']*$)/).slice(1).map((word) => word.replaceAll("'", ""))
    expect(Arguments.problem(Arguments.read(words))).toBeUndefined()
  }
})

it("has all examples and exit codes", () => {
  const text = HelpDoc.toAnsiText(Manual.description)
  for (const [, command] of Manual.examples) expect(text).toContain(command)
  for (const [code] of ExitCode.codes) expect(text).toContain(String(code))
})

it("no two options have the same name or letter", () => {
  const names = Object.entries<Flag.Flag>(Flags.all).flatMap(([name, { alias }]) => [
    Flag.optionName(name),
    ...(alias === undefined ? [] : [alias])
  ])
  expect(new Set(names).size).toBe(names.length)
  expect(Object.values(Flags.groups).flatMap((group) => Object.keys(group))).toEqual(Object.keys(Flags.all))
})
