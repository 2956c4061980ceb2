/**
 * The option `origins`: limits of single origins, of hosts, or of all hosts
 * under a name. A record by pattern in; rules in a normal form out, the most
 * specific first.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as OptionField from "../../platform/OptionField.js"
import * as Parts from "../../platform/Parts.js"
import { normal, shown } from "../base/OriginPattern.js"
import type { RateRule } from "../traffic/Rules.js"
import * as JsonObject from "./JsonObject.js"
import type { Rate, RateText } from "./RateOption.js"
import * as RateOption from "./RateOption.js"

/** What holds for an origin in place of the option of the layer. */
export interface OriginLimits {
  /** In place of `rate`. */
  readonly rate?: Rate | RateText
  /** In place of `connectionsPerOrigin`; 1 to 65535. */
  readonly connections?: number
}

/**
 * Limits by origin (`https://api.example.com`), by host (`api.example.com`: both
 * schemes, every port), or for all hosts under a name (`*.example.com`).
 */
export interface Origins {
  readonly [pattern: string]: OriginLimits
}

/** A rule as plain data. Its pattern is in the normal form of `URL`. */
export interface OriginRule {
  readonly pattern: string
  readonly rate?: RateRule
  readonly connections?: number
}

const parts = ["rate", "connections"]

const isConnections = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n >= 1 && n <= 65_535

/** One rule, or what is wrong with it. */
const ruleOf = (pattern: string, limits: OriginLimits): Either.Either<OriginRule, string> => {
  const where = shown(pattern)
  if (!Parts.isObject(limits)) {
    return Either.left(`${where} takes { ${parts.join(", ")} }`)
  }
  const unknown = Parts.unknown(limits, parts, " and ")
  if (unknown !== undefined) return Either.left(`${where} ${unknown}`)
  const { connections, rate } = limits
  if (connections !== undefined && !isConnections(connections)) {
    return Either.left(`connections of ${where} are a whole number from 1 to 65535`)
  }
  const parsed = rate === undefined ? undefined : RateOption.parse(rate)
  if (rate !== undefined && parsed === undefined) {
    const why = RateOption.problem(rate)
    return Either.left(
      `rate of ${where} can't be so${why === undefined ? "" : `: ${why}`}; it takes ${RateOption.range}`
    )
  }
  if (pattern.trim() === "*") {
    return Either.left("\"*\" is all origins: rate and connectionsPerOrigin are for these")
  }
  return Either.map(normal(pattern), (pattern) => ({
    pattern,
    ...(parsed === undefined ? undefined : { rate: parsed }),
    ...(connections === undefined ? undefined : { connections })
  }))
}

/** Origins before hosts, hosts before patterns, long patterns before short ones. */
const isMoreSpecific = ({ pattern: a }: OriginRule, { pattern: b }: OriginRule): number =>
  kind(a) - kind(b) || b.length - a.length

const kind = (pattern: string): number => pattern.includes("://") ? 0 : pattern.startsWith("*.") ? 2 : 1

/** What is wrong, and with which pattern. */
interface Fault {
  readonly pattern: string
  readonly problem: string
}

const rulesOf = (origins: Origins): Either.Either<ReadonlyArray<OriginRule>, Fault> =>
  Either.gen(function*() {
    const spellings = new Map<string, string>()
    const rules: Array<OriginRule> = []
    for (const [pattern, limits] of Object.entries(origins)) {
      const fault = (problem: string): Fault => ({ pattern, problem })
      const rule = yield* Either.mapLeft(ruleOf(pattern, limits), fault)
      const other = spellings.get(rule.pattern)
      if (other !== undefined) yield* Either.left(fault(`${shown(other)} and ${shown(pattern)} are the same`))
      spellings.set(rule.pattern, pattern)
      rules.push(rule)
    }
    return rules.sort(isMoreSpecific)
  })

const parse = (origins: Origins): ReadonlyArray<OriginRule> | undefined =>
  Parts.isObject(origins) ? Either.getOrUndefined(rulesOf(origins)) : undefined

const problem = (origins: Origins): string | undefined => {
  if (!Parts.isObject(origins)) return "they are no object"
  const rules = rulesOf(origins)
  return rules._tag === "Left" ? rules.left.problem : undefined
}

const rangeAsText = "JSON: {\"https://api.example.com\": {\"rate\": \"100/s\", \"connections\": 8}}"

/** The record as JSON text. What is wrong in it is told with its line. */
const read = (text: string): Either.Either<Origins, string> =>
  Either.gen(function*() {
    const { lines, value } = yield* Either.mapLeft(JsonObject.parse(text), atLine)
    // Checked by what follows.
    const origins = value as unknown as Origins
    yield* Either.mapLeft(
      rulesOf(origins),
      ({ pattern, problem }) => atLine({ line: lines.get(pattern) ?? 1, problem })
    )
    return origins
  })

const atLine = ({ line, problem }: JsonObject.Fault): string => `in line ${line}: ${problem}`

const config = (name: string): Config.Config<Origins> =>
  Config.mapOrFail(
    Config.string(name),
    (text) => Either.mapLeft(read(text), (why) => ConfigError.InvalidData([], `${name} can't be read, ${why}`))
  )

export const origins = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.field<Origins, ReadonlyArray<OriginRule>, S>({
    ...options,
    default: [],
    shown: "{}",
    range: "origins, hosts and patterns, each with { rate, connections }",
    rangeAsText,
    redactedAs: "the given origins",
    parse,
    problem,
    config
  })
