/**
 * Counts and measures one run: each event comes in by one call, a `Snapshot` goes
 * out whenever it is asked for. Its memory does not grow with the run.
 */
import * as Duration from "effect/Duration"
import type { ClientOptions } from "fastget-node/NodeFastGet"
import type { Settings } from "fastget/FastGetConfig"
import type { OriginTraffic } from "fastget/FetchPool"
import type { Outcome } from "fastget/Outcome"
import { performance } from "node:perf_hooks"
import { EntryTime } from "./EntryTime.js"
import { FailureCounts } from "./FailureCounts.js"
import * as Histogram from "./Histogram.js"
import * as Machine from "./Machine.js"
import { OriginBook } from "./OriginBook.js"
import * as Pace from "./Pace.js"
import * as SlowestUrls from "./SlowestUrls.js"
import type { Snapshot } from "./Snapshot.js"
import * as Timeline from "./Timeline.js"
import * as TopHosts from "./TopHosts.js"

export interface Options {
  /** Of the run; without them the summary can't tell if all connections were busy. */
  readonly settings?: Settings | undefined
  /** Whether runners of a cluster make the requests, with limits of their own; default false. */
  readonly isOverCluster?: boolean
  /** Beside them, the options of the threads' client. */
  readonly client?: ClientOptions | undefined
  /** Milliseconds from any moment on, that don't go back. */
  readonly now?: () => number
}

/** How many entries the input has, as far as it is known, and how many of them are done by earlier runs. */
export interface Begun {
  readonly total: number | undefined
  /** A number that is known, or tells how many there are so far. */
  readonly skipped: number | (() => number)
}

const shownHosts = 20
const bucketsPerDoubling = 2

/** Made when the run begins; `begun` begins it again when the total is known. */
export const make = (options: Options = {}): RunStatistics => new RunStatistics(options)

export class RunStatistics {
  private readonly settings: Settings | undefined
  private readonly isOverCluster: boolean
  private readonly client: ClientOptions | undefined
  private readonly now: () => number
  private readonly failures = new FailureCounts()
  private readonly latency = Histogram.make()
  private readonly timeline = Timeline.make()
  private readonly pace = Pace.make()
  private readonly bytesPace = Pace.make()
  private readonly hosts = TopHosts.make()
  private readonly slowest = SlowestUrls.make()
  private readonly entryTime = new EntryTime()
  private readonly origins = new OriginBook()
  private total: number | undefined
  private skipped: Begun["skipped"] = 0
  private succeeded = 0
  private failed = 0
  private badRows = 0
  private attempts = 0
  private retried = 0
  private bytesReceived = 0
  private bytesWritten = 0
  private millisWaited = 0
  private start: number
  private machineAtStart = Machine.read()

  constructor({ client, isOverCluster = false, now = () => performance.now(), settings }: Options) {
    this.settings = settings
    this.isOverCluster = isOverCluster
    this.client = client
    this.now = now
    this.start = now()
  }

  begun({ skipped, total }: Begun): void {
    this.total = total
    this.skipped = skipped
    this.start = this.now()
    this.machineAtStart = Machine.read()
  }

  /** To be called with each outcome, once. */
  record(outcome: Outcome<unknown, unknown>): void {
    const at = this.now() - this.start
    const millis = Duration.toMillis(outcome.elapsed)
    const isSuccess = outcome.result._tag === "Right"
    if (isSuccess) this.succeeded++
    else this.failed++
    if (outcome.result._tag === "Left") this.failures.record(outcome.result.left.reason)
    this.attempts += outcome.attempts
    this.bytesReceived += outcome.bytes
    if (outcome.attempts > 1) this.retried++
    // What was never sent has no latency.
    if (outcome.attempts > 0) this.latency.record(millis)
    this.entryTime.record(outcome, millis)
    this.timeline.record(at, isSuccess, outcome.bytes)
    this.pace.record(at, 1)
    this.bytesPace.record(at, outcome.bytes)
    this.hosts.record(outcome.url, isSuccess)
    this.slowest.record(outcome)
  }

  /** To be told every so often what the library knows of the origins. */
  traffic(origins: ReadonlyArray<OriginTraffic>): void {
    const at = this.now() - this.start
    const refused = this.origins.record(at, origins)
    if (refused > 0) this.timeline.refused(at, refused)
  }

  /** Counts an input row that was no entry. */
  badRow(): void {
    this.badRows++
    this.pace.record(this.now() - this.start, 1)
  }

  /** Counts bytes of output. */
  written(bytes: number): void {
    this.bytesWritten += bytes
  }

  /** Adds milliseconds for which the run waited for the reader of its output or the disk. */
  consumerWaited(millis: number): void {
    this.millisWaited += millis
  }

  snapshot(): Snapshot {
    const at = this.now() - this.start
    const { bytesReceived, failed, hosts, succeeded } = this
    return {
      startedAt: performance.timeOrigin + performance.now() - at,
      ...this.progress(at),
      succeeded,
      failed,
      badRows: this.badRows,
      failures: this.failures.list(),
      attempts: this.attempts,
      retried: this.retried,
      bytes: bytesReceived,
      written: this.bytesWritten,
      bytesRate: { now: this.bytesPace.now(at), average: perSecond(bytesReceived, at) },
      latency: this.latencies(),
      throughput: this.timeline.throughput(at),
      origins: this.origins.list(),
      paced: this.origins.paced(),
      traffic: this.origins.all(),
      hosts: hosts.top(shownHosts),
      hostCount: hosts.size(),
      hostUncertainty: hosts.uncertainty(),
      slowest: this.slowest.list(),
      entryTime: this.entryTime.read(),
      consumerWaited: this.millisWaited,
      usage: Machine.usage(this.machineAtStart, Machine.read(), at),
      settings: this.settings,
      isOverCluster: this.isOverCluster,
      client: this.client
    }
  }

  /** How far the run is, and when it will be done. */
  private progress(at: number): Pick<Snapshot, "done" | "rate" | "seconds" | "secondsLeft" | "skipped" | "total"> {
    const done = this.succeeded + this.failed + this.badRows
    const skipped = typeof this.skipped === "number" ? this.skipped : this.skipped()
    const total = this.total === undefined ? undefined : Math.max(this.total, skipped + done)
    return {
      seconds: at / 1000,
      total,
      skipped,
      done,
      rate: { now: this.pace.now(at), average: perSecond(done, at) },
      secondsLeft: total === undefined ? undefined : secondsFor(total - skipped - done, this.pace.expected(at))
    }
  }

  private latencies(): Snapshot["latency"] {
    const { latency } = this
    const [p50 = 0, p95 = 0, p99 = 0] = latency.quantiles([0.5, 0.95, 0.99])
    return { mean: latency.mean(), p50, p95, p99, max: latency.max(), buckets: latency.buckets(bucketsPerDoubling) }
  }
}

const perSecond = (amount: number, millis: number): number => millis > 0 ? amount / (millis / 1000) : 0

const secondsFor = (amount: number, rate: number): number | undefined =>
  amount <= 0 ? 0 : rate > 0 ? amount / rate : undefined
