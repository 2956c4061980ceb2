/**
 * The books of one run: what happened comes in, one call each; plain data for
 * the display, the summary and the report go out. Nothing is drawn here.
 */
import type { Outcome } from "fastget/Outcome"

/** What is known of a run at one moment. */
export interface Snapshot {
  readonly total: number | undefined
  readonly skipped: number
  readonly succeeded: number
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
  readonly badRows: number
}

export interface RunStatistics {
  readonly begun: (options: { readonly total: number | undefined; readonly skipped: number }) => void
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

export const make = (): RunStatistics => {
  const failures: Record<string, number> = {}
  let total: number | undefined
  let skipped = 0
  let succeeded = 0
  let failed = 0
  let badRows = 0
  return {
    begun: (options) => {
      total = options.total
      skipped = options.skipped
    },
    record: ({ result }) => {
      if (result._tag === "Right") succeeded++
      else {
        failed++
        const tag = result.left.reason._tag
        failures[tag] = (failures[tag] ?? 0) + 1
      }
    },
    badRow: () => {
      badRows++
    },
    written: () => {},
    consumerWaited: () => {},
    snapshot: () => ({ total, skipped, succeeded, failed, failures: { ...failures }, badRows })
  }
}
