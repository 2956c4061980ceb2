/**
 * The option `propagate`: the origins that are told the trace of a run. Patterns
 * come in, their normal form goes out.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as OptionField from "../../platform/OptionField.js"
import * as Parts from "../../platform/Parts.js"
import * as OriginPattern from "../base/OriginPattern.js"

const normal = (patterns: unknown): Either.Either<ReadonlyArray<string>, string> => {
  if (!Array.isArray(patterns)) return Either.left(`it is ${Parts.kindOf(patterns)}`)
  return Either.all(
    patterns.map((pattern: unknown) =>
      typeof pattern === "string" ? OriginPattern.normal(pattern) : Either.left(`${Parts.kindOf(pattern)} is no origin`)
    )
  )
}

const range = "a list of origins (https://api.example.com), hosts (api.example.com) and patterns (*.example.com)"

const config = (name: string): Config.Config<ReadonlyArray<string>> =>
  Config.mapOrFail(
    Config.array(Config.string(), name),
    (patterns) => Either.mapLeft(normal(patterns), (why) => ConfigError.InvalidData([], `${name} can't be so: ${why}`))
  )

export const propagate = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.field<ReadonlyArray<string>, ReadonlyArray<string>, S>({
    ...options,
    default: [],
    shown: "[]",
    range,
    rangeAsText: "origins, hosts and patterns with commas between them",
    redactedAs: "the given origins",
    parse: (patterns) => Either.getOrUndefined(normal(patterns)),
    problem: (patterns) => Either.match(normal(patterns), { onLeft: (why) => why, onRight: () => undefined }),
    config
  })
