/**
 * Every option of FastGet, once: its meaning, default, range and environment
 * name. The types, the defaults, the `Config`, the checks, the table in the
 * docs and the command's flags all come from `fields`. Options enter; resolved
 * settings or an `InvalidOption` defect leave.
 *
 * Longer than 300 lines, because it is a table of data: a row for each
 * option, beside the types that are computed from it.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { InvalidOption, show } from "./internal/base/InvalidOption.js"
import * as ConcurrencyOption from "./internal/config/ConcurrencyOption.js"
import * as DenyPrivateOption from "./internal/config/DenyPrivateOption.js"
import * as HeadersOption from "./internal/config/HeadersOption.js"
import * as LogLevelOption from "./internal/config/LogLevelOption.js"
import * as OriginsOption from "./internal/config/OriginsOption.js"
import * as PropagateOption from "./internal/config/PropagateOption.js"
import * as RateOption from "./internal/config/RateOption.js"
import * as RetryOption from "./internal/config/RetryOption.js"
import * as ThrottleOption from "./internal/config/ThrottleOption.js"
import { perhaps } from "./platform/Nearest.js"
import * as OptionField from "./platform/OptionField.js"
import * as OptionTable from "./platform/OptionTable.js"

export { InvalidOption } from "./internal/base/InvalidOption.js"
export type { DenyPrivate } from "./internal/config/DenyPrivateOption.js"
export type { Headers } from "./internal/config/HeadersOption.js"
export type { OriginLimits, OriginRule, Origins } from "./internal/config/OriginsOption.js"
export type { Rate, RateText } from "./internal/config/RateOption.js"
export type { Retry } from "./internal/config/RetryOption.js"
export type { Throttle } from "./internal/config/ThrottleOption.js"

/**
 * The options, in the order of the docs.
 *
 * @since 0.1.0
 * @category options
 */
export const fields = {
  numWorkers: OptionField.integer({
    min: 1,
    max: 1024,
    default: 0,
    shown: "CPU count",
    scope: "layer",
    description: "Worker threads to start. Fewer leave cores to the rest of the program; more than cores do not help."
  }),
  queueMaxSize: OptionField.integer({
    min: 1,
    max: 1_000_000_000,
    default: 100_000,
    scope: "both",
    description:
      "Entries taken from the input and not yet left behind by the consumer; at this bound the input waits. " +
      "It has room again when the consumer asks for the next batch. Exact for an Iterable, plus at most one of its " +
      "own chunks for a Stream. Lower it when results are large or the consumer is slow."
  }),
  inputChunkSize: OptionField.integer({
    min: 1,
    max: 1_000_000_000,
    default: 10_000,
    scope: "both",
    description: "The most entries read from the input at once, and the step of the progress in the log."
  }),
  poolSubmitSize: OptionField.integer({
    min: 1,
    max: 1_000_000,
    default: 1000,
    scope: "both",
    description: "The largest chunk sent to a worker, and how many entries of a stream a worker works on before it " +
      "gets no more. Chunks start at one entry and grow to this while workers ask for more."
  }),
  concurrency: ConcurrencyOption.concurrency({
    scope: "both",
    description: "Entries of a stream that are with the workers at once, over all of them. \"unbounded\" leaves the " +
      "bound to connectionsPerOrigin and poolSubmitSize. \"adaptive\", of a layer, does so too, and finds for each " +
      "origin how many requests at once serve it best, up to connectionsPerOrigin, by how fast it answers. Lower it " +
      "to be gentle to a server."
  }),
  connectionsPerOrigin: OptionField.integer({
    min: 1,
    max: 65_535,
    default: 64,
    scope: "layer",
    description:
      "Connections to one origin (scheme, host and port), over all workers and with those that idle. Raise " +
      "it for a fast server far away."
  }),
  maxConnections: OptionField.integer({
    min: 1,
    max: 1_000_000,
    default: 4096,
    scope: "layer",
    description: "Connections to all origins together, over all workers. Beyond it those that idle are closed for " +
      "others. On Node the limit of open files lowers it."
  }),
  rate: RateOption.rate({
    scope: "both",
    description: "The most requests to an origin in a span of time, over all workers: for a server whose limit is " +
      "known. Without a burst they are spread evenly. A stream may lower the layer's, and not raise it."
  }),
  throttle: ThrottleOption.throttle({
    scope: "layer",
    description: "An origin that answers 429, or 503 with a Retry-After, is left alone for as long as it asks, and " +
      "then asked as fast as it bears. Its entries wait, at the cost of no attempt, and fail when it has refused all " +
      "for giveUpAfter. false: each refusal is an ordinary failed attempt."
  }),
  origins: OriginsOption.origins({
    scope: "layer",
    description:
      "Limits of single origins, in place of rate and connectionsPerOrigin: by origin, by host, or for all " +
      "hosts under a name (*.example.com). Of each limit the most specific rule holds that has it."
  }),
  timeout: OptionField.duration({
    default: "30 seconds",
    scope: "both",
    description: "For one attempt, redirects and body included; waiting for a free connection is not counted."
  }),
  deadline: OptionField.optionalDuration({
    scope: "both",
    description: "For an entry in all, from its first request: every attempt, the waits between them, for a " +
      "connection too. At its end the entry fails with the reason of its last attempt; a wait that would end later " +
      "is not begun."
  }),
  connectTimeout: OptionField.duration({
    default: "10 seconds",
    scope: "layer",
    description: "For making a connection, TLS included. Kept by FastGet's own client: a worker whose client is " +
      "another does not start with another value than the default."
  }),
  retry: RetryOption.retry({
    scope: "both",
    description: "Attempts after the first, for retryable reasons only, with full jitter: a random wait up to base, " +
      "doubled each time up to cap. A Retry-After of up to 60 seconds is obeyed instead; for a 429, and a 503 with a " +
      "Retry-After, there is throttle. times: 0 tries once. " +
      "budget: retries of one origin in one worker, as a share of its requests, beside 100 that are always there; " +
      "raise it for a server that refuses much and recovers."
  }),
  headers: HeadersOption.headers({
    scope: "both",
    description: "Sent with every request; values may be Redacted. A stream's are added to the layer's. When a " +
      "redirect leaves the origin, Accept, Accept-Language, User-Agent and the like go along, unless they are " +
      "Redacted, and all others stay behind. From the environment: one \"name: value\" a line."
  }),
  denyPrivate: DenyPrivateOption.denyPrivate({
    scope: "layer",
    description: "Refuses connections to loopback, private, link-local and all other addresses that are not public, " +
      "after DNS and at each redirect, as a Blocked failure. allow makes exceptions; from the environment they have " +
      "commas between them. Kept by FastGet's own client: a layer whose worker file brings another, or one without " +
      "NodeFetchWorker.clientOptions(), does not start."
  }),
  maxRedirects: OptionField.integer({
    min: 0,
    max: 100,
    default: 10,
    scope: "both",
    description: "Redirects followed for one attempt. With 0 a redirect is a Redirect failure."
  }),
  maxBodyBytes: OptionField.integer({
    min: 1,
    max: 2 ** 31 - 1,
    default: 32 * 1024 * 1024,
    shown: "33554432 (32 MiB)",
    scope: "both",
    description: "The largest body accepted, in bytes, on the wire and decoded."
  }),
  maxBufferedBytes: OptionField.integer({
    min: 1,
    max: 2 ** 36,
    default: 256 * 1024 * 1024,
    shown: "268435456 (256 MiB)",
    scope: "both",
    description: "Bytes of bodies a stream has received and its consumer not yet taken, over all workers. When it is " +
      "spent no request of the stream begins until the consumer takes some; those under way end, so that it may be " +
      "exceeded by one body for each connection. Waiting for it is no time-out. Lower it when memory is short."
  }),
  emptyBody: OptionField.literal({
    values: ["fail", "null"],
    default: "fail",
    scope: "both",
    description: "What a success without a body (204, 205, or 200 with none) is: an EmptyBody failure, or null."
  }),
  chunkWithin: OptionField.duration({
    default: "50 millis",
    scope: "both",
    description: "The longest time an entry waits for its chunk to fill while every worker is busy."
  }),
  startTimeout: OptionField.duration({
    default: "10 seconds",
    scope: "layer",
    description: "By when the first worker must be ready; beyond it the layer fails with PoolError."
  }),
  stuckTimeout: OptionField.duration({
    default: "10 seconds",
    scope: "layer",
    description: "How long a worker's event loop may stand still before the worker is terminated and what it had is " +
      "sent again. A worker that waits (slow servers, a long Retry-After) does not stand still. Keep it above the time " +
      "your own decode takes for one body; raise it to step through a worker in a debugger."
  }),
  decodeTimeout: OptionField.duration({
    default: "10 seconds",
    scope: "both",
    description:
      "For what a worker of your own makes of one body, where its decode (or its schema) is an Effect that " +
      "takes time. Beyond it the Effect is interrupted, and the entry is a Decode failure."
  }),
  fastPath: OptionField.boolean({
    default: true,
    scope: "both",
    description:
      "Whether first attempts may take the quick path, where the client has one. The results are the same; " +
      "false is for comparing."
  }),
  spans: OptionField.literal({
    values: ["run", "chunk", "entry"],
    default: "run",
    scope: "both",
    description:
      "Which spans a tracer gets: one for the run, for each chunk as well, or for each entry as well. Those " +
      "of entries are made only where the span around them is sampled."
  }),
  propagate: PropagateOption.propagate({
    scope: "both",
    description:
      "Origins whose requests have the header traceparent of W3C, with the span of the run, so that what the " +
      "server does belongs to the same trace. It is not sent to others, nor where a redirect leads to another origin, nor in " +
      "place of one among headers."
  }),
  log: OptionField.literal({
    values: ["structured", "original"],
    default: "structured",
    scope: "both",
    description:
      "How a run is logged: by a record at its start, as it goes, and at its end, whose annotations say all, " +
      "or by lines to read, as the original has them."
  }),
  logLevel: LogLevelOption.logLevel({
    scope: "both",
    description: "The level of what a run logs: its start, its progress and its end. None logs nothing, nor that an " +
      "origin closes."
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

/**
 * The options of a layer; all of them.
 *
 * @since 0.1.0
 * @category options
 */
export type LayerOptions = { readonly [K in Name]?: OptionField.InputOf<Fields[K]> }

/**
 * The options of one stream, which go before the layer's.
 *
 * @since 0.1.0
 * @category options
 */
export type StreamOptions = {
  readonly [K in Name as Fields[K]["scope"] extends "both" ? K : never]?: OptionField.InputOf<Fields[K]>
}

/** What only `NodeFastGet.layer` has: threads, and a client that is told how long to connect. */
const ofThreads = ["numWorkers", "connectTimeout", "startTimeout", "stuckTimeout"] as const

/**
 * The options of `FastGet.layer`, which has no threads and is given its client:
 * none of those that it could not keep.
 *
 * @since 0.1.0
 * @category options
 */
export type InProcessOptions =
  & Omit<LayerOptions, typeof ofThreads[number]>
  & { readonly [K in typeof ofThreads[number]]?: never }

type Values = { readonly [K in Name]: OptionField.ValueOf<Fields[K]> }

/**
 * Every option with its value: durations in milliseconds, "unbounded" as
 * Infinity, no rate as undefined, origins as rules, headers in the clear.
 *
 * @since 0.1.0
 * @category models
 */
export type Settings = Values & {
  /** The names of headers that were given as `Redacted`; there if there are any. */
  readonly secretHeaders?: ReadonlyArray<string>
}

const isName = (key: string): key is Name => Object.hasOwn(fields, key)

/**
 * Where options are given: to a layer with threads, to `FastGet.layer` without,
 * or to a stream.
 *
 * @since 0.1.0
 * @category models
 */
export type Giver = "layer" | "in process" | "stream"

/** Why an option can't be given there at all. */
const misplaced = (key: string, giver: Giver): string | undefined => {
  if (!isName(key)) return `there is no such option${perhaps(key, Object.keys(fields))}`
  if (giver === "in process" && (ofThreads as ReadonlyArray<string>).includes(key)) {
    return "FastGet.layer has no threads and makes no connections of its own: leave it out, or take NodeFastGet.layer"
  }
  return giver === "stream" && fields[key].scope === "layer"
    ? "it is set on the layer, for all of its streams"
    : undefined
}

/** Why a stream can't have a value that another layer's streams can. */
const beyondLayer = (name: Name, value: unknown, layer: Settings): string | undefined => {
  if (name === "concurrency" && value === "adaptive" && layer.concurrency !== "adaptive") {
    return "it is found for an origin and all of its streams, so it is set on the layer"
  }
  return name === "rate" && layer.rate !== undefined
    // The value was made by the field of that name.
    ? RateOption.raised(value as NonNullable<Settings["rate"]>, layer.rate)
    : undefined
}

/**
 * Settings from what is given, over a base. Fails with the first option that is
 * out of its range, that does not exist, or that has no effect where it is
 * given. What is undefined is not given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resolve = (
  options: LayerOptions,
  base: Settings,
  giver: Giver = "layer"
): Effect.Effect<Settings, InvalidOption> => {
  const settings: Record<string, unknown> = { ...base }
  for (const [key, input] of Object.entries(options)) {
    if (input === undefined) continue
    const why = misplaced(key, giver)
    if (why !== undefined || !isName(key)) {
      return Effect.fail(new InvalidOption({ option: key, value: "given here", problem: why!, range: "" }))
    }
    // The field and the input are of the same key, which TypeScript can't follow through the union.
    const checked = OptionTable.check(key, fields[key] as OptionField.OptionField<unknown, unknown>, input)
    if (checked._tag === "Left") return Effect.fail(checked.left)
    const value = checked.right
    const problem = giver === "stream" ? beyondLayer(key, value, base) : undefined
    if (problem !== undefined) {
      return Effect.fail(new InvalidOption({ option: key, value: show(input), problem, range: "" }))
    }
    settings[key] = key === "headers" ? { ...base.headers, ...(value as object) } : value
  }
  const secretHeaders = HeadersOption.secretNames(options.headers, base.secretHeaders)
  if (secretHeaders.length > 0) settings.secretHeaders = secretHeaders
  else delete settings.secretHeaders
  return Effect.succeed(settings as unknown as Settings)
}

/**
 * The defaults, given how many CPUs there are.
 *
 * @since 0.1.0
 * @category constructors
 */
export const defaults = (cpus: number): Settings => ({
  ...Object.fromEntries(Object.entries(fields).map(([key, { default: value }]) => [key, value])) as Values,
  numWorkers: cpus
})

/**
 * The environment's name of an option: `FASTGET_NUM_WORKERS` of `numWorkers`.
 *
 * @since 0.1.0
 * @category options
 */
export const environmentName = (name: Name): string => OptionTable.environmentName(name)

/**
 * The options set in the environment: `FASTGET_NUM_WORKERS` and so on,
 * `FASTGET_RETRY_TIMES`, `_BASE`, `_CAP` and `_BUDGET`, `FASTGET_BURST` beside
 * `FASTGET_RATE`, `FASTGET_ORIGINS` in JSON, and `FASTGET_HEADERS` with one
 * `name: value` a line.
 *
 * @since 0.1.0
 * @category config
 */
export const fromEnv: Config.Config<LayerOptions> = Config.map(
  OptionTable.fromEnv(fields),
  // By the names and of the inputs of `fields`.
  (options) => options as LayerOptions
)
