/**
 * The options of a client of the cluster: those of a stream, for all of its
 * streams, and its own. What belongs to the runners, which make the requests, is
 * refused by name.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as OptionField from "fastget/platform/OptionField"
import * as OptionTable from "fastget/platform/OptionTable"

/** The options of the cluster itself. */
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
      "PoolError. Runners answer every five seconds, however slow the servers are; a dead one's work is with another " +
      "within ten."
  })
}

/** Entries that a client has with the runners at once: enough that each of many origins has some in a message. */
const poolSubmitSize = 16_384

export interface ClusterOptions {
  readonly lanes?: OptionField.InputOf<typeof fields.lanes>
  readonly runnerTimeout?: OptionField.InputOf<typeof fields.runnerTimeout>
}

/** Options of a stream that a layer over a cluster can't keep for all of its streams together. */
type OfRunners = "rate"

export type ClientOptions = Omit<FastGetConfig.StreamOptions, OfRunners> & ClusterOptions

export interface ClientSettings {
  readonly settings: FastGetConfig.Settings
  readonly lanes: number
  readonly runnerTimeout: number
}

/** Settings, or the first option that can't be. */
export const resolve = (
  { lanes, runnerTimeout, ...options }: ClientOptions
): Effect.Effect<ClientSettings, FastGetConfig.InvalidOption> =>
  Effect.gen(function*() {
    for (const [option, value] of Object.entries(options)) {
      if (value !== undefined && isOfRunners(option, value)) return yield* misplaced(option)
    }
    const base = { ...FastGetConfig.defaults(1), poolSubmitSize }
    return {
      settings: yield* FastGetConfig.resolve(options, base),
      lanes: yield* number("lanes", lanes),
      runnerTimeout: yield* number("runnerTimeout", runnerTimeout)
    }
  })

/** The value of an option of the cluster. */
export const number = <Name extends keyof typeof fields>(
  name: Name,
  input: OptionField.InputOf<typeof fields[Name]> | undefined
): Effect.Effect<number, FastGetConfig.InvalidOption> => {
  const field = fields[name] as OptionField.OptionField<unknown, number>
  return input === undefined ? Effect.succeed(field.default) : Either.mapLeft(
    OptionTable.check(name, field, input),
    (error) => error
  )
}

const isOfRunners = (option: string, value: unknown): boolean => {
  if (option === "rate" || (option === "concurrency" && value === "adaptive")) return true
  const { fields } = FastGetConfig
  return Object.hasOwn(fields, option) && fields[option as FastGetConfig.Name].scope === "layer"
}

const misplaced = (option: string) =>
  new FastGetConfig.InvalidOption({
    option,
    value: "given here",
    problem: "it belongs to the runners, which make the requests: give it to ClusterFastGet.runner",
    range: ""
  })
