/**
 * The arguments before they are parsed: which are options, which are their
 * values, and which are inputs. `@effect/cli` guesses where that is ambiguous (it
 * loses `-xy` at the start, and takes an input `1` for the value of a switch), so
 * it gets them in an unambiguous form.
 */
import * as Nearest from "fastget/platform/Nearest"
import * as Fs from "node:fs"
import * as Source from "../input/Source.js"
import * as Flag from "./Flag.js"
import * as Flags from "./Flags.js"
import * as LibraryFlags from "./LibraryFlags.js"
import * as Reasons from "./Reasons.js"

export type Argument =
  /** `flag` is as it was given; `joined` says whether by `--name=value`. */
  | { readonly _tag: "Option"; readonly flag: string; readonly value: string | undefined; readonly joined: boolean }
  | { readonly _tag: "File"; readonly name: string }
  /** An argument that can't be used, and why, as a sentence for the user. */
  | { readonly _tag: "Bad"; readonly problem: string }

interface Known {
  readonly name: string
  readonly takesValue: boolean
  readonly isRepeated?: boolean
  readonly isBuiltIn?: boolean
  /** For an option whose value may be left out: what it means then, and whether the next argument is its value or an input. */
  readonly bare?: { readonly means: string; readonly isValue: (text: string) => boolean } | undefined
}

/** `true`, `false`, addresses and ranges with commas between them. */
const isSwitchOrAddresses = (text: string): boolean => /^(?:true|false|[\da-f]*[.:][\da-f.:/,]*)$/i.test(text)

/** Reasons, right or misspelt: also a word that is not the name of a file. */
const isReasons = (text: string): boolean =>
  Reasons.parse(text) !== undefined || (/^[^-./\\][^./\\]*$/.test(text) && !Fs.existsSync(text))

const bareOf = (name: string, means: string | undefined): Known["bare"] =>
  name === "--retry-failed"
    ? { means: "all", isValue: isReasons }
    : means === undefined
    ? undefined
    : { means, isValue: isSwitchOrAddresses }

const builtIn = ["--help", "-h", "--version", "--wizard", "--completions", "--log-level"]

/** The options that a command knows, by the way they are given. */
export type Table = ReadonlyMap<string, Known>

type AnyFlag = Flag.Flag & { readonly bare?: string }

export const table = (flags: Readonly<Record<string, AnyFlag>>): Table =>
  new Map([
    ...builtIn.map((name): [string, Known] => [
      name,
      { name, takesValue: name === "--completions" || name === "--log-level", isBuiltIn: true }
    ]),
    ...Object.entries(flags).flatMap(
      ([key, { alias, bare, repeated, value }]) => {
        const name = `--${Flag.optionName(key)}`
        const option = {
          name,
          takesValue: value !== undefined,
          isRepeated: repeated === true,
          bare: bareOf(name, bare)
        }
        return [name, ...(alias === undefined ? [] : [`-${alias}`])].map((flag): [string, Known] => [flag, option])
      }
    )
  ])

/** Those of `fastget` itself. */
const ofRun = table({ ...Flags.all, ...LibraryFlags.all })

/** Tells the arguments apart. After `--` all are files, and `-` is stdin there as well. */
export const read = (argv: ReadonlyArray<string>, known = ofRun): ReadonlyArray<Argument> => {
  const all: Array<Argument> = []
  for (let at = 0; at < argv.length; at++) {
    const text = argv[at]!
    if (text === "--") return [...all, ...argv.slice(at + 1).map(file)]
    if (!text.startsWith("-") || text === Source.stdin) all.push(file(text))
    else {
      const { isNextTaken, these } = (text.startsWith("--") ? readLong : readShort)(known, text, argv[at + 1])
      all.push(...these)
      if (isNextTaken) at++
    }
  }
  return all
}

/** A file whose name begins with a dash gets `./` before it: so it is no option, also in the command that resumes the run. */
const file = (text: string): Argument => ({
  _tag: "File",
  name: text.startsWith("-") && text !== Source.stdin ? `./${text}` : text
})

interface Read {
  readonly these: ReadonlyArray<Argument>
  readonly isNextTaken: boolean
}

const one = (argument: Argument, isNextTaken = false): Read => ({ these: [argument], isNextTaken })

const bad = (problem: string): Read => one({ _tag: "Bad", problem })

const option = (flag: string, value: string | undefined, joined = false): Argument => ({
  _tag: "Option",
  flag,
  value,
  joined
})

/** `--name`, `--name value`, `--name=value`. */
const readLong = (known: Table, text: string, next: string | undefined): Read => {
  const end = text.indexOf("=")
  const flag = end < 0 ? text : text.slice(0, end)
  const found = known.get(flag)
  if (found === undefined) return bad(noOption(known, flag))
  if (end < 0) return readValue(flag, found, next)
  const value = text.slice(end + 1)
  if (!found.takesValue && value !== "true" && value !== "false") return bad(`${flag} takes no value`)
  return isMissing(found, value) ? bad(`${flag} needs a value`) : one(option(flag, value, true))
}

/** `-q`, `-o file`, `-ofile`, `-o=file`, and several as one: `-qo file`. */
const readShort = (known: Table, text: string, next: string | undefined): Read => {
  const these: Array<Argument> = []
  for (let at = 1; at < text.length; at++) {
    const flag = `-${text[at]}`
    const found = known.get(flag)
    const rest = text.slice(at + 1)
    if (found === undefined) return bad(noOption(known, text))
    if (!found.takesValue && rest.startsWith("=")) return bad(`${flag} takes no value`)
    if (!found.takesValue) these.push(option(flag, undefined))
    else {
      const last = rest === "" ? readValue(flag, found, next) : one(option(flag, rest.replace(/^=/, "")))
      return { ...last, these: [...these, ...last.these] }
    }
  }
  return { these, isNextTaken: false }
}

const readValue = (flag: string, found: Known, next: string | undefined): Read => {
  if (!found.takesValue) return one(option(flag, undefined))
  if (found.bare !== undefined && (next === undefined || !found.bare.isValue(next))) return one(option(flag, undefined))
  return next === undefined || isMissing(found, next) ? bad(`${flag} needs a value`) : one(option(flag, next), true)
}

/** An option that may be repeated can't have an empty value; others can, as a column may have an empty name. */
const isMissing = ({ isRepeated }: Known, value: string): boolean => isRepeated === true && value.trim() === ""

const noOption = (known: Table, flag: string): string => {
  const [name = flag] = flag.split("=")
  const nearest = name.startsWith("--") ? Nearest.nearest(name, [...known.keys()]) : undefined
  return `There is no option ${name}${nearest === undefined ? "" : `: perhaps ${nearest} is meant`}${
    Fs.existsSync(flag) ? "; an input of that name goes behind --" : ""
  }`
}

/** What is wrong with the first bad argument; nothing where help is asked for, which is given in any case. */
export const problem = (all: ReadonlyArray<Argument>, known = ofRun): string | undefined =>
  all.some((argument) => argument._tag === "Option" && known.get(argument.flag)?.isBuiltIn === true)
    ? undefined
    : all.find((argument) => argument._tag === "Bad")?.problem ?? twice(known, all)

/** An option with two values is refused, as one of them would be ignored. A switch may be given again. */
const twice = (known: Table, all: ReadonlyArray<Argument>): string | undefined => {
  const values = new Map<string, string | undefined>()
  for (const { flag, value } of all.filter((argument) => argument._tag === "Option")) {
    const { isRepeated, name, takesValue } = known.get(flag)!
    if (isRepeated !== true && values.has(name) && (takesValue || value !== values.get(name))) {
      return `${name} is given twice`
    }
    values.set(name, value)
  }
  return undefined
}

/** The arguments in the form for `@effect/cli`: its own options, ours with their values, and then the files. */
export const complete = (all: ReadonlyArray<Argument>, known = ofRun): ReadonlyArray<string> => {
  const own: Array<string> = []
  const ours: Array<string> = []
  const files: Array<string> = []
  const switches = new Set<string>()
  for (const argument of all) {
    if (argument._tag === "File") files.push(argument.name)
    if (argument._tag !== "Option") continue
    const { bare, isBuiltIn, isRepeated, name, takesValue } = known.get(argument.flag)!
    if (!takesValue && switches.has(name)) continue
    if (!takesValue) switches.add(name)
    const value = argument.value ?? bare?.means
    const given = value === undefined
      ? [name]
      // A value that looks like an option is joined to its name; repeated options can't be joined in `@effect/cli`.
      : isRepeated !== true && /^-.*\S$/.test(value)
      ? [`${name}=${value}`]
      : [name, value]
    ;(isBuiltIn === true ? own : ours).push(...given)
  }
  return [...own, ...ours, "--", ...files]
}
