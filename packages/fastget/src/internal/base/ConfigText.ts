/**
 * Values read from the text of a `Config`, and what is said of a text that can't
 * be read.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"

/**
 * A value read from a text, with spaces around it. The message of one that
 * can't be read begins with the variable's name, so that the command can put
 * its flag there.
 */
export const text = <A>(
  range: string,
  read: (text: string) => A | undefined,
  hint: (text: string) => string | undefined = () => undefined
) =>
(name: string): Config.Config<A> =>
  Config.mapOrFail(Config.string(name), (given) => {
    const value = read(given.trim())
    if (value !== undefined) return Either.right(value)
    const more = hint(given)
    const message = `${name} can't be ${JSON.stringify(given)}: ${
      more === undefined ? "" : `${more}; `
    }it takes ${range}`
    return Either.left(ConfigError.InvalidData([], message))
  })

/** A number in any form that JavaScript has. */
export const readNumber = (text: string): number | undefined => {
  const n = Number(text)
  return text === "" || Number.isNaN(n) ? undefined : n
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false
}

const readBoolean = (text: string): boolean | undefined => {
  const small = text.toLowerCase()
  return Object.hasOwn(truths, small) ? truths[small] : undefined
}

/** As Effect's, in any case of letters. */
export const booleanConfig = text("true or false", readBoolean)
