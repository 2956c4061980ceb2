/**
 * What the command line comes to, without a command line.
 */
import * as Option from "effect/Option"
import type { Flag } from "../../src/flags/Flag.js"
import * as Flags from "../../src/flags/Flags.js"
import * as Plan from "../../src/Plan.js"

// Each value is of the type its flag says.
const nothing: Omit<Plan.Given, "files"> = Object.fromEntries(
  Object.entries<Flag>(Flags.all).map(([name, { repeated, value }]) => [
    name,
    repeated === true ? [] : value === undefined ? false : Option.none()
  ])
) as never

/** The flags of the command that are given; those with a value as their text. */
export const make = (
  files: ReadonlyArray<string>,
  flags: Readonly<Partial<Record<keyof typeof Flags.all, string | boolean | ReadonlyArray<string>>>> = {}
) => {
  const given = Object.entries(flags).map(([name, value]) => [
    name,
    typeof value === "string" ? Option.some(value) : value
  ])
  return Plan.make({ ...nothing, ...Object.fromEntries(given), files })
}
