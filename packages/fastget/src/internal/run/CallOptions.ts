/**
 * What a call is given beside the options of its stream: whether each is of its
 * kind. TypeScript says so before; a program without types is told here.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Parts from "../../platform/Parts.js"
import { InvalidOption } from "../base/InvalidOption.js"

const ways: ReadonlyArray<unknown> = ["json", "text", "bytes"]

const kinds: Readonly<Record<string, readonly [range: string, isFine: (value: unknown) => boolean]>> = {
  as: ["\"json\", \"text\" or \"bytes\"", (value) => ways.includes(value)],
  schema: ["a Schema", Schema.isSchema],
  parseOptions: ["an object, as Schema takes it", Parts.isObject],
  parse: ["a function", (value) => typeof value === "function"],
  drain: ["an Effect", Effect.isEffect],
  withHeaders: ["true or false", (value) => typeof value === "boolean"]
}

/** The first that can't be, if there is one. What is undefined is not given. */
export const wrong = (given: object): InvalidOption | undefined => {
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
