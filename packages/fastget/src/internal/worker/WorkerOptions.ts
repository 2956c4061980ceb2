/**
 * What a worker of one's own is given: whether each option exists and is of its
 * kind. TypeScript says so before; a program without types is told here.
 */
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as OptionKinds from "../../platform/OptionKinds.js"
import * as OptionTable from "../../platform/OptionTable.js"
import type { InvalidOption } from "../base/InvalidOption.js"

const kinds: OptionKinds.OptionKinds = {
  client: ["a Layer", Layer.isLayer],
  keeps: OptionKinds.names,
  schema: OptionKinds.schema,
  parseOptions: OptionKinds.parseOptions,
  decode: OptionKinds.aFunction
}

/** The first that can't be, if there is one. What is undefined is not given. */
export const wrong = (given: object): InvalidOption | undefined =>
  Either.match(OptionTable.onlyKnown(given, Object.keys(kinds)), {
    onLeft: (error) => error,
    onRight: () => OptionKinds.wrong(kinds, given) ?? OptionKinds.unusedParseOptions(given)
  })
