/**
 * The variables of the environment whose names begin with `FASTGET_`: which of
 * them a `Config` reads, and that there is none which nothing reads. A name that
 * is misspelt would else be as if it were not there.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import { perhaps } from "./Nearest.js"

const prefix = "FASTGET_"

/**
 * Variables that only some of the packages read. A program that does not use
 * those packages may have them in its environment all the same.
 *
 * @since 0.1.0
 * @category constants
 */
export const ofCluster: ReadonlyArray<string> = [
  "FASTGET_CLUSTER",
  "FASTGET_LANES",
  "FASTGET_RUNNER_TIMEOUT"
]

/**
 * The names that a `Config` asks its provider for.
 *
 * @since 0.1.0
 * @category getting
 */
export const asked = (config: Config.Config<unknown>): ReadonlyArray<string> => {
  const names = new Set<string>()
  const recording = ConfigProvider.fromFlat(ConfigProvider.makeFlat({
    load: (path) => {
      names.add(path.join("_"))
      return Effect.fail(ConfigError.MissingData([...path], "only asking"))
    },
    enumerateChildren: () => Effect.succeed(HashSet.empty()),
    patch: ConfigProvider.fromMap(new Map()).flattened.patch
  }))
  Effect.runSync(Effect.ignore(recording.load(config)))
  return [...names]
}

/**
 * What is wrong with the first of some names that begins with `FASTGET_` and is
 * not known, with the one that was perhaps meant; `undefined` where all are known.
 *
 * @since 0.1.0
 * @category guards
 */
export const unknown = (names: Iterable<string>, known: ReadonlyArray<string>): string | undefined => {
  for (const name of names) {
    if (!name.startsWith(prefix) || known.includes(name)) continue
    return `${name} can't be given: there is no such variable${perhaps(name, known)}`
  }
  return undefined
}

/**
 * Fails with a `ConfigError` where the provider in context has a variable whose
 * name begins with `FASTGET_` and that neither `config` nor another package of
 * FastGet reads.
 *
 * @since 0.1.0
 * @category guards
 */
export const onlyKnown = (config: Config.Config<unknown>): Effect.Effect<void, ConfigError.ConfigError> =>
  Effect.configProviderWith((provider) =>
    Effect.flatMap(namesOf(provider), (names) => {
      const problem = unknown(names, [...asked(config), ...ofCluster])
      return problem === undefined
        ? Effect.void
        : Effect.fail(ConfigError.InvalidData([problem.split(" ", 1)[0]!], problem))
    })
  )

/** The names with the prefix. A provider may have them as they are, or in parts, as that of the environment has. */
const namesOf = (provider: ConfigProvider.ConfigProvider): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const whole = (yield* children(provider, [])).filter((name) => name.startsWith(prefix))
    return [...whole, ...yield* below(provider, [prefix.slice(0, -1)])].sort()
  })

/** What comes next in names that begin with the path. */
const children = (
  provider: ConfigProvider.ConfigProvider,
  path: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>> => {
  const all: Config.Config<HashMap.HashMap<string, unknown>> = Config.hashMap(Config.succeed(undefined))
  const nested = path.reduceRight((config, part) => Config.nested(config, part), all)
  return Effect.map(Effect.orElseSucceed(provider.load(nested), () => HashMap.empty()), (parts) => [
    ...HashMap.keys(parts)
  ])
}

const below = (
  provider: ConfigProvider.ConfigProvider,
  path: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const parts = yield* children(provider, path)
    const longer = yield* Effect.forEach(parts, (part) => below(provider, [...path, part]))
    const name = path.join("_")
    const isSet = path.length > 1 && (yield* Effect.isSuccess(provider.load(Config.string(name))))
    return isSet ? [name, ...longer.flat()] : longer.flat()
  })
