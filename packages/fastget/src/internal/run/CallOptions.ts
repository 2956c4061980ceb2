/**
 * What a call is given beside the options of its stream: whether each is of its
 * kind. TypeScript says so before; a program without types is told here.
 */
import * as Effect from "effect/Effect"
import * as OptionKinds from "../../platform/OptionKinds.js"
import type { InvalidOption } from "../base/InvalidOption.js"

const ways: ReadonlyArray<unknown> = ["json", "text", "bytes"]

const kinds: OptionKinds.OptionKinds = {
  as: ["\"json\", \"text\" or \"bytes\"", (value) => ways.includes(value)],
  schema: OptionKinds.schema,
  parseOptions: OptionKinds.parseOptions,
  parse: OptionKinds.aFunction,
  drain: ["an Effect", Effect.isEffect],
  withHeaders: ["true or false", (value) => typeof value === "boolean"]
}

/** The first that can't be, if there is one. What is undefined is not given. */
export const wrong = (given: object): InvalidOption | undefined =>
  OptionKinds.wrong(kinds, given) ?? OptionKinds.unusedParseOptions(given)
