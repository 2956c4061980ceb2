/**
 * The option `denyPrivate`. Addresses are checked by their form alone: what is
 * an address is known where the connections are made.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as OptionField from "../../platform/OptionField.js"
import * as Parts from "../../platform/Parts.js"
import { booleanConfig } from "../base/ConfigText.js"

/**
 * Whether connections to private addresses are refused, and which addresses and
 * ranges (`10.1.2.3`, `fd00:1::/32`) are fine in spite of it.
 */
export type DenyPrivate = boolean | { readonly allow: ReadonlyArray<string> }

const addressOrRange = /^[\da-f.:]+(?:\/\d{1,3})?$/i

const parse = (value: DenyPrivate): DenyPrivate | undefined => {
  if (typeof value === "boolean") return value
  if (!Parts.isObject(value) || problem(value) !== undefined || !Array.isArray(value.allow)) return undefined
  const allow: ReadonlyArray<unknown> = value.allow
  const fine = allow.every((text) => typeof text === "string" && addressOrRange.test(text))
  return fine ? { allow: [...value.allow] } : undefined
}

const problem = (value: DenyPrivate): string | undefined => {
  const unknown = Parts.isObject(value) ? Parts.unknown(value, ["allow"]) : undefined
  return unknown === undefined ? undefined : `it ${unknown}`
}

/** `true`, `false`, or addresses and ranges to allow, with commas between them. */
const config = (name: string): Config.Config<DenyPrivate> =>
  Config.orElse(booleanConfig(name), () =>
    Config.mapOrFail(Config.array(Config.string(), name), (allow) => {
      const value = parse({ allow: allow.map((text) => text.trim()) })
      const message =
        `${name} can't be ${JSON.stringify(allow.join(","))}: it takes true, false, or addresses and CIDR ` +
        "ranges with commas between them"
      return value === undefined ? Either.left(ConfigError.InvalidData([], message)) : Either.right(value)
    }))

export const denyPrivate = <S extends OptionField.Scope>(options: {
  readonly scope: S
  readonly description: string
}) =>
  OptionField.field<DenyPrivate, DenyPrivate, S>({
    ...options,
    default: false,
    range: "true, false, or { allow } with addresses and CIDR ranges",
    parse,
    problem,
    config
  })
