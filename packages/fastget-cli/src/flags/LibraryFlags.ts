/**
 * The library's options as flags, made of `NodeFastGet.fields`: a new field is a
 * new flag. What is given goes before the environment variable of the same
 * name and is read by the field's own `Config`; so both take the same values.
 * What can't be is told by the flag, where one was given.
 */
import type * as Config from "effect/Config"
import * as Option from "effect/Option"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as Environment from "fastget/platform/Environment"
import type { Flag } from "./Flag.js"
import { optionName } from "./Flag.js"

/**
 * The command has flags of its own for the first three: --header and so on,
 * --verbose, --limits. Spans and the trace of a run are a tracer's, of which it has none. A passphrase
 * is taken from the environment only, because other users of the machine can read
 * a command line.
 */
const elsewhere: ReadonlyArray<string> = [
  "headers",
  "logLevel",
  "origins",
  "propagate",
  "spans",
  "client.tls.passphrase"
]

export interface LibraryFlag extends Flag {
  /** The option of the library that it sets, or a part of it. */
  readonly option: NodeFastGet.Name
  /** The environment variable it goes before, and how it is handed to the library. */
  readonly environment: string
  /** What a switch stands for. */
  readonly means?: string
  /** What it may be given without a value for. */
  readonly bare?: string
}

const names = Object.keys(NodeFastGet.fields) as Array<NodeFastGet.Name>

const environmentsOf = new Map(names.map((name) => {
  const { config }: AnyField = NodeFastGet.fields[name]
  return [name, Environment.asked(config(NodeFastGet.environmentName(name)))] as const
}))

const camelCase = (environment: string): string =>
  environment.replace(/^FASTGET_/, "").toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** A field as the flags look at it; each has some of its parts only. */
type AnyField = {
  readonly default: unknown
  readonly description: string
  readonly placeholder?: string
  readonly range: string
  readonly rangeAsText?: string
  readonly shown?: string
  readonly config: (name: string) => Config.Config<unknown>
}

const ofField = (name: NodeFastGet.Name): ReadonlyArray<readonly [name: string, flag: LibraryFlag]> => {
  const field: AnyField = NodeFastGet.fields[name]
  const environments = environmentsOf.get(name) ?? []
  if (typeof field.default === "boolean" && field.range === "true or false") {
    return environments.map((environment) => ofSwitch(name, environment, field))
  }
  const { range, rangeAsText = range, shown = JSON.stringify(field.default) } = field
  const about = `${field.description} Takes ${rangeAsText}. Default: ${shown}.`
  const [first = ""] = environments
  return environments.map((environment) => [
    camelCase(environment),
    {
      option: name,
      environment,
      value: valueName(environment, field),
      ...(typeof field.default === "boolean" ? { bare: String(!field.default) } : undefined),
      description: environment === first ? about : `See --${optionName(camelCase(first))}.`
    }
  ])
}

/** What a value is called; those of `retry` and `rate` are told apart by their names. */
const valueName = (environment: string, { placeholder = "VALUE" }: AnyField): string => {
  if (/_RETRY_(?:BASE|CAP)$/.test(environment)) return "DURATION"
  return /_(?:RETRY_TIMES|BURST)$/.test(environment) ? "N" : placeholder
}

const ofSwitch = (
  option: NodeFastGet.Name,
  environment: string,
  { default: byDefault, description }: AnyField
): readonly [name: string, flag: LibraryFlag] => {
  const name = camelCase(environment)
  const means = String(byDefault !== true)
  return [
    byDefault === true ? `no${name[0]!.toUpperCase()}${name.slice(1)}` : name,
    { option, environment, means, description: `${description} Sets it to ${means}.` }
  ]
}

/** Every flag of the library, by name. */
export const all: Readonly<Record<string, LibraryFlag>> = Object.fromEntries(
  names
    .filter((name) => !elsewhere.includes(name))
    .flatMap(ofField)
)

/** Every variable of the library, and the option it sets or is a part of; also of those that have no flag here. */
export const variables: ReadonlyArray<readonly [environment: string, option: NodeFastGet.Name]> = names.flatMap((
  name
) => (environmentsOf.get(name) ?? []).map((environment) => [environment, name] as const))

/** Flags of the library as they are parsed. */
export type Parsed = Readonly<Record<string, Option.Option<string> | ReadonlyArray<string> | boolean>>

/** Those that were given. */
export const givenOf = (parsed: Parsed): Readonly<Record<string, string | boolean | undefined>> =>
  Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [
      name,
      typeof value === "boolean" ? value : Option.isOption(value) ? Option.getOrUndefined(value) : undefined
    ])
  )

/** What was given by flags, by the variable that each goes before. */
export const byEnvironment = (
  given: Readonly<Record<string, string | boolean | undefined>>
): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(all).flatMap(([name, { environment }]) =>
      typeof given[name] === "string" || given[name] === true ? [[environment, `--${optionName(name)}`]] : []
    )
  )

/** What was given, as the environment would say it. */
export const asEnvironment = (given: Readonly<Record<string, string | boolean | undefined>>): Map<string, string> => {
  const variables = new Map<string, string>()
  for (const [name, { environment, means }] of Object.entries(all)) {
    const value = given[name]
    if (typeof value === "string") variables.set(environment, value)
    else if (value === true && means !== undefined) variables.set(environment, means)
  }
  return variables
}
