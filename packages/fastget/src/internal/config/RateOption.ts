/**
 * The option `rate`: how many requests an origin is sent in a span of time. As
 * an object or as a text (`100/s`) in; with its span in milliseconds out. In the
 * environment the burst has a variable of its own.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as OptionField from "../../platform/OptionField.js"
import * as Parts from "../../platform/Parts.js"
import { readNumber, text } from "../base/ConfigText.js"
import * as DurationText from "../base/DurationText.js"
import type { RateRule } from "../traffic/Rules.js"

/**
 * The most requests to an origin in any span of `per`: 100 a second are
 * `{ requests: 100, per: "1 second" }`, or as text `"100/s"`.
 */
export interface Rate {
  /** A whole number from 1. */
  readonly requests: number
  readonly per: Duration.DurationInput
  /**
   * How many requests an origin that was left alone for a while may be sent at
   * once, beyond the rate. Without it they are spread evenly, and no span of
   * `per` has more than `requests`.
   */
  readonly burst?: number
}

/** A rate as text: `100/s`, `600/min`, `5000/h`, `1/10s`. */
export type RateText = `${number}/${string}`

const forms = "100/s, 600/min, 5000/h or 1/10s"
const most = 1_000_000_000

export const range = "requests and burst whole numbers from 1, per a duration above 0, at most 24 days; or a text: " +
  forms

const parts = ["requests", "per", "burst"]

const isCount = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n >= 1 && n <= most

/** A text in the form of flags is good, too: that is how a file of limits has it. */
const millisOf = (per: Duration.DurationInput): number | undefined =>
  OptionField.millis(typeof per === "string" ? DurationText.parse(per) ?? per : per)

const textForm = /^\s*(\d+)\s*\/\s*(.*?)\s*$/

const parseText = (given: string): RateRule | undefined => {
  const [, requests = "", span = ""] = textForm.exec(given) ?? []
  return requests === "" ? undefined : parse({ requests: Number(requests), per: withNumber(span) })
}

/** `s` is `1s`. */
const withNumber = (span: string) => (/^\d|^\./.test(span) ? span : `1 ${span}`) as Duration.DurationInput

export const parse = (rate: Rate | RateText): RateRule | undefined => {
  if (typeof rate === "string") return parseText(rate)
  if (!Parts.isObject(rate) || problem(rate) !== undefined) return undefined
  const per = millisOf(rate.per)
  const { burst, requests } = rate
  return isCount(requests) && per !== undefined && (burst === undefined || isCount(burst))
    ? { requests, per, burst }
    : undefined
}

/** What is wrong with a rate, where more can be said of it than its range. */
export const problem = (rate: Rate | RateText): string | undefined => {
  if (typeof rate === "string") return hint(rate)
  if (!Parts.isObject(rate)) return undefined
  const unknown = Parts.unknown(rate, parts)
  if (unknown !== undefined) return `it ${unknown}`
  const missing = ["requests", "per"].filter((part) => rate[part as keyof Rate] === undefined)
  return missing.length === 0 ? undefined : `it has no ${missing.join(" and no ")}`
}

/** What to write in place of a text that is no rate, where that can be told. */
const hint = (given: string): string | undefined => {
  const trimmed = given.trim()
  if (/^\d+$/.test(trimmed)) return `a rate needs its time, ${trimmed}/s or ${trimmed}/min`
  const [, share] = /^(0?\.\d+)\s*\/\s*s/.exec(trimmed) ?? []
  if (share !== undefined) return `requests are whole: 1/${Number((1 / Number(share)).toPrecision(6))}s`
  const small = trimmed.toLowerCase()
  return small !== trimmed && parseText(small) !== undefined ? `units are written small, ${small}` : undefined
}

const burstRange = `a whole number from 1 to ${most}`

/** The rate, and beside it its burst: `FASTGET_BURST` of `FASTGET_RATE`. */
const config = (name: string): Config.Config<Rate> => {
  const burstName = name.replace(/RATE$/, "BURST")
  const rate = text(forms, parseText, hint)(name)
  const burst = text(burstRange, (given) => {
    const n = readNumber(given)
    return isCount(n) ? n : undefined
  })(burstName)
  return Config.mapOrFail(Config.all([Config.option(rate), Config.option(burst)]), ([rate, burst]) => {
    if (Option.isSome(rate)) {
      const { per, requests } = rate.value
      return Either.right({ requests, per, ...(Option.isSome(burst) ? { burst: burst.value } : undefined) })
    }
    return Either.left(
      Option.isNone(burst)
        ? ConfigError.MissingData([name], `Expected ${name} to exist`)
        : ConfigError.InvalidData([burstName], `${burstName} can't be given without a rate`)
    )
  })
}

/** Why a stream's rate is none that its layer allows. */
export const raised = (rate: RateRule, layers: RateRule): string | undefined => {
  const only = "and a stream may only lower it"
  if (rate.requests / rate.per > layers.requests / layers.per) return `the layer's is ${show(layers)}, ${only}`
  if (rate.burst === undefined) return undefined
  if (layers.burst === undefined) return `the layer's has no burst, ${only}`
  return rate.burst > layers.burst ? `the layer's has a burst of ${layers.burst}, ${only}` : undefined
}

const units: ReadonlyArray<readonly [millis: number, name: string]> = [
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
  [1, "ms"]
]

/** `100/s`, `1/10s`. */
const show = ({ per, requests }: RateRule): string => {
  const [millis, name] = units.find(([millis]) => per % millis === 0) ?? [1, "ms"]
  return `${requests}/${per === millis ? "" : per / millis}${name}`
}

export const rate = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.withoutDefault(
    OptionField.field<Rate | RateText, RateRule, S>({
      ...options,
      // Not used: there is none unless it is given.
      default: { requests: 1, per: 1, burst: undefined },
      range,
      rangeAsText: forms,
      placeholder: "RATE",
      parse,
      problem,
      config
    }),
    "none"
  )
