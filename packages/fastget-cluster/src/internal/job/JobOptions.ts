/**
 * The options of a job: checked where it is started, stored as JSON, and made
 * options of a stream again where its entries are fetched.
 */
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as OptionTable from "fastget/platform/OptionTable"
import * as ClusterConfig from "../../ClusterConfig.js"
import { JobError } from "../../JobError.js"

/** Options of a stream that hold for each request, wherever it is made. */
type OfRequests =
  | "timeout"
  | "deadline"
  | "retry"
  | "headers"
  | "maxRedirects"
  | "maxBodyBytes"
  | "emptyBody"
  | "decodeTimeout"
  | "fastPath"

export interface JobOptions extends Pick<FastGetConfig.StreamOptions, OfRequests> {
  /** How a body is stored: as the JSON it is, or as a text, whatever it is; default "json". */
  readonly as?: "json" | "text"
  /**
   * Where outcomes go; default "table", the table `fastget_job_results` of the cluster's database. A `folder` is one
   * that all runners share, for NDJSON, a file for each chunk. "own" is the `FetchSink` of the runners.
   */
  readonly sink?: "table" | "own" | { readonly folder: string }
  /** Entries of a chunk, from 1 to 2000; default 1000. A chunk is what is fetched again when a runner dies. */
  readonly chunkSize?: number
  /** Whether headers that are `Redacted` may be stored in the database, in the clear; default false. */
  readonly storeSecrets?: boolean
}

export type Sink =
  | { readonly _tag: "Table" }
  | { readonly _tag: "Own" }
  | { readonly _tag: "Folder"; readonly folder: string }

/** As they are stored. Durations are in milliseconds; null for no deadline, since JSON has no Infinity. */
export interface StoredOptions {
  readonly as: "json" | "text"
  readonly sink: Sink
  readonly chunkSize: number
  readonly secretHeaders: ReadonlyArray<string>
  readonly requests:
    & Omit<Pick<FastGetConfig.Settings, OfRequests>, "deadline">
    & { readonly deadline: number | null }
}

/** What is stored. Fails with the first option that can't be, or with `Secret`. */
export const resolve = (
  job: string,
  { as = "json", chunkSize: size = ClusterConfig.chunkSize.default, sink = "table", storeSecrets = false, ...requests }:
    JobOptions
): Effect.Effect<StoredOptions, FastGetConfig.InvalidOption | JobError> =>
  Effect.gen(function*() {
    for (const option of Object.keys(requests)) {
      if (Object.hasOwn(FastGetConfig.fields, option) && !ClusterConfig.isOfClients(option)) {
        return yield* invalid(
          option,
          "given here",
          "",
          "a job has no such option: it belongs to a stream or the runners"
        )
      }
    }
    if (as !== "json" && as !== "text") return yield* invalid("as", JSON.stringify(as), "\"json\" or \"text\"")
    const chunkSize = yield* OptionTable.check("chunkSize", ClusterConfig.chunkSize, size)
    const to = sinkOf(sink)
    if (to === undefined) return yield* invalid("sink", JSON.stringify(sink), "\"table\", \"own\" or { folder }")
    const settings = yield* FastGetConfig.resolve(requests, FastGetConfig.defaults(1), "stream")
    const { deadline, decodeTimeout, emptyBody, fastPath, headers, maxBodyBytes, maxRedirects, retry, timeout } =
      settings
    const secretHeaders = settings.secretHeaders ?? []
    if (secretHeaders.length > 0 && !storeSecrets) {
      return yield* new JobError({ job, reason: { _tag: "Secret", detail: `the header ${secretHeaders.join(", ")}` } })
    }
    return {
      as,
      sink: to,
      chunkSize,
      secretHeaders,
      requests: {
        timeout,
        deadline: deadline === Infinity ? null : deadline,
        retry,
        headers,
        maxRedirects,
        maxBodyBytes,
        emptyBody,
        decodeTimeout,
        fastPath
      }
    }
  })

const invalid = (option: string, value: string, range: string, problem?: string) =>
  new FastGetConfig.InvalidOption({ option, value, range, ...(problem === undefined ? undefined : { problem }) })

const sinkOf = (sink: NonNullable<JobOptions["sink"]>): Sink | undefined => {
  if (sink === "table") return { _tag: "Table" }
  if (sink === "own") return { _tag: "Own" }
  return typeof sink === "object" && sink !== null && typeof sink.folder === "string" && sink.folder !== ""
    ? { _tag: "Folder", folder: sink.folder }
    : undefined
}

/** Bytes of bodies that a chunk may have received and its sink not yet taken. */
const maxBufferedBytes = 16 * 1024 * 1024

/** The options of the stream that fetches a chunk. */
export const ofStream = ({ requests, secretHeaders }: StoredOptions): FastGetConfig.StreamOptions => ({
  ...requests,
  deadline: requests.deadline ?? "none",
  headers: Record.map(requests.headers, (value, name) => secretHeaders.includes(name) ? Redacted.make(value) : value),
  maxBufferedBytes,
  logLevel: "None"
})
