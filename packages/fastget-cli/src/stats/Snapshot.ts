/**
 * What the statistics of a run show at one moment, as plain data: for the
 * display, the summary and the report.
 */
import type { ClientOptions } from "fastget-node/NodeFastGet"
import type { Settings } from "fastget/FastGetConfig"
import type { OriginTraffic } from "fastget/FetchPool"
import type { EntryTimes } from "./EntryTime.js"
import type { FailureCount } from "./FailureCounts.js"
import type { Bucket } from "./Histogram.js"
import type { Usage } from "./Machine.js"
import type { OriginSummary, Paced } from "./OriginBook.js"
import type { SlowUrl } from "./SlowestUrls.js"
import type { Throughput } from "./Timeline.js"
import type { HostCount } from "./TopHosts.js"

/** What is known of a run at one moment. Rates are a second's, times in milliseconds where not named seconds. */
export interface Snapshot {
  /** When the run began, in milliseconds since 1970. */
  readonly startedAt: number
  readonly seconds: number
  /** Never less than is done and skipped, also where the input has grown since it was counted. */
  readonly total: number | undefined
  /** Rows of the input whose outcomes were there before the run. */
  readonly skipped: number
  /** Outcomes of this run and bad rows. */
  readonly done: number
  readonly succeeded: number
  /** Without the bad rows. */
  readonly failed: number
  readonly badRows: number
  /** The most frequent first. */
  readonly failures: ReadonlyArray<FailureCount>
  readonly attempts: number
  /** Entries that were sent more than once. */
  readonly retried: number
  readonly bytes: number
  readonly written: number
  readonly rate: { readonly now: number; readonly average: number }
  readonly bytesRate: { readonly now: number; readonly average: number }
  /** Until everything is done; undefined where the total is not known or nothing follows from the rate yet. */
  readonly secondsLeft: number | undefined
  /** From an entry's first request to its outcome: all its attempts, and the waits between them. */
  readonly latency: {
    readonly mean: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
    readonly buckets: ReadonlyArray<Bucket>
  }
  readonly throughput: Throughput
  /** Origins that refused requests for their rate or are down; those that held the run up longest first. */
  readonly origins: ReadonlyArray<OriginSummary>
  /** Origins at which entries waited for their turn of a rate that was set, the longest wait first. */
  readonly paced: ReadonlyArray<Paced>
  /** All origins that the library knows something of. */
  readonly traffic: ReadonlyArray<OriginTraffic>
  /** The hosts with most failures. */
  readonly hosts: ReadonlyArray<HostCount>
  readonly hostCount: number
  /** How many failures may be missing in the count of a host. */
  readonly hostUncertainty: number
  readonly slowest: ReadonlyArray<SlowUrl>
  readonly entryTime: EntryTimes
  /** Milliseconds for which the run waited for the reader of its output or the disk. */
  readonly consumerWaited: number
  readonly usage: Usage
  /** Of the run. Over a cluster only those hold that come to its runners with each entry. */
  readonly settings: Settings | undefined
  /** Whether runners of a cluster made the requests. */
  readonly isOverCluster: boolean
  /** Options of the threads' client; there may be secrets in them. */
  readonly client: ClientOptions | undefined
}
