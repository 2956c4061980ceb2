/** The flags of durable jobs beside those of inputs, headers and the library. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import type * as FastGetConfig from "fastget/FastGetConfig"
import * as CliError from "../CliError.js"
import * as ClusterFlags from "./ClusterFlags.js"
import type { Flag, ValuesOf } from "./Flag.js"

/** What can be done with jobs: the word behind `fastget job`. */
export const actions = ["start", "status", "wait", "cancel", "remove", "results", "list"] as const

export type Action = typeof actions[number]

/** Of every action. */
export const ofAll = {
  cluster: { value: "URL", description: ClusterFlags.url },
  verbose: { description: "Shows the log of the library on stderr." }
} as const satisfies Readonly<Record<string, Flag>>

/** Of the start of a job. They are stored with it. */
export const ofStart = {
  as: {
    value: "KIND",
    choices: ["json", "text"],
    description: "How a body is stored: as the JSON it is (the default), or as a text, whatever it is."
  },
  sinkDir: {
    value: "FOLDER",
    description:
      "Has the runners write NDJSON, a file for each chunk, to FOLDER, which all of them share, and not to " +
      "the table fastget_job_results of the database."
  },
  sinkOwn: { description: "Has the runners write to the FetchSink that their program gives them." },
  chunkSize: {
    value: "N",
    description:
      `${ClusterConfig.chunkSize.description} Takes ${ClusterConfig.chunkSize.range}. Default: ${ClusterConfig.chunkSize.default}.`
  },
  storeSecrets: {
    description:
      "Allows that headers with something of the environment in them are stored in the database, in the clear."
  }
} as const satisfies Readonly<Record<string, Flag>>

/** The options of a job that they come to. `headers` are those that are stored with it. */
export const resolve = (
  { as, chunkSize, sinkDir, sinkOwn, storeSecrets }: ValuesOf<typeof ofStart>,
  headers: FastGetConfig.Headers = {}
) =>
  Effect.gen(function*() {
    if (sinkOwn && Option.isSome(sinkDir)) return yield* usage("--sink-own and --sink-dir exclude each other")
    const size = Option.isSome(chunkSize) ? sizeOf(chunkSize.value) : undefined
    if (Option.isSome(chunkSize) && size === undefined) {
      return yield* usage(`--chunk-size takes ${ClusterConfig.chunkSize.range}`)
    }
    const [secret] = Object.keys(headers).filter((name) => Redacted.isRedacted(headers[name]))
    if (secret !== undefined && !storeSecrets) {
      return yield* usage(
        `The header ${secret} is of the environment and would be stored in the database, in the clear: allow it with --store-secrets`
      )
    }
    return {
      // A choice of the same names.
      ...(Option.isSome(as) ? { as: as.value as "json" | "text" } : undefined),
      ...(Option.isSome(sinkDir)
        ? { sink: { folder: sinkDir.value } }
        : sinkOwn
        ? { sink: "own" as const }
        : undefined),
      ...(size === undefined ? undefined : { chunkSize: size }),
      storeSecrets
    }
  })

const sizeOf = (text: string): number | undefined =>
  /^\d+$/.test(text) ? ClusterConfig.chunkSize.parse(Number(text)) : undefined

const usage = (message: string) => new CliError.Usage({ message })
