/**
 * An option of the command as data, so that the parser, `--help`, the shell
 * completions and the manual are all made of it.
 */
import * as Options from "@effect/cli/Options"
import type * as Option from "effect/Option"

export interface Flag {
  /** One letter, for the short form. */
  readonly alias?: string
  /** What its value is called; a flag without a value is a switch. */
  readonly value?: string
  readonly choices?: ReadonlyArray<string>
  readonly repeated?: true
  readonly description: string
}

/** What a flag is parsed to. */
export type ValueOf<F extends Flag> = F extends { readonly repeated: true } ? ReadonlyArray<string>
  : F extends { readonly value: string } ? Option.Option<string>
  : boolean

export type ValuesOf<Flags extends Readonly<Record<string, Flag>>> = {
  readonly [Name in keyof Flags]: ValueOf<Flags[Name]>
}

/** `urlColumn` is given as `--url-column`. */
export const optionName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The flag as an option of `@effect/cli`. */
const toOption = (name: string, flag: Flag): Options.Options<unknown> => {
  const described = <A>(option: Options.Options<A>): Options.Options<A> => {
    const withText = Options.withDescription(option, flag.description)
    return flag.alias === undefined ? withText : Options.withAlias(withText, flag.alias)
  }
  if (flag.value === undefined) return described(Options.boolean(optionName(name)))
  const text: Options.Options<string> = flag.choices === undefined
    ? Options.withPseudoName(Options.text(optionName(name)), flag.value)
    : Options.choice(optionName(name), flag.choices)
  return flag.repeated === true ? Options.repeated(described(text)) : Options.optional(described(text))
}

/** The options of many flags, by name. */
export const toOptions = <Flags extends Readonly<Record<string, Flag>>>(
  flags: Flags
): { readonly [Name in keyof Flags]: Options.Options<ValueOf<Flags[Name]>> } =>
  // The values are made one by one, each of the type its flag says.
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, toOption(name, flag)])) as never
