/**
 * The library's options for a run: flags go before the environment, the
 * environment before the defaults. What is out of its range is bad usage.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Os from "node:os"
import * as CliError from "./CliError.js"
import type { Given } from "./HeaderLines.js"
import * as HeaderLines from "./HeaderLines.js"
import * as LibraryFlags from "./LibraryFlags.js"

export interface Flags extends Given {
  readonly verbose: boolean
  /** The library's flags that were given, by name. */
  readonly library: Readonly<Record<string, string | boolean | undefined>>
}

const units: Readonly<Record<string, string>> = { ms: "millis", s: "seconds", m: "minutes", h: "hours" }

/** `10s` as well as `10 seconds`. */
const expandUnit = (value: string): string =>
  value.replace(/^(\d+(?:\.\d+)?)(ms|s|m|h)$/, (_, number: string, unit: string) => `${number} ${units[unit]}`)

const variables = (environment: HeaderLines.Environment, given: Flags["library"]): Map<string, string> => {
  const all = new Map(
    Object.entries(environment).flatMap(([name, value]) => value === undefined ? [] : [[name, value]])
  )
  for (const [name, value] of LibraryFlags.asEnvironment(given)) all.set(name, expandUnit(value))
  return all
}

/** The options as the layer takes them, and every setting they come to. */
export const resolve = (flags: Flags, environment: HeaderLines.Environment): Effect.Effect<
  { readonly options: FastGetConfig.LayerOptions; readonly settings: FastGetConfig.Settings },
  CliError.Usage
> =>
  Effect.gen(function*() {
    const provider = ConfigProvider.fromMap(variables(environment, flags.library))
    const given = yield* provider.load(FastGetConfig.fromEnv).pipe(
      Effect.mapError((error) => new CliError.Usage({ message: inFlags(String(error)) }))
    )
    const headers = { ...lowerCase(given.headers ?? {}), ...(yield* HeaderLines.parse(flags, environment)) }
    const options: FastGetConfig.LayerOptions = {
      ...given,
      headers,
      logLevel: flags.verbose ? given.logLevel ?? LogLevel.Info : LogLevel.None
    }
    const settings = yield* FastGetConfig.resolve(options, FastGetConfig.defaults(Os.availableParallelism())).pipe(
      Effect.mapError((error) => new CliError.Usage({ message: error.message }))
    )
    return { options, settings }
  })

const lowerCase = (headers: FastGetConfig.Headers): FastGetConfig.Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** A message that names the variable names the flag, too. */
const inFlags = (message: string): string => `An option can't be read: ${message.replaceAll("\n", " ")}`
