/**
 * How many entries of a run are with its workers: at most `concurrency`, counted
 * for all of them together. An entry counts from when a worker's feeder takes it
 * until its answer has come, or it is put back.
 */
export class EntriesOut {
  private out = 0

  constructor(
    /** Infinity where there is no bound. */
    readonly limit: number,
    private readonly workers: number
  ) {}

  /** How many more may go. */
  left(): number {
    return this.limit - this.out
  }

  /** The largest chunk for one worker, so that the first one does not take all. */
  mostAtOnce(): number {
    return Math.min(this.left(), Math.ceil(this.limit / this.workers))
  }

  take(entries: number): void {
    this.out += entries
  }

  settle(entries: number): void {
    this.out -= entries
  }
}
