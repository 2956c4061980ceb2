/**
 * The books of one run: what happened comes in, one call each; plain data for
 * the display, the summary and the report go out. Nothing is drawn here, and
 * the memory does not grow with the run.
 */
import * as Duration from "effect/Duration"
import type { Settings } from "fastget/FastGetConfig"
import type { Reason } from "fastget/FetchError"
import type { Outcome } from "fastget/Outcome"
import { performance } from "node:perf_hooks"
import * as SettingsList from "../report/SettingsList.js"
import type { Bucket } from "./Histogram.js"
import * as Histogram from "./Histogram.js"
import * as Machine from "./Machine.js"
import * as Pace from "./Pace.js"
import type { SlowUrl } from "./SlowestUrls.js"
import * as SlowestUrls from "./SlowestUrls.js"
import type { Throughput } from "./Timeline.js"
import * as Timeline from "./Timeline.js"
import type { HostCount } from "./TopHosts.js"
import * as TopHosts from "./TopHosts.js"

/** How many entries failed for a reason; `detail` is the status, or what time ran out for. */
export interface FailureCount {
  readonly reason: string
  readonly detail: string | undefined
  readonly count: number
}

/**
 * For what the entries' time went, from the first request of each to its
 * outcome, in milliseconds: `all` of it, and the parts of those that ended with
 * a status that asks to try again (429, 5xx), that succeeded only when they
 * were sent again, whose host name was not found, and whose time ran out.
 */
interface EntryTime {
  readonly all: number
  readonly serverErrors: number
  readonly sentAgain: number
  readonly dns: number
  readonly timeouts: number
}

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
  /** The hosts with most failures. */
  readonly hosts: ReadonlyArray<HostCount>
  readonly hostCount: number
  /** How many failures may be missing in the count of a host. */
  readonly hostUncertainty: number
  readonly slowest: ReadonlyArray<SlowUrl>
  readonly entryTime: EntryTime
  /** Time the output held the run back. */
  readonly consumerWaited: number
  readonly usage: Machine.Usage
  readonly settings: Settings | undefined
  /** The settings as they are shown: by the names of the options, and without the values of headers. */
  readonly settingsList: SettingsList.SettingsList
}

export interface RunStatistics {
  /** `skipped` is a number that is known, or tells how many there are so far. */
  readonly begun: (options: { readonly total: number | undefined; readonly skipped: number | (() => number) }) => void
  /** Each outcome, once. */
  readonly record: (outcome: Outcome<unknown, unknown>) => void
  /** An input row that was no entry. */
  readonly badRow: () => void
  /** Bytes of output. */
  readonly written: (bytes: number) => void
  /** Time, in milliseconds, the output held the run back. */
  readonly consumerWaited: (millis: number) => void
  readonly snapshot: () => Snapshot
}

export interface Options {
  /** Of the run; without them the summary can't tell if all connections were busy. */
  readonly settings?: Settings
  /** Milliseconds from any moment on, that don't go back. */
  readonly now?: () => number
}

const shownHosts = 20
const bucketsPerDoubling = 2

/** Made when the run begins; `begun` begins it again when the total is known. */
export const make = ({ now = () => performance.now(), settings }: Options = {}): RunStatistics => {
  const failures = makeFailureCounts()
  const latency = Histogram.make()
  const timeline = Timeline.make()
  const pace = Pace.make()
  const bytesPace = Pace.make()
  const hosts = TopHosts.make()
  const slowest = SlowestUrls.make()
  const entryTime = { all: 0, serverErrors: 0, sentAgain: 0, dns: 0, timeouts: 0 }
  let counted: number | undefined
  let skippedSoFar: number | (() => number) = 0
  let succeeded = 0
  let failed = 0
  let badRows = 0
  let attempts = 0
  let retried = 0
  let bytes = 0
  let written = 0
  let consumerWaited = 0
  let start = now()
  let machineAtStart = Machine.read()

  return {
    begun: (options) => {
      counted = options.total
      skippedSoFar = options.skipped
      start = now()
      machineAtStart = Machine.read()
    },
    record: (outcome) => {
      const at = now() - start
      const millis = Duration.toMillis(outcome.elapsed)
      const isSuccess = outcome.result._tag === "Right"
      if (isSuccess) succeeded++
      else failed++
      if (outcome.result._tag === "Left") failures.record(outcome.result.left.reason)
      attempts += outcome.attempts
      bytes += outcome.bytes
      if (outcome.attempts > 1) retried++
      // What was never sent has no latency.
      if (outcome.attempts > 0) latency.record(millis)
      addEntryTime(entryTime, outcome, millis)
      timeline.record(at, isSuccess, outcome.bytes)
      pace.record(at, 1)
      bytesPace.record(at, outcome.bytes)
      hosts.record(outcome.url, isSuccess)
      slowest.record(outcome)
    },
    badRow: () => {
      badRows++
      pace.record(now() - start, 1)
    },
    written: (bytes) => {
      written += bytes
    },
    consumerWaited: (millis) => {
      consumerWaited += millis
    },
    snapshot: () => {
      const at = now() - start
      const seconds = at / 1000
      const done = succeeded + failed + badRows
      const skipped = typeof skippedSoFar === "number" ? skippedSoFar : skippedSoFar()
      const total = counted === undefined ? undefined : Math.max(counted, skipped + done)
      const average = (amount: number) => seconds > 0 ? amount / seconds : 0
      const [p50 = 0, p95 = 0, p99 = 0] = latency.quantiles([0.5, 0.95, 0.99])
      return {
        startedAt: performance.timeOrigin + performance.now() - at,
        seconds,
        total,
        skipped,
        done,
        succeeded,
        failed,
        badRows,
        failures: failures.list(),
        attempts,
        retried,
        bytes,
        written,
        rate: { now: pace.now(at), average: average(done) },
        bytesRate: { now: bytesPace.now(at), average: average(bytes) },
        secondsLeft: total === undefined ? undefined : secondsFor(total - skipped - done, pace.expected(at)),
        latency: {
          mean: latency.mean(),
          p50,
          p95,
          p99,
          max: latency.max(),
          buckets: latency.buckets(bucketsPerDoubling)
        },
        throughput: timeline.throughput(at),
        hosts: hosts.top(shownHosts),
        hostCount: hosts.size(),
        hostUncertainty: hosts.uncertainty(),
        slowest: slowest.list(),
        entryTime: { ...entryTime },
        consumerWaited,
        usage: Machine.usage(machineAtStart, Machine.read(), at),
        settings,
        settingsList: settings === undefined ? [] : SettingsList.make(settings)
      }
    }
  }
}

const secondsFor = (amount: number, rate: number): number | undefined =>
  amount <= 0 ? 0 : rate > 0 ? amount / rate : undefined

const addEntryTime = (
  time: { -readonly [K in keyof EntryTime]: number },
  { attempts, result }: Outcome<unknown, unknown>,
  millis: number
): void => {
  time.all += millis
  if (result._tag === "Right") {
    if (attempts > 1) time.sentAgain += millis
    return
  }
  const { reason } = result.left
  if (reason._tag === "Status" && (reason.status === 429 || reason.status >= 500)) time.serverErrors += millis
  if (reason._tag === "Dns") time.dns += millis
  if (reason._tag === "Timeout") time.timeouts += millis
}

/** Counts by reason and detail. Reasons, statuses and phases are few, so this is bounded. */
const makeFailureCounts = () => {
  const counts = new Map<string, Map<string | number | undefined, number>>()
  return {
    record: (reason: Reason): void => {
      let details = counts.get(reason._tag)
      if (details === undefined) {
        details = new Map()
        counts.set(reason._tag, details)
      }
      const detail = reason._tag === "Status" ? reason.status : reason._tag === "Timeout" ? reason.phase : undefined
      details.set(detail, (details.get(detail) ?? 0) + 1)
    },
    list: (): ReadonlyArray<FailureCount> =>
      [...counts].flatMap(([reason, details]) =>
        [...details].map(([detail, count]) => ({
          reason,
          detail: detail === undefined ? undefined : String(detail),
          count
        }))
      ).sort((a, b) => b.count - a.count)
  }
}
