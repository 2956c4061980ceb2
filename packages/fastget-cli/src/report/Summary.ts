/**
 * What a run came to, as text for people and as JSON for programs.
 */
import type { FailureCount } from "../stats/FailureCounts.js"
import * as Limit from "../stats/Limit.js"
import * as Quantity from "../stats/Quantity.js"
import type { Snapshot } from "../stats/Snapshot.js"
import * as Version from "../Version.js"
import * as SettingsList from "./SettingsList.js"

/** What is said at the end. `howToResume` is a command; without one the run was done. */
export const text = (snapshot: Snapshot, howToResume: string | undefined): string => {
  const { attempts, bytes, latency, retried, written } = snapshot
  const limit = Limit.of(snapshot)
  const refused = snapshot.origins.reduce((all, { refusals }) => all + refusals, 0)
  return [
    headline(snapshot),
    ...(hasFailures(snapshot) ? [line("failed", failures(snapshot, 5))] : []),
    ...(attempts === 0 ? [] : [
      line(
        "requests",
        Quantity.count(attempts) + (refused === 0 ? "" : `, and ${Quantity.count(refused)} refused for their rate`) +
          (retried === 0 ? "" : `; ${Quantity.counted(retried, "entry", "entries")} sent again`)
      ),
      line("latency", latencies(latency))
    ]),
    line(
      "received",
      `${Quantity.bytes(bytes)} (${Quantity.bytes(snapshot.bytesRate.average)}/s), wrote ${Quantity.bytes(written)}`
    ),
    line("limit", [limit.verdict, ...(limit.advice === undefined ? [] : [limit.advice])].join(" ")),
    ...(howToResume === undefined ? [] : [line("go on with", howToResume)])
  ].join("\n")
}

const line = (name: string, value: string): string => `  ${name.padEnd(10)} ${value}`

/** `fetched 990 of 1,000 in 12.3 s (80.5/s), 10 failed`. */
export const headline = (snapshot: Snapshot): string => {
  const { badRows, done, failed, rate, seconds, skipped, succeeded, total } = snapshot
  const wanted = total === undefined ? done : total - skipped
  return [
    `fetched ${Quantity.count(succeeded)} of ${Quantity.count(wanted)} in ${Quantity.seconds(seconds)} (${
      Quantity.rate(rate.average)
    })`,
    ...(failed === 0 ? [] : [`${Quantity.count(failed)} failed`]),
    ...(badRows === 0 ? [] : [Quantity.counted(badRows, "bad row")]),
    ...(done < wanted ? [`${Quantity.count(wanted - done)} left`] : []),
    ...(skipped === 0 ? [] : [`${Quantity.count(skipped)} done before`])
  ].join(", ")
}

const hasFailures = ({ badRows, failed }: Snapshot): boolean => failed > 0 || badRows > 0

/** `Status 503 ×8, Timeout headers ×2`; at most so many reasons by name. */
export const failures = ({ badRows, failures }: Snapshot, most: number): string => {
  const named = failures.slice(0, most).map((failure) => `${reason(failure)} ×${Quantity.count(failure.count)}`)
  const others = failures.slice(most).reduce((all, { count }) => all + count, 0)
  return [
    ...named,
    ...(others === 0 ? [] : [`others ×${Quantity.count(others)}`]),
    ...(badRows === 0 ? [] : [`bad rows ×${Quantity.count(badRows)}`])
  ].join(", ")
}

/** `Status 503`, `Timeout headers`, `Reset`. */
export const reason = ({ detail, reason }: FailureCount): string =>
  detail === undefined ? reason : `${reason} ${detail}`

/** `p50 12.3 ms, p95 48.0 ms, p99 95.1 ms`. */
export const latencies = ({ max, p50, p95, p99 }: Snapshot["latency"]): string =>
  `p50 ${Quantity.millis(p50)}, p95 ${Quantity.millis(p95)}, p99 ${Quantity.millis(p99)}, max ${Quantity.millis(max)}`

/**
 * The shape of `--summary FILE`: one object. Fields may be added; one that is
 * taken away or means something else raises `version`. Times are milliseconds
 * where they are not named seconds, rates are a second's, shares are from 0 to 1.
 */
export interface SummaryJson {
  readonly version: 1
  readonly fastget: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly seconds: number
  /** Entries in the input, those of earlier runs included; null where it was not read to the end. */
  readonly total: number | null
  /** Entries of earlier runs, which were not fetched again. */
  readonly skipped: number
  readonly succeeded: number
  /** Entries that failed; bad rows are not among them. */
  readonly failed: number
  readonly badRows: number
  readonly failures: ReadonlyArray<{ readonly reason: string; readonly detail: string | null; readonly count: number }>
  readonly requests: number
  readonly entriesSentAgain: number
  readonly bytesReceived: number
  readonly bytesWritten: number
  /** Outcomes a second. */
  readonly rate: number
  readonly latency: {
    readonly mean: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  }
  readonly slowest: ReadonlyArray<{
    readonly url: string
    readonly millis: number
    readonly attempts: number
    readonly status: number | null
    readonly reason: string
  }>
  /** The hosts with most failures. */
  readonly hosts: ReadonlyArray<{ readonly host: string; readonly entries: number; readonly failed: number }>
  /** Origins that refused requests for their rate, or were down; at most 20. */
  readonly origins: ReadonlyArray<{
    readonly origin: string
    readonly answered: number
    /** Requests that were refused for their rate, and sent again. */
    readonly refused: number
    /** Requests a second that the origin seems to bear; null where that was not learned. */
    readonly rate: number | null
    /** For how many seconds entries waited for it. */
    readonly waited: number
    /** Entries that were not asked for, since it was down. */
    readonly skipped: number
  }>
  readonly limit: {
    readonly limiter: Limit.Limiter
    readonly verdict: string
    readonly evidence: ReadonlyArray<string>
    readonly advice: string | null
  }
  readonly usage: {
    readonly cores: number
    readonly process: number
    readonly machine: number | null
    readonly main: number
    readonly throttled: number
    readonly consumerWaited: number
  }
  /** By the names of the options; headers without their values, certificates and keys as `given`. */
  readonly settings: Readonly<Record<string, string>>
}

const mostOrigins = 20

export const json = (snapshot: Snapshot): SummaryJson => {
  const { buckets: _, ...latency } = snapshot.latency
  const { advice = null, ...limit } = Limit.of(snapshot)
  return {
    version: 1,
    fastget: Version.version,
    startedAt: new Date(snapshot.startedAt).toISOString(),
    seconds: snapshot.seconds,
    total: snapshot.total ?? null,
    skipped: snapshot.skipped,
    succeeded: snapshot.succeeded,
    failed: snapshot.failed,
    badRows: snapshot.badRows,
    failures: snapshot.failures.map(({ count, detail = null, reason }) => ({ reason, detail, count })),
    requests: snapshot.attempts,
    entriesSentAgain: snapshot.retried,
    bytesReceived: snapshot.bytes,
    bytesWritten: snapshot.written,
    rate: snapshot.rate.average,
    latency,
    slowest: snapshot.slowest.map(({ status = null, ...slow }) => ({ ...slow, status })),
    hosts: snapshot.hosts,
    origins: snapshot.origins.slice(0, mostOrigins).map((
      { answered, heldUp, origin, rate = null, refusals, skipped }
    ) => ({
      origin,
      answered,
      refused: refusals,
      rate,
      waited: heldUp / 1000,
      skipped
    })),
    limit: { ...limit, advice },
    usage: {
      ...snapshot.usage,
      machine: snapshot.usage.machine ?? null,
      consumerWaited: snapshot.consumerWaited
    },
    settings: Object.fromEntries(SettingsList.make(snapshot))
  }
}
