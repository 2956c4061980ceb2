/**
 * The failures of a run, by reason. `flush` gives those that are not in the
 * metrics yet; there are no more of them than there are reasons.
 */
export class FailureCount {
  private total = 0
  private readonly counts = new Map<string, number>()
  private readonly unflushed = new Map<string, number>()

  add(reason: string): void {
    this.total++
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
    this.unflushed.set(reason, (this.unflushed.get(reason) ?? 0) + 1)
  }

  all(): number {
    return this.total
  }

  byReason(): ReadonlyMap<string, number> {
    return this.counts
  }

  flush(record: (byReason: ReadonlyMap<string, number>) => void): void {
    record(this.unflushed)
    this.unflushed.clear()
  }
}
