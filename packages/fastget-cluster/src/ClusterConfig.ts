/**
 * The options of a cluster as a table, and which options of the library belong
 * to which side: to the clients, whose streams they are of, or to the runners,
 * which make the requests. It loads nothing of the engine.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as OptionField from "fastget/platform/OptionField"
import * as OptionTable from "fastget/platform/OptionTable"

/**
 * The options of the cluster itself. Clients and runners have `lanes`, clients
 * `runnerTimeout`.
 *
 * @since 0.1.0
 * @category options
 */
export const fields = {
  lanes: OptionField.integer({
    min: 1,
    max: 64,
    default: 1,
    scope: "layer",
    description: "Into how many lanes the requests to an origin are divided. With one an origin has one owner, whose " +
      "limits are exact. More let several runners ask the same origin, each with its part of the limits. Clients and " +
      "runners of a cluster have the same number."
  }),
  runnerTimeout: OptionField.duration({
    default: "1 minute",
    scope: "layer",
    description: "How long a client waits for a runner to answer, whichever it is, before its streams fail with " +
      "PoolError. Runners answer every five seconds, however slow the servers are; a dead one's work goes to another " +
      "when its locks have expired, after six."
  })
}

/**
 * The option `chunkSize` of a job: no option of the cluster, and not to be set in
 * the environment, because each job has its own.
 *
 * @since 0.1.0
 * @category options
 */
export const chunkSize = OptionField.integer({
  min: 1,
  max: 2000,
  default: 1000,
  scope: "both",
  description: "Entries of a chunk, which is what is fetched again when a runner dies."
})

/**
 * The options of the cluster, as they are given.
 *
 * @since 0.1.0
 * @category options
 */
export interface ClusterOptions {
  readonly lanes?: OptionField.InputOf<typeof fields.lanes> | undefined
  readonly runnerTimeout?: OptionField.InputOf<typeof fields.runnerTimeout> | undefined
}

/**
 * The options of the cluster with their values; durations in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly lanes: number
  readonly runnerTimeout: number
}

/**
 * The options set in the environment: `FASTGET_LANES`, `FASTGET_RUNNER_TIMEOUT`.
 *
 * @since 0.1.0
 * @category config
 */
export const fromEnv: Config.Config<ClusterOptions> = OptionTable.fromEnv(fields)

/**
 * What the options come to, or the first one that can't be.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resolve = (options: ClusterOptions): Effect.Effect<Settings, FastGetConfig.InvalidOption> =>
  Effect.all({ lanes: number("lanes", options), runnerTimeout: number("runnerTimeout", options) })

const number = (name: keyof Settings, options: ClusterOptions): Effect.Effect<number, FastGetConfig.InvalidOption> => {
  const field: OptionField.OptionField<any, number> = fields[name]
  const input = options[name]
  return input === undefined
    ? Effect.succeed(field.default)
    : Effect.suspend(() => OptionTable.check(name, field, input))
}

/**
 * Whether an option belongs to the runners, because their layers keep it for
 * all clients together: `rate`, an adaptive `concurrency`, and what only a layer
 * has. A client that is given it is refused.
 *
 * @since 0.1.0
 * @category guards
 */
export const isOfRunners = (option: string, value: unknown): boolean => {
  if (option === "rate" || (option === "concurrency" && value === "adaptive")) return true
  const { fields } = FastGetConfig
  return Object.hasOwn(fields, option) && fields[option as FastGetConfig.Name].scope === "layer"
}

/** What comes to a runner with each chunk of a client. */
const withChunks: ReadonlyArray<string> = [
  "timeout",
  "deadline",
  "retry",
  "headers",
  "maxRedirects",
  "maxBodyBytes",
  "emptyBody",
  "decodeTimeout",
  "fastPath"
]

/**
 * Whether an option belongs to the clients, because it comes with their chunks:
 * what a runner is given for it would never hold.
 *
 * @since 0.1.0
 * @category guards
 */
export const isOfClients = (option: string): boolean => withChunks.includes(option)
