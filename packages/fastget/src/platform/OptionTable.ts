/**
 * What is made of a table of options: the check of a value, the names in the
 * environment, and the `Config` that reads them all. A table is a record of
 * `OptionField`s; an option inside of another has both names, with a dot.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Either from "effect/Either"
import { InvalidOption, show } from "../internal/base/InvalidOption.js"
import { perhaps } from "./Nearest.js"
import type { OptionField } from "./OptionField.js"
import * as Parts from "./Parts.js"

/**
 * Options by name.
 *
 * @since 0.1.0
 * @category models
 */
export interface OptionTable {
  readonly [name: string]: OptionField<any, unknown>
}

/**
 * The value of an option in the form the library works with, or why it can't
 * be. What may be a secret is not repeated there.
 *
 * @since 0.1.0
 * @category constructors
 */
export const check = <Input, Value>(
  option: string,
  { parse, problem, range, redactedAs }: OptionField<Input, Value>,
  input: Input
): Either.Either<Value, InvalidOption> => {
  const parsed = parse(input)
  if (parsed !== undefined) return Either.right(parsed)
  const why = problem?.(input)
  return Either.left(
    new InvalidOption({
      option,
      value: redactedAs ?? show(input),
      range,
      ...(why === undefined ? undefined : { problem: why })
    })
  )
}

/**
 * That no option is given but those of some names. No value is shown: under a
 * name that is misspelt it may be a secret.
 *
 * @since 0.1.0
 * @category guards
 */
export const onlyKnown = (
  given: unknown,
  names: ReadonlyArray<string>,
  prefix = ""
): Either.Either<void, InvalidOption> => {
  if (!Parts.isObject(given)) {
    const option = prefix.replace(/\.$/, "")
    return Either.left(
      new InvalidOption({ option, value: Parts.kindOf(given), range: `an object with ${names.join(", ")}` })
    )
  }
  const unknown = Object.entries(given).find(([name, value]) => value !== undefined && !names.includes(name))
  return unknown === undefined ? Either.void : Either.left(
    new InvalidOption({
      option: `${prefix}${unknown[0]}`,
      value: "given here",
      problem: `there is no such option${perhaps(unknown[0], names)}`,
      range: ""
    })
  )
}

/**
 * The environment's name of an option: `FASTGET_NUM_WORKERS` of `numWorkers`. Of
 * one inside of another it is the inner name's: `FASTGET_DNS_TTL` of
 * `client.dnsTtl`.
 *
 * @since 0.1.0
 * @category options
 */
export const environmentName = (name: string): string =>
  `FASTGET_${constantCase(name.slice(name.lastIndexOf(".") + 1))}`

const constantCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/**
 * A record of one key, or of none where the `Config` has no value.
 *
 * @since 0.1.0
 * @category config
 */
export const optionally = <K extends string, A>(
  key: K,
  config: Config.Config<A>
): Config.Config<{ readonly [P in K]?: A }> =>
  Config.map(Config.option(config), (value) =>
    // A computed key loses its literal type.
    (value._tag === "Some" ? { [key]: value.value } : {}) as { readonly [P in K]?: A })

/**
 * The options that are set in the environment, by their names in the table.
 *
 * @since 0.1.0
 * @category config
 */
export const fromEnv = (table: OptionTable): Config.Config<Readonly<Record<string, unknown>>> =>
  Config.map(
    Config.all(
      Object.entries(table).map(([name, field]): Config.Config<Readonly<Record<string, unknown>>> =>
        optionally(name, field.config(environmentName(name)))
      )
    ),
    (options) => Object.assign({}, ...options)
  )
