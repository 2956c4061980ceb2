/** Options that are given in code alone, each with what it takes, and the first of them that is not of its kind. */
import * as Schema from "effect/Schema"
import * as Parts from "../../platform/Parts.js"
import { InvalidOption } from "./InvalidOption.js"

export type Kind = readonly [range: string, isFine: (value: unknown) => boolean]

export interface OptionKinds {
  readonly [option: string]: Kind
}

export const schema: Kind = ["a Schema", Schema.isSchema]

export const parseOptions: Kind = ["an object, as Schema takes it", Parts.isObject]

export const aFunction: Kind = ["a function", (value) => typeof value === "function"]

/** The first option that can't be, if there is one. What is undefined is not given. */
export const wrong = (kinds: OptionKinds, given: object): InvalidOption | undefined => {
  for (const [option, [range, isFine]] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(given, option)
    if (value === undefined || isFine(value)) continue
    return new InvalidOption({
      option,
      value: typeof value === "string" ? JSON.stringify(value) : Parts.kindOf(value),
      range
    })
  }
  return undefined
}

/** `parseOptions` changes nothing where there is no schema. */
export const unusedParseOptions = (given: object): InvalidOption | undefined =>
  Reflect.get(given, "parseOptions") === undefined || Reflect.get(given, "schema") !== undefined
    ? undefined
    : new InvalidOption({
      option: "parseOptions",
      value: "given here",
      range: "",
      problem: "it says how a schema decodes, and there is no schema"
    })
