/**
 * The option `throttle`: whether an origin that refuses requests for their rate
 * is waited for, and how long without any progress.
 */
import type * as Duration from "effect/Duration"
import * as OptionField from "../../platform/OptionField.js"
import * as Parts from "../../platform/Parts.js"
import { text } from "../base/ConfigText.js"
import * as DurationText from "../base/DurationText.js"

/**
 * How an origin is waited for that answers 429, or 503 with a `Retry-After`.
 * `false`: it is not; each refusal is an ordinary failed attempt.
 */
export type Throttle = false | {
  /** How long an origin may refuse everything before its entries fail; default 15 minutes. */
  readonly giveUpAfter?: Duration.DurationInput
}

/** `Throttle` with its duration in milliseconds. */
export type ThrottleMillis = false | { readonly giveUpAfter: number }

const byDefault = { giveUpAfter: 900_000 }

const parse = (throttle: Throttle): ThrottleMillis | undefined => {
  if (throttle === false) return false
  if (!Parts.isObject(throttle) || problem(throttle) !== undefined) return undefined
  if (throttle.giveUpAfter === undefined) return byDefault
  const giveUpAfter = OptionField.millis(throttle.giveUpAfter)
  return giveUpAfter === undefined ? undefined : { giveUpAfter }
}

const problem = (throttle: Throttle): string | undefined => {
  const unknown = Parts.isObject(throttle) ? Parts.unknown(throttle, ["giveUpAfter"]) : undefined
  return unknown === undefined ? undefined : `it ${unknown}`
}

const words: Readonly<Record<string, Throttle>> = { off: false, false: false, no: false, on: {}, true: {}, yes: {} }

const rangeAsText = "\"off\", \"on\", or for how long an origin may refuse everything, such as 15min"

const read = (given: string): Throttle | undefined => {
  const small = given.toLowerCase()
  if (Object.hasOwn(words, small)) return words[small]
  const giveUpAfter = DurationText.parse(given)
  return giveUpAfter === undefined || parse({ giveUpAfter }) === undefined ? undefined : { giveUpAfter }
}

export const throttle = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.field<Throttle, ThrottleMillis, S>({
    ...options,
    default: byDefault,
    shown: "{ giveUpAfter: \"15 minutes\" }",
    range: "false, or { giveUpAfter } with a duration above 0, at most 24 days",
    rangeAsText,
    placeholder: "off|DURATION",
    parse,
    problem,
    config: text(rangeAsText, read, DurationText.hint)
  })
