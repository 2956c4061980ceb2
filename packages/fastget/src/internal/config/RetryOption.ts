/**
 * The option `retry`: its parts, how they are checked, and how each is read from
 * a variable of its own.
 */
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as OptionField from "../../platform/OptionField.js"
import { optionally } from "../../platform/OptionTable.js"
import * as Parts from "../../platform/Parts.js"
import { readNumber, text } from "../base/ConfigText.js"
import * as DurationText from "../base/DurationText.js"

/**
 * When and how often a failed attempt is repeated. Only retryable reasons are.
 * Before attempt n the entry waits a random time between 0 and
 * `min(cap, base * 2^(n - 1))`, or as long as the server's `Retry-After` says.
 */
export interface Retry {
  /** Attempts after the first; 0 to 100, default 2. */
  readonly times?: number
  /** The first step of the backoff; default 500 milliseconds. */
  readonly base?: Duration.DurationInput
  /** The longest step of the backoff; default 30 seconds. */
  readonly cap?: Duration.DurationInput
  /**
   * Retries of an origin, as a share of its requests, beside a floor of 100;
   * default 0.2. "unbounded" sets no limit.
   */
  readonly budget?: number | "unbounded"
}

/** `Retry` with its durations in milliseconds. */
export interface RetryMillis {
  readonly times: number
  readonly base: number
  readonly cap: number
  readonly budget: number
}

const defaultRetry: RetryMillis = { times: 2, base: 500, cap: 30_000, budget: 0.2 }

/** A part of `retry` that does not exist. */
const problem = (retry: Retry): string | undefined => {
  if (!Parts.isObject(retry)) return undefined
  const unknown = Parts.unknown(retry, Object.keys(defaultRetry))
  return unknown === undefined ? undefined : `it ${unknown}`
}

const parse = (retry: Retry): RetryMillis | undefined => {
  if (!Parts.isObject(retry) || problem(retry) !== undefined) return undefined
  const times = retry.times ?? defaultRetry.times
  const base = retry.base === undefined ? defaultRetry.base : OptionField.millis(retry.base)
  const cap = retry.cap === undefined ? defaultRetry.cap : OptionField.millis(retry.cap)
  const budget = retry.budget === "unbounded" ? Infinity : retry.budget ?? defaultRetry.budget
  const valid = Number.isInteger(times) && times >= 0 && times <= 100 && typeof budget === "number" && budget >= 0
  return valid && base !== undefined && cap !== undefined ? { times, base, cap, budget } : undefined
}

/** A part of `retry`, which is checked here: later nobody knows which variable it came from. */
const partOfRetry = <K extends keyof Retry>(
  name: string,
  part: K,
  range: string,
  read: (text: string) => Retry[K] | undefined,
  hint?: (text: string) => string | undefined
) =>
  optionally(
    part,
    text(range, (given) => {
      const value = read(given)
      return value === undefined || parse({ [part]: value }) === undefined ? undefined : value
    }, hint)(`${name}_${part.toUpperCase()}`)
  )

const config = (name: string): Config.Config<Retry> =>
  Config.map(
    Config.all([
      partOfRetry(name, "times", "a whole number from 0 to 100", readNumber),
      partOfRetry(name, "base", OptionField.durationAsText, DurationText.parse, DurationText.hint),
      partOfRetry(name, "cap", OptionField.durationAsText, DurationText.parse, DurationText.hint),
      partOfRetry(name, "budget", "\"unbounded\" or a number from 0", (given) =>
        given === "unbounded" ? given : readNumber(given))
    ]),
    ([times, base, cap, budget]) => ({ ...times, ...base, ...cap, ...budget })
  )

export const retry = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.field<Retry, RetryMillis, S>({
    ...options,
    default: defaultRetry,
    shown: "{ times: 2, base: \"500 millis\", cap: \"30 seconds\", budget: 0.2 }",
    range:
      "times a whole number from 0 to 100, base and cap durations above 0, budget \"unbounded\" or a number from 0",
    parse,
    problem,
    config
  })
