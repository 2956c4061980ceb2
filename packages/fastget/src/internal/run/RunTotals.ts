/** What a run has come to so far: for its log and its span. */
import type { FailureCount } from "./FailureCount.js"

export interface RunTotals {
  /** Entries that have their outcome. */
  readonly outcomes: number
  readonly failures: FailureCount
  /** Requests made, retries included. */
  readonly requests: number
  /** Of bodies, as they came over the wire. */
  readonly bytes: number
}
