/**
 * Options that are given in code alone, each with what it takes, and the first of
 * them that is not of its kind.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { InvalidOption } from "../internal/base/InvalidOption.js"
import * as Parts from "./Parts.js"

/**
 * What an option takes, in words, and whether a value is that.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = readonly [range: string, isFine: (value: unknown) => boolean]

/**
 * Options by name.
 *
 * @since 0.1.0
 * @category models
 */
export interface OptionKinds {
  readonly [option: string]: Kind
}

/**
 * @since 0.1.0
 * @category kinds
 */
export const schema: Kind = ["a Schema", Schema.isSchema]

/**
 * @since 0.1.0
 * @category kinds
 */
export const parseOptions: Kind = ["an object, as Schema takes it", Parts.isObject]

/**
 * @since 0.1.0
 * @category kinds
 */
export const aFunction: Kind = ["a function", (value) => typeof value === "function"]

/**
 * @since 0.1.0
 * @category kinds
 */
export const names: Kind = [
  "a list of names",
  (value) => Array.isArray(value) && value.every((name) => typeof name === "string")
]

/**
 * The first option that can't be, if there is one. What is undefined is not
 * given. Of a value its kind is told, of a text the text. `prefix` stands before
 * the names of options that are inside of another: `redact.`.
 *
 * @since 0.1.0
 * @category guards
 */
export const wrong = (kinds: OptionKinds, given: object, prefix = ""): InvalidOption | undefined => {
  for (const [option, [range, isFine]] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(given, option)
    if (value === undefined || isFine(value)) continue
    return new InvalidOption({
      option: `${prefix}${option}`,
      value: typeof value === "string" ? JSON.stringify(value) : Parts.kindOf(value),
      range
    })
  }
  return undefined
}

/**
 * `parseOptions` changes nothing where there is no schema.
 *
 * @since 0.1.0
 * @category guards
 */
export const unusedParseOptions = (given: object): InvalidOption | undefined =>
  Reflect.get(given, "parseOptions") === undefined || Reflect.get(given, "schema") !== undefined
    ? undefined
    : new InvalidOption({
      option: "parseOptions",
      value: "given here",
      range: "",
      problem: "it says how a schema decodes, and there is no schema"
    })
