/**
 * An option as data: its default, its range, what it means, and how it is
 * checked and read from text. The types, the checks, the environment, the
 * table in the docs and the flags of the command are made of such fields. A
 * package that brings a platform describes its own options with them, too.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { booleanConfig, readNumber, text } from "../internal/base/ConfigText.js"
import * as DurationText from "../internal/base/DurationText.js"

/**
 * Where an option may be set: on the layer, or on the layer and on a stream,
 * whose value goes before the layer's.
 *
 * @since 0.1.0
 * @category models
 */
export type Scope = "layer" | "both"

/**
 * An option. What a user gives is an `Input`; a `Value` is in the form the
 * library works with.
 *
 * @since 0.1.0
 * @category models
 */
export interface OptionField<in out Input, out Value, out S extends Scope = Scope> {
  readonly scope: S
  readonly default: Value
  /** The default in words, where the value does not say it. */
  readonly shown?: string
  readonly range: string
  /** The range of its text in the environment and in a flag, where that is another. */
  readonly rangeAsText?: string
  readonly description: string
  /** What its text is called in a manual: N, DURATION, FILE; VALUE unless it is said. */
  readonly placeholder?: string
  /** What a value is called that may be a secret, and so is not repeated in a message. */
  readonly redactedAs?: string
  /** The value in the form the library works with, or `undefined` if it is out of range. */
  readonly parse: (input: Input) => Value | undefined
  /** What is wrong with a value that is out of range, where that can be told without showing it. */
  readonly problem?: (input: Input) => string | undefined
  readonly config: (name: string) => Config.Config<Input>
}

/**
 * What a user gives for a field.
 *
 * @since 0.1.0
 * @category models
 */
export type InputOf<F> = F extends OptionField<infer Input, infer _Value> ? Input : never

/**
 * What the library works with.
 *
 * @since 0.1.0
 * @category models
 */
export type ValueOf<F> = F extends OptionField<infer _Input, infer Value> ? Value : never

/**
 * An option of a kind of its own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const field = <Input, Value, S extends Scope>(
  options: OptionField<Input, Value, S>
): OptionField<Input, Value, S> => options

/**
 * The same option where nothing is set unless it is given; `shown` says what
 * holds then.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withoutDefault = <Input, Value, S extends Scope>(
  options: OptionField<Input, Value, S>,
  shown: string
): OptionField<Input, Value | undefined, S> => ({ ...options, default: undefined, shown })

/**
 * A whole number within bounds, both included.
 *
 * @since 0.1.0
 * @category constructors
 */
export const integer = <S extends Scope>(
  options: {
    readonly min: number
    readonly max: number
    readonly default: number
    readonly scope: S
    readonly description: string
    readonly shown?: string
  }
) =>
  field<number, number, S>({
    ...options,
    range: `a whole number from ${options.min} to ${options.max}`,
    placeholder: "N",
    parse: (n) => Number.isInteger(n) && n >= options.min && n <= options.max ? n : undefined,
    config: text(`a whole number from ${options.min} to ${options.max}`, readNumber)
  })

/**
 * True or false.
 *
 * @since 0.1.0
 * @category constructors
 */
export const boolean = <S extends Scope>(options: {
  readonly default: boolean
  readonly scope: S
  readonly description: string
}) =>
  field<boolean, boolean, S>({
    ...options,
    range: "true or false",
    parse: (value) => typeof value === "boolean" ? value : undefined,
    config: booleanConfig
  })

/** The longest delay a timer of the platform takes. */
const longestTimer = 2 ** 31 - 1

/**
 * A duration in milliseconds, where a timer can wait that long.
 *
 * @since 0.1.0
 * @category conversions
 */
export const millis = (input: Duration.DurationInput): number | undefined =>
  Option.match(Duration.decodeUnknown(input), {
    onNone: () => undefined,
    onSome: (duration) => {
      const n = Duration.toMillis(duration)
      return n > 0 && n <= longestTimer ? n : undefined
    }
  })

const durationRange = "a duration above 0, at most 24 days"

/**
 * What a duration's text takes, for a message.
 *
 * @since 0.1.0
 * @category constants
 */
export const durationAsText = `${durationRange}: ${DurationText.forms}`

/**
 * A duration; its value is in milliseconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const duration = <S extends Scope>(options: {
  readonly default: Duration.DurationInput
  readonly scope: S
  readonly description: string
}) =>
  field<Duration.DurationInput, number, S>({
    ...options,
    default: Duration.toMillis(options.default),
    shown: `"${String(options.default)}"`,
    range: durationRange,
    placeholder: "DURATION",
    parse: millis,
    config: text(durationAsText, DurationText.parse, DurationText.hint)
  })

/**
 * A duration, or "none".
 *
 * @since 0.1.0
 * @category constructors
 */
export const optionalDuration = <S extends Scope>(options: { readonly scope: S; readonly description: string }) =>
  field<Duration.DurationInput | "none", number, S>({
    ...options,
    default: Infinity,
    shown: "\"none\"",
    range: `"none" or ${durationRange}`,
    placeholder: "DURATION",
    parse: (input) => input === "none" ? Infinity : millis(input),
    config: text(
      `"none" or ${durationAsText}`,
      (given) => given === "none" ? "none" as const : DurationText.parse(given),
      DurationText.hint
    )
  })

/**
 * One of some words.
 *
 * @since 0.1.0
 * @category constructors
 */
export const literal = <const A extends string, S extends Scope>(options: {
  readonly values: ReadonlyArray<A>
  readonly default: A
  readonly scope: S
  readonly description: string
}) => {
  const range = options.values.map((value) => `"${value}"`).join(" or ")
  return field<A, A, S>({
    ...options,
    range,
    parse: (value) => options.values.includes(value) ? value : undefined,
    config: text(range, (given) => options.values.find((value) => value === given))
  })
}
