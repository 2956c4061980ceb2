/**
 * The kinds of options: how each is checked, read from `Config`, and described.
 * What a user gives goes in; the value in the form the library works with comes
 * out, or nothing where it is out of range.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { perhaps } from "../../platform/Nearest.js"
import * as RequestHeaders from "../../platform/RequestHeaders.js"
import * as CallerHeaders from "../base/CallerHeaders.js"
import { booleanConfig, readNumber, text } from "./ConfigText.js"
import * as DurationText from "./DurationText.js"

/**
 * When and how often a failed attempt is repeated. Only retryable reasons are.
 * Before attempt n the entry waits a random time between 0 and
 * `min(cap, base * 2^(n - 1))`, or as long as the server's `Retry-After` says.
 *
 * @since 0.1.0
 * @category models
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

/**
 * Who may set an option: the layer, a stream, or the layer with a stream's own
 * value going before it.
 *
 * @since 0.1.0
 * @category models
 */
export type Place = "layer" | "both"

export interface Field<in out Input, out Value, out P extends Place = Place> {
  readonly place: P
  readonly default: Value
  /** The default in words, where the value does not say it. */
  readonly shown?: string
  readonly range: string
  readonly description: string
  /** The value in the form the library works with, or `undefined` if it is out of range. */
  readonly parse: (input: Input) => Value | undefined
  /** What is wrong with a value that is out of range, where that can be told without showing it. */
  readonly problem?: (input: Input) => string | undefined
  readonly config: (name: string) => Config.Config<Input>
}

export const field = <Input, Value, P extends Place>(options: Field<Input, Value, P>): Field<Input, Value, P> => options

export const integer = <P extends Place>(
  options: {
    readonly min: number
    readonly max: number
    readonly default: number
    readonly place: P
    readonly description: string
    readonly shown?: string
  }
) =>
  field<number, number, P>({
    ...options,
    range: `a whole number from ${options.min} to ${options.max}`,
    parse: (n) => Number.isInteger(n) && n >= options.min && n <= options.max ? n : undefined,
    config: text(`a whole number from ${options.min} to ${options.max}`, readNumber)
  })

/** The longest delay a timer of the platform takes. */
const longestTimer = 2 ** 31 - 1

const millis = (input: Duration.DurationInput): number | undefined =>
  Option.match(Duration.decodeUnknown(input), {
    onNone: () => undefined,
    onSome: (duration) => {
      const n = Duration.toMillis(duration)
      return n > 0 && n <= longestTimer ? n : undefined
    }
  })

const durationRange = "a duration above 0, at most 24 days"

const durationText = text(`${durationRange}: ${DurationText.forms}`, DurationText.parse, DurationText.hint)

export const duration = <P extends Place>(options: {
  readonly default: Duration.DurationInput
  readonly place: P
  readonly description: string
}) =>
  field<Duration.DurationInput, number, P>({
    ...options,
    default: Duration.toMillis(options.default),
    shown: `"${String(options.default)}"`,
    range: durationRange,
    parse: millis,
    config: durationText
  })

export const literal = <const A extends string, P extends Place>(options: {
  readonly values: ReadonlyArray<A>
  readonly default: A
  readonly place: P
  readonly description: string
}) => {
  const range = options.values.map((value) => `"${value}"`).join(" or ")
  return field<A, A, P>({
    ...options,
    range,
    parse: (value) => options.values.includes(value) ? value : undefined,
    config: text(range, (given) => options.values.find((value) => value === given))
  })
}

/** A duration, or "none". */
export const optionalDuration = <P extends Place>(options: { readonly place: P; readonly description: string }) =>
  field<Duration.DurationInput | "none", number, P>({
    ...options,
    default: Infinity,
    shown: "\"none\"",
    range: `"none" or ${durationRange}`,
    parse: (input) => input === "none" ? Infinity : millis(input),
    config: text(
      `"none" or ${durationRange}: ${DurationText.forms}`,
      (given) => given === "none" ? "none" as const : DurationText.parse(given),
      DurationText.hint
    )
  })

/** A number, or "unbounded"; `range` is for the message. */
export const unboundedOr = (range: string) => text(range, (given) => given === "unbounded" ? given : readNumber(given))

/**
 * Whether connections to private addresses are refused, and which addresses and
 * ranges (`10.1.2.3`, `fd00:1::/32`) are fine in spite of it.
 *
 * @since 0.1.0
 * @category models
 */
export type DenyPrivate = boolean | { readonly allow: ReadonlyArray<string> }

const addressOrRange = /^[\da-f.:]+(?:\/\d{1,3})?$/i

/** Only by its form: what is an address is known where the connections are. */
export const parseDenyPrivate = (value: DenyPrivate): DenyPrivate | undefined => {
  if (typeof value === "boolean") return value
  if (typeof value !== "object" || value === null || !Array.isArray(value.allow)) return undefined
  if (Object.keys(value).length > 1) return undefined
  const allow: ReadonlyArray<unknown> = value.allow
  const fine = allow.every((text) => typeof text === "string" && addressOrRange.test(text))
  return fine ? { allow: [...value.allow] } : undefined
}

/** `true`, `false`, or addresses and ranges to allow, with commas between them. */
export const denyPrivateConfig = (name: string): Config.Config<DenyPrivate> =>
  Config.orElse(booleanConfig(name), () =>
    Config.mapOrFail(Config.array(Config.string(), name), (allow) => {
      const value = parseDenyPrivate({ allow: allow.map((text) => text.trim()) })
      const message =
        `${name} can't be ${JSON.stringify(allow.join(","))}: it takes true, false, or addresses and CIDR ` +
        "ranges with commas between them"
      return value === undefined ? Either.left(ConfigError.InvalidData([], message)) : Either.right(value)
    }))

/** `Retry` with its durations in milliseconds. */
export interface RetryMillis {
  readonly times: number
  readonly base: number
  readonly cap: number
  readonly budget: number
}

export const defaultRetry: RetryMillis = { times: 2, base: 500, cap: 30_000, budget: 0.2 }

/** A part of `retry` that does not exist. */
export const problemOfRetry = (retry: Retry): string | undefined => {
  if (typeof retry !== "object" || retry === null) return undefined
  const parts = Object.keys(defaultRetry)
  const unknown = Object.keys(retry).find((key) => !parts.includes(key))
  return unknown === undefined
    ? undefined
    : `it has no ${JSON.stringify(unknown)}, but ${parts.join(", ")}${perhaps(unknown, parts)}`
}

export const parseRetry = (retry: Retry): RetryMillis | undefined => {
  if (typeof retry !== "object" || retry === null || problemOfRetry(retry) !== undefined) return undefined
  const times = retry.times ?? defaultRetry.times
  const base = retry.base === undefined ? defaultRetry.base : millis(retry.base)
  const cap = retry.cap === undefined ? defaultRetry.cap : millis(retry.cap)
  const budget = retry.budget === "unbounded" ? Infinity : retry.budget ?? defaultRetry.budget
  const valid = Number.isInteger(times) && times >= 0 && times <= 100 && typeof budget === "number" && budget >= 0
  return valid && base !== undefined && cap !== undefined ? { times, base, cap, budget } : undefined
}

export const optionally = <K extends string, A>(
  key: K,
  config: Config.Config<A>
): Config.Config<{ readonly [P in K]?: A }> =>
  Config.map(Config.option(config), (value) =>
    // A computed key loses its literal type.
    (value._tag === "Some" ? { [key]: value.value } : {}) as { readonly [P in K]?: A })

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
      return value === undefined || parseRetry({ [part]: value }) === undefined ? undefined : value
    }, hint)(`${name}_${part.toUpperCase()}`)
  )

const durationInRetry = `${durationRange}: ${DurationText.forms}`

export const retryConfig = (name: string): Config.Config<Retry> =>
  Config.map(
    Config.all([
      partOfRetry(name, "times", "a whole number from 0 to 100", readNumber),
      partOfRetry(name, "base", durationInRetry, DurationText.parse, DurationText.hint),
      partOfRetry(name, "cap", durationInRetry, DurationText.parse, DurationText.hint),
      partOfRetry(name, "budget", "\"unbounded\" or a number from 0", (given) =>
        given === "unbounded" ? given : readNumber(given))
    ]),
    ([times, base, cap, budget]) => ({ ...times, ...base, ...cap, ...budget })
  )

/**
 * Headers by name. A secret may be `Redacted`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Headers {
  readonly [name: string]: string | Redacted.Redacted<string>
}

export const parseHeaders = (headers: Headers): Readonly<Record<string, string>> | undefined => {
  if (RequestHeaders.problem(headers) !== undefined) return undefined
  const parsed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const plain = Redacted.isRedacted(value) ? Redacted.value(value) : value
    parsed[name.toLowerCase()] = plain
  }
  return parsed
}

export const headersConfig = (name: string): Config.Config<Headers> =>
  Config.map(Config.redacted(name), (lines) => {
    // Without a prototype, so that every name is one of its own.
    const headers: Record<string, string | Redacted.Redacted<string>> = Object.create(null)
    for (const line of Redacted.value(lines).split("\n")) {
      if (line.trim() === "") continue
      const colon = line.indexOf(":")
      const name = line.slice(0, Math.max(colon, 0)).trim()
      const value = line.slice(colon + 1).trim()
      // A Redacted one would stay behind when a redirect leads elsewhere, and nobody asked for that.
      headers[name] = CallerHeaders.isHarmless(name) ? value : Redacted.make(value)
    }
    return headers
  })

/** A level by its name or label, in any case: Effect's own Config knows some of them only. */
export const logLevelConfig = text("the name of a log level", (given) => {
  const wanted = given.toLowerCase()
  return LogLevel.allLevels.find(({ _tag, label }) => _tag.toLowerCase() === wanted || label.toLowerCase() === wanted)
})
