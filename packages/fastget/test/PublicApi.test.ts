import { describe, expect, it } from "@effect/vitest"
import * as fastget from "fastget"

const names = Object.fromEntries(
  Object.entries(fastget).map(([namespace, members]) => [namespace, Object.keys(members).sort()])
)

describe("the public names of fastget", () => {
  it("are these, and a change of them is a change of the API", () => {
    expect(names).toStrictEqual({
      Entry: ["isEntries"],
      FastGet: ["FastGet", "get", "layer", "layerPool", "make", "outcomes", "stream", "streamEither", "traffic"],
      FastGetConfig: ["InvalidOption", "defaults", "environmentName", "fields", "fromEnv", "resolve"],
      FastGetRecording: ["layer"],
      FastGetTest: [
        "Requests",
        "body",
        "delayed",
        "failure",
        "isUnanswered",
        "json",
        "layer",
        "never",
        "requests",
        "sequence",
        "status"
      ],
      FetchError: [
        "Blocked",
        "Connect",
        "Decode",
        "Decompress",
        "Dns",
        "EmptyBody",
        "FetchError",
        "InvalidUrl",
        "LocalLimit",
        "OriginDown",
        "Protocol",
        "Reason",
        "Redirect",
        "Reset",
        "SchemaIssue",
        "Status",
        "Timeout",
        "Tls",
        "TooLarge",
        "Transport",
        "Truncated",
        "WorkerLost",
        "catchReason",
        "describe",
        "hasReason",
        "isFetchError",
        "isRetryable",
        "make",
        "redactUrl",
        "schema"
      ],
      FetchMetrics: [
        "adaptiveLimit",
        "attempts",
        "bytes",
        "closedOrigins",
        "inFlight",
        "latency",
        "learnedRate",
        "originsWithoutSlot",
        "outcomes",
        "queue",
        "refusals",
        "restarts",
        "snapshot",
        "waiting",
        "workers"
      ],
      FetchPool: ["FetchPool", "layerInProcess", "layerInProcessWith"],
      FetchWorker: ["launch", "make", "protocol"],
      Json: ["checkDepth", "decode", "decodeText", "maxDepth", "parse"],
      Outcome: ["decode"],
      PoolError: ["PoolError", "isPoolError"],
      RecordingError: ["RecordingError", "isRecordingError"]
    })
  })
})
