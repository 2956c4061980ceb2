/**
 * The options of a client of the cluster: those of a stream, for all of its
 * streams, and its own. What belongs to the runners, which make the requests, is
 * refused by name.
 */
import * as Effect from "effect/Effect"
import * as FastGetConfig from "fastget/FastGetConfig"
import type { ClusterOptions } from "../../ClusterConfig.js"
import * as ClusterConfig from "../../ClusterConfig.js"

/** Entries that a client has with the runners at once: enough that each of many origins has some in a message. */
const poolSubmitSize = 16_384

/** Options of a stream that a layer over a cluster can't keep for all of its streams together. */
type OfRunners = "rate"

export type ClientOptions = Omit<FastGetConfig.StreamOptions, OfRunners> & ClusterOptions

export interface ClientSettings extends ClusterConfig.Settings {
  readonly settings: FastGetConfig.Settings
}

/** Settings, or the first option that can't be. */
export const resolve = (
  { lanes, runnerTimeout, ...options }: ClientOptions
): Effect.Effect<ClientSettings, FastGetConfig.InvalidOption> =>
  Effect.gen(function*() {
    for (const [option, value] of Object.entries(options)) {
      if (value !== undefined && ClusterConfig.isOfRunners(option, value)) return yield* misplaced(option)
    }
    const base = { ...FastGetConfig.defaults(1), poolSubmitSize }
    return {
      settings: yield* FastGetConfig.resolve(options, base),
      ...(yield* ClusterConfig.resolve({ lanes, runnerTimeout }))
    }
  })

const misplaced = (option: string) =>
  new FastGetConfig.InvalidOption({
    option,
    value: "given here",
    problem: "it belongs to the runners, which make the requests: give it to ClusterFastGet.runner",
    range: ""
  })
