/**
 * Headers from the command line, from files and from the environment. `${NAME}`
 * in a line is replaced here and not by the shell, so that no secret is seen in
 * the list of processes; a value with something of the environment in it is
 * redacted, and goes to no other origin.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Fs from "node:fs/promises"
import * as CliError from "../CliError.js"

export interface Given {
  readonly header: ReadonlyArray<string>
  readonly headerFile: ReadonlyArray<string>
  readonly headerEnv: ReadonlyArray<string>
}

export type Environment = Readonly<Record<string, string | undefined>>

type Pair = readonly [name: string, value: string | Redacted.Redacted<string>]

const variable = (environment: Environment, name: string): Effect.Effect<string, CliError.Usage> => {
  const value = environment[name]
  return value === undefined
    ? Effect.fail(new CliError.Usage({ message: `A header needs the environment variable ${name}, which is not set` }))
    : Effect.succeed(value)
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

const parseLine = (environment: Environment, from: string) => (line: string): Effect.Effect<Pair, CliError.Usage> =>
  Effect.gen(function*() {
    const colon = line.indexOf(":")
    // The line is not shown: it may hold a secret.
    if (colon <= 0) return yield* new CliError.Usage({ message: `${from} takes 'name: value'` })
    let value = line.slice(colon + 1).trim()
    const values = new Map<string, string>()
    for (const [, name] of value.matchAll(reference)) values.set(name!, yield* variable(environment, name!))
    value = value.replace(reference, (_, name: string) => values.get(name)!)
    return yield* checked(from, line.slice(0, colon).trim(), value, values.size > 0)
  })

/** A header that can't be sent is told here, by where it was given, and not for each request. */
const checked = (
  from: string,
  name: string,
  value: string,
  isSecret: boolean
): Effect.Effect<Pair, CliError.Usage> => {
  const problem = FastGetConfig.fields.headers.problem?.({ [name]: value })
  return problem === undefined
    ? Effect.succeed([name, isSecret ? Redacted.make(value) : value])
    : new CliError.Usage({ message: `${from}: ${problem}` })
}

const parseFile = (environment: Environment) => (file: string): Effect.Effect<ReadonlyArray<Pair>, CliError.Usage> =>
  Effect.tryPromise({
    try: () => Fs.readFile(file, "utf8"),
    catch: (error) =>
      new CliError.Usage({ message: `--header-file ${file} can't be read: ${CliError.systemMessage(error)}` })
  }).pipe(
    Effect.flatMap((text) =>
      Effect.forEach(
        text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#")),
        parseLine(environment, `--header-file ${file}`)
      )
    )
  )

const parseEnv = (environment: Environment) => (pair: string): Effect.Effect<Pair, CliError.Usage> => {
  const equals = pair.indexOf("=")
  return equals <= 0
    ? Effect.fail(new CliError.Usage({ message: "--header-env takes NAME=VARIABLE" }))
    : Effect.flatMap(
      variable(environment, pair.slice(equals + 1)),
      (value) => checked("--header-env", pair.slice(0, equals), value, true)
    )
}

/** The headers that were given; of equal names the last one counts, --header before --header-env before --header-file. */
export const parse = (
  { header, headerEnv, headerFile }: Given,
  environment: Environment
): Effect.Effect<FastGetConfig.Headers, CliError.Usage> =>
  Effect.map(
    Effect.all([
      Effect.map(Effect.forEach(headerFile, parseFile(environment)), (files) => files.flat()),
      Effect.forEach(headerEnv, parseEnv(environment)),
      Effect.forEach(header, parseLine(environment, "--header"))
    ]),
    (pairs) => Object.fromEntries(pairs.flat().map(([name, value]) => [name.toLowerCase(), value]))
  )
