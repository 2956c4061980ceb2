/**
 * The library's options for a run: flags go before the environment, the
 * environment before the defaults. What is out of its range is bad usage.
 */
import type * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Environment from "fastget/platform/Environment"
import * as Fs from "node:fs/promises"
import * as CliError from "../CliError.js"
import type { Given } from "./HeaderLines.js"
import * as HeaderLines from "./HeaderLines.js"
import * as LibraryFlags from "./LibraryFlags.js"

export interface Flags extends Given {
  readonly verbose: boolean
  readonly limits: Option.Option<string>
  /** The library's flags that were given, by name. */
  readonly library: Readonly<Record<string, string | boolean | undefined>>
}

const variables = (environment: HeaderLines.Environment, given: Flags["library"]): Map<string, string> => {
  const all = new Map(
    Object.entries(environment).flatMap(([name, value]) => value === undefined ? [] : [[name, value]])
  )
  for (const [name, value] of LibraryFlags.asEnvironment(given)) all.set(name, value)
  return all
}

/** Why an option can't be given here, of a value as text; undefined for those that can. */
export type Refuse = (option: NodeFastGet.Name, text: string) => string | undefined

const refuseNone: Refuse = () => undefined

/** The options as the layer takes them, and every setting they come to. */
export const resolve = (
  flags: Flags,
  environment: HeaderLines.Environment,
  refuse: Refuse = refuseNone
): Effect.Effect<
  { readonly options: NodeFastGet.LayerOptions; readonly settings: FastGetConfig.Settings },
  CliError.Usage
> =>
  Effect.gen(function*() {
    const unknown = Environment.unknown(
      Object.keys(environment),
      [...LibraryFlags.variables.map(([variable]) => variable), ...Environment.ofCluster]
    )
    if (unknown !== undefined) return yield* usage(unknown)
    const needsTracer = forTracers.find((variable) => environment[variable] !== undefined)
    if (needsTracer !== undefined) return yield* usage(`${needsTracer} can't be given: the command has no tracer`)
    if (flags.library.log !== undefined && !flags.verbose) {
      return yield* usage("--log says how a run is logged, and without --verbose none is")
    }
    const all = variables(environment, flags.library)
    const names = new Map(LibraryFlags.byEnvironment(flags.library))
    if (Option.isSome(flags.limits)) {
      const file = flags.limits.value
      // The variable has the same form, so that one parser reads both.
      all.set(origins, yield* readLimits(file))
      names.set(origins, `--limits ${file}`)
    }
    for (const [variable, option] of LibraryFlags.variables) {
      const problem = all.has(variable) ? refuse(option, all.get(variable)!) : undefined
      if (problem !== undefined) return yield* usage(`${names.get(variable) ?? variable} ${problem}`)
    }
    const provider = ConfigProvider.fromMap(all)
    const given = yield* Effect.mapError(
      provider.load(NodeFastGet.fromEnv),
      (error) => usage(unreadable(error, names))
    )
    const problem = FastGetConfig.fields.headers.problem?.(given.headers ?? {})
    if (problem !== undefined) return yield* usage(`FASTGET_HEADERS takes one 'name: value' a line: ${problem}`)
    const headers = { ...lowerCase(given.headers ?? {}), ...(yield* HeaderLines.parse(flags, environment)) }
    const options: NodeFastGet.LayerOptions = {
      ...given,
      headers,
      logLevel: flags.verbose ? given.logLevel ?? LogLevel.Info : LogLevel.None
    }
    // Told before anything is opened: the layer would raise it as a defect.
    const settings = yield* Effect.mapError(
      NodeFastGet.settings(options),
      (error) => usage(impossible(error, names))
    )
    return { options, settings }
  })

const origins = NodeFastGet.environmentName("origins")
const forTracers = [NodeFastGet.environmentName("spans"), NodeFastGet.environmentName("propagate")]

const readLimits = (file: string): Effect.Effect<string, CliError.Usage> =>
  Effect.tryPromise({
    try: () => Fs.readFile(file, "utf8"),
    catch: (error) => usage(`--limits ${file} can't be read: ${CliError.systemMessage(error)}`)
  })

const usage = (message: string) => new CliError.Usage({ message })

const lowerCase = (headers: FastGetConfig.Headers): FastGetConfig.Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

type Names = ReadonlyMap<string, string>

/** What a text could not be read as. The messages begin with the variable, in whose place its flag may stand. */
const unreadable = (error: ConfigError.ConfigError, names: Names): string => {
  switch (error._op) {
    case "And":
      return `${unreadable(error.left, names)}; ${unreadable(error.right, names)}`
    // The second way to read it says all that it takes.
    case "Or":
      return unreadable(error.right, names)
    default: {
      const [variable = ""] = error.message.split(" ", 1)
      return `${names.get(variable) ?? variable}${error.message.slice(variable.length)}`
    }
  }
}

/** What is out of its range, and where it was given. */
const impossible = (error: FastGetConfig.InvalidOption, names: Names): string => {
  if (!Object.hasOwn(NodeFastGet.fields, error.option)) return error.message
  const variable = NodeFastGet.environmentName(error.option as NodeFastGet.Name)
  const name = names.get(variable) ?? variable
  return error.option === "denyPrivate" && error.range === FastGetConfig.fields.denyPrivate.range
    // As it is written here, and not as in TypeScript.
    ? `${name} takes true, false, or addresses and CIDR ranges with commas between them, and not ${error.value}`
    : `${name}: ${error.message}`
}
