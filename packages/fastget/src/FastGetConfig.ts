/**
 * Every option of FastGet, once: its meaning, default, range and environment
 * name. The types, the defaults, the `Config`, the checks and the table in the
 * docs all come from `fields`. Options enter; resolved settings or an
 * `InvalidOption` defect leave.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

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
}

/**
 * Who may set an option: the layer, a stream, or the layer with a stream's own
 * value going before it.
 *
 * @since 0.1.0
 * @category models
 */
export type Place = "layer" | "both"

interface Field<in out Input, out Value> {
  readonly place: Place
  readonly default: Value
  /** The default in words, where the value does not say it. */
  readonly shown?: string
  readonly range: string
  readonly description: string
  /** The value in the form the library works with, or `undefined` if it is out of range. */
  readonly parse: (input: Input) => Value | undefined
  readonly config: (name: string) => Config.Config<Input>
}

const field = <Input, Value>(options: Field<Input, Value>): Field<Input, Value> => options

const integer = (
  options: {
    readonly min: number
    readonly max: number
    readonly default: number
    readonly place: Place
    readonly description: string
    readonly shown?: string
  }
) =>
  field<number, number>({
    ...options,
    range: `a whole number from ${options.min} to ${options.max}`,
    parse: (n) => Number.isInteger(n) && n >= options.min && n <= options.max ? n : undefined,
    config: Config.integer
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

const duration = (options: {
  readonly default: Duration.DurationInput
  readonly place: Place
  readonly description: string
}) =>
  field<Duration.DurationInput, number>({
    ...options,
    default: Duration.toMillis(options.default),
    shown: `"${String(options.default)}"`,
    range: durationRange,
    parse: millis,
    config: Config.duration
  })

const literal = <const A extends string>(options: {
  readonly values: ReadonlyArray<A>
  readonly default: A
  readonly place: Place
  readonly description: string
}) =>
  field<A, A>({
    ...options,
    range: options.values.map((value) => `"${value}"`).join(" or "),
    parse: (value) => options.values.includes(value) ? value : undefined,
    config: Config.literal(...options.values) as unknown as (name: string) => Config.Config<A>
  })

/** `Retry` with its durations in milliseconds. */
interface RetryMillis {
  readonly times: number
  readonly base: number
  readonly cap: number
}

const defaultRetry: RetryMillis = { times: 2, base: 500, cap: 30_000 }

const parseRetry = (retry: Retry): RetryMillis | undefined => {
  if (typeof retry !== "object" || retry === null) return undefined
  const times = retry.times ?? defaultRetry.times
  const base = retry.base === undefined ? defaultRetry.base : millis(retry.base)
  const cap = retry.cap === undefined ? defaultRetry.cap : millis(retry.cap)
  const valid = Number.isInteger(times) && times >= 0 && times <= 100
  return valid && base !== undefined && cap !== undefined ? { times, base, cap } : undefined
}

const optionally = <K extends string, A>(key: K, config: Config.Config<A>): Config.Config<{ readonly [P in K]?: A }> =>
  Config.map(Config.option(config), (value) =>
    // A computed key loses its literal type.
    (value._tag === "Some" ? { [key]: value.value } : {}) as { readonly [P in K]?: A })

const retryConfig = (name: string): Config.Config<Retry> =>
  Config.map(
    Config.all([
      optionally("times", Config.integer(`${name}_TIMES`)),
      optionally("base", Config.duration(`${name}_BASE`)),
      optionally("cap", Config.duration(`${name}_CAP`))
    ]),
    ([times, base, cap]) => ({ ...times, ...base, ...cap })
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

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// Visible Latin-1, spaces and tabs: no CR, LF or NUL can end a header early.
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

const parseHeaders = (headers: Headers): Readonly<Record<string, string>> | undefined => {
  if (typeof headers !== "object" || headers === null) return undefined
  const parsed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const plain = Redacted.isRedacted(value) ? Redacted.value(value) : value
    if (typeof plain !== "string" || !headerName.test(name) || !headerValue.test(plain)) return undefined
    parsed[name.toLowerCase()] = plain
  }
  return parsed
}

const headersConfig = (name: string): Config.Config<Headers> =>
  Config.map(Config.redacted(name), (lines) => {
    const headers: Record<string, Redacted.Redacted<string>> = {}
    for (const line of Redacted.value(lines).split("\n")) {
      if (line.trim() === "") continue
      const colon = line.indexOf(":")
      headers[line.slice(0, Math.max(colon, 0)).trim()] = Redacted.make(line.slice(colon + 1).trim())
    }
    return headers
  })

/**
 * The options, in the order of the docs.
 *
 * @since 0.1.0
 * @category options
 */
export const fields = {
  numWorkers: integer({
    min: 1,
    max: 1024,
    default: 0,
    shown: "CPU count",
    place: "layer",
    description: "Worker threads to start. Fewer leave cores to the rest of the program; more than cores do not help."
  }),
  queueMaxSize: integer({
    min: 1,
    max: 1_000_000_000,
    default: 100_000,
    place: "both",
    description: "Entries taken from the input and not yet left behind by the consumer; at this bound the input waits. " +
      "A place is freed when the consumer asks for the next batch. Exact for an Iterable, plus at most one of its " +
      "own chunks for a Stream. Lower it when results are large or the consumer is slow."
  }),
  inputChunkSize: integer({
    min: 1,
    max: 1_000_000_000,
    default: 10_000,
    place: "both",
    description: "The most entries read from the input at once, and the step of the progress in the log."
  }),
  poolSubmitSize: integer({
    min: 1,
    max: 1_000_000,
    default: 1000,
    place: "both",
    description: "The largest chunk sent to a worker, and how many entries of a stream a worker works on before it " +
      "gets no more. Chunks start at one entry and grow to this while workers ask for more."
  }),
  concurrency: field<number | "unbounded", number>({
    default: Infinity,
    shown: "\"unbounded\"",
    place: "both",
    range: "\"unbounded\" or a whole number from 1",
    description: "Entries of a stream that are with the workers at once, over all of them. \"unbounded\" leaves the " +
      "bound to connectionsPerOrigin and poolSubmitSize. Lower it to be gentle to a server.",
    parse: (n) => n === "unbounded" ? Infinity : Number.isInteger(n) && n >= 1 ? n : undefined,
    config: (name) => Config.orElse(Config.integer(name), () => Config.literal("unbounded")(name))
  }),
  connectionsPerOrigin: integer({
    min: 1,
    max: 65_535,
    default: 64,
    place: "layer",
    description: "Connections to one origin (scheme, host and port), in all: divided over the workers, at least one " +
      "each. Raise it for a fast server far away."
  }),
  timeout: duration({
    default: "30 seconds",
    place: "both",
    description: "For one attempt, redirects and body included; waiting for a free connection is not counted."
  }),
  connectTimeout: duration({
    default: "10 seconds",
    place: "layer",
    description: "For making a connection, TLS included. Kept by the default worker's client; a client of your own " +
      "keeps its own."
  }),
  retry: field<Retry, RetryMillis>({
    default: defaultRetry,
    shown: "{ times: 2, base: \"500 millis\", cap: \"30 seconds\" }",
    place: "both",
    range: "times a whole number from 0 to 100, base and cap durations above 0",
    description: "Attempts after the first, for retryable reasons only, with full jitter: a random wait up to base, " +
      "doubled each time up to cap. A Retry-After of up to 60 seconds is obeyed instead. times: 0 tries once.",
    parse: parseRetry,
    config: retryConfig
  }),
  headers: field<Headers, Readonly<Record<string, string>>>({
    default: {},
    place: "both",
    range: "names and values as HTTP allows them, without CR, LF or NUL",
    description: "Sent with every request; values may be Redacted. A stream's are added to the layer's. They stay " +
      "behind when a redirect leaves the origin. From the environment: one \"name: value\" a line.",
    parse: parseHeaders,
    config: headersConfig
  }),
  maxRedirects: integer({
    min: 0,
    max: 100,
    default: 10,
    place: "both",
    description: "Redirects followed for one attempt. With 0 a redirect is a Redirect failure."
  }),
  maxBodyBytes: integer({
    min: 1,
    max: 2 ** 31 - 1,
    default: 32 * 1024 * 1024,
    shown: "33554432 (32 MiB)",
    place: "both",
    description: "The largest body accepted, in bytes, on the wire and decoded."
  }),
  emptyBody: literal({
    values: ["fail", "null"],
    default: "fail",
    place: "both",
    description: "What a success without a body (204, 205, or 200 with none) is: an EmptyBody failure, or null."
  }),
  chunkWithin: duration({
    default: "50 millis",
    place: "both",
    description: "The longest time an entry waits for its chunk to fill while every worker is busy."
  }),
  startTimeout: duration({
    default: "10 seconds",
    place: "layer",
    description: "By when the first worker must be ready; beyond it the layer fails with PoolError."
  }),
  fastPath: field<boolean, boolean>({
    default: true,
    place: "both",
    range: "true or false",
    description: "Whether first attempts may take the quick path, where the client has one. The results are the same; " +
      "false is for comparing.",
    parse: (value) => typeof value === "boolean" ? value : undefined,
    config: Config.boolean
  }),
  logLevel: field<LogLevel.LogLevel | LogLevel.Literal, LogLevel.LogLevel>({
    default: LogLevel.Info,
    shown: "Info",
    place: "both",
    range: "a LogLevel or its name",
    description: "The level of the parameters, the progress and the summary in the log. None logs nothing.",
    parse: (level) =>
      LogLevel.allLevels.find((known) =>
        typeof level === "string" ? known._tag === level : known._tag === level?._tag
      ),
    config: Config.logLevel
  })
} as const

type Fields = typeof fields

/**
 * The name of an option.
 *
 * @since 0.1.0
 * @category options
 */
export type Name = keyof Fields

type InputOf<F> = F extends Field<infer Input, infer _Value> ? Input : never
type ValueOf<F> = F extends Field<infer _Input, infer Value> ? Value : never

/**
 * The options of a layer; all of them.
 *
 * @since 0.1.0
 * @category options
 */
export type LayerOptions = { readonly [K in Name]?: InputOf<Fields[K]> }

/**
 * The options of one stream, which go before the layer's.
 *
 * @since 0.1.0
 * @category options
 */
export type StreamOptions = {
  readonly [K in Name as Fields[K]["place"] extends "both" ? K : never]?: InputOf<Fields[K]>
}

/**
 * Every option with its value: durations in milliseconds, "unbounded" as
 * Infinity, headers in the clear.
 *
 * @since 0.1.0
 * @category models
 */
export type Settings = { readonly [K in Name]: ValueOf<Fields[K]> }

/**
 * An option was out of its range. Raised as a defect where the layer or the
 * stream is made: a program that passes such an option has a bug.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidOption extends Data.TaggedError("InvalidOption")<{
  readonly option: string
  readonly value: string
  readonly range: string
}> {
  override get message(): string {
    return `The option ${this.option} can't be ${this.value}: it takes ${this.range}`
  }
}

const show = (name: string, value: unknown): string => {
  if (name === "headers") return "the given headers"
  if (typeof value === "string") return JSON.stringify(value)
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)
}

const isName = (key: string): key is Name => Object.hasOwn(fields, key)

/**
 * Settings from what is given, over a base. Fails with the first option that is
 * out of its range.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resolve = (
  options: LayerOptions,
  base: Settings
): Effect.Effect<Settings, InvalidOption> => {
  const settings: Record<string, unknown> = { ...base }
  for (const [key, input] of Object.entries(options)) {
    if (!isName(key) || input === undefined) continue
    const { parse, range } = fields[key]
    // The field and the input are of the same key, which TypeScript can't follow through the union.
    const value = (parse as (input: unknown) => unknown)(input)
    if (value === undefined) return Effect.fail(new InvalidOption({ option: key, value: show(key, input), range }))
    settings[key] = key === "headers" ? { ...base.headers, ...(value as object) } : value
  }
  return Effect.succeed(settings as unknown as Settings)
}

/**
 * The defaults, given how many CPUs there are.
 *
 * @since 0.1.0
 * @category constructors
 */
export const defaults = (cpus: number): Settings => ({
  ...Object.fromEntries(Object.entries(fields).map(([key, { default: value }]) => [key, value])) as Settings,
  numWorkers: cpus
})

/**
 * The environment's name of an option: `FASTGET_NUM_WORKERS` of `numWorkers`.
 *
 * @since 0.1.0
 * @category options
 */
export const environmentName = (name: Name): string => `FASTGET_${constantCase(name)}`

const constantCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/**
 * The options set in the environment: `FASTGET_NUM_WORKERS` and so on,
 * `FASTGET_RETRY_TIMES`, `_BASE` and `_CAP`, and `FASTGET_HEADERS` with one
 * `name: value` a line.
 *
 * @since 0.1.0
 * @category config
 */
export const fromEnv: Config.Config<LayerOptions> = Config.map(
  Config.all((Object.keys(fields) as Array<Name>).map((name) =>
    optionally(name, fields[name].config(environmentName(name)) as Config.Config<unknown>)
  )),
  (options) => Object.assign({}, ...options) as LayerOptions
)
