/**
 * Counts failures by reason and detail. Reasons, statuses and phases are few, so
 * the counts are, too.
 */
import type { Reason } from "fastget/FetchError"

/** How many entries failed for a reason; `detail` is the status, what time ran out for, or why the origin is down. */
export interface FailureCount {
  readonly reason: string
  readonly detail: string | undefined
  readonly count: number
}

export class FailureCounts {
  private readonly counts = new Map<string, Map<string | number | undefined, number>>()

  record(reason: Reason): void {
    let details = this.counts.get(reason._tag)
    if (details === undefined) {
      details = new Map()
      this.counts.set(reason._tag, details)
    }
    const detail = detailOf(reason)
    details.set(detail, (details.get(detail) ?? 0) + 1)
  }

  /** The most frequent first. */
  list(): ReadonlyArray<FailureCount> {
    return [...this.counts].flatMap(([reason, details]) =>
      [...details].map(([detail, count]) => ({
        reason,
        detail: detail === undefined ? undefined : String(detail),
        count
      }))
    ).sort((a, b) => b.count - a.count)
  }
}

const detailOf = (reason: Reason): string | number | undefined => {
  switch (reason._tag) {
    case "Status":
      return reason.status
    case "Timeout":
      return reason.phase
    case "OriginDown":
      return reason.last._tag
    default:
      return undefined
  }
}
