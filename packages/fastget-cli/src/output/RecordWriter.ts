/**
 * Writes texts of whole records to the sinks of an output, one write at a time,
 * and every few seconds puts what is written on the disk. It tells the
 * statistics how long the run waited for the reader or the disk.
 */
import * as Effect from "effect/Effect"
import type { RunStatistics } from "../stats/RunStatistics.js"
import type * as Sink from "./Sink.js"

export interface Sinks {
  readonly sink: Sink.Sink
  /** Where the failures go; undefined where they go among the successes. */
  readonly errors: Sink.Sink | undefined
}

/** How often, in milliseconds, what is written is put on the disk: what a power cut may take. */
const syncEvery = 5000

export const make = (
  sinks: Sinks,
  statistics: Pick<RunStatistics, "consumerWaited" | "written">
): Effect.Effect<RecordWriter> =>
  Effect.map(Effect.makeSemaphore(1), (writing) => new RecordWriter(sinks, statistics, writing))

export class RecordWriter {
  private syncedAt = performance.now()
  private waitingSince: number | undefined
  /** Puts what is written on the disk. */
  readonly sync: Effect.Effect<void, Sink.Failure>

  constructor(
    private readonly sinks: Sinks,
    private readonly statistics: Pick<RunStatistics, "consumerWaited" | "written">,
    /** Bad rows are written while batches are: only one of them at a time. */
    private readonly writing: Effect.Semaphore
  ) {
    this.sync = Effect.zipRight(sinks.sink.sync, sinks.errors === undefined ? Effect.void : sinks.errors.sync)
  }

  /** Since when, by `performance.now`, a write has waited; undefined while none waits. */
  waitsSince(): number | undefined {
    return this.waitingSince
  }

  write(successes: string, failures: string): Effect.Effect<void, Sink.Failure> {
    return Effect.suspend(() => {
      const began = performance.now()
      this.waitingSince = began
      return Effect.flatMap(this.put(successes, failures), () => this.written(began))
    }).pipe(
      Effect.ensuring(Effect.sync(() => {
        this.waitingSince = undefined
      })),
      this.writing.withPermits(1)
    )
  }

  private put(successes: string, failures: string): Effect.Effect<void, Sink.Failure> {
    const { errors, sink } = this.sinks
    return errors === undefined
      ? this.putText(sink, successes + failures)
      : Effect.zipRight(this.putText(sink, successes), this.putText(errors, failures))
  }

  private putText(to: Sink.Sink, text: string): Effect.Effect<void, Sink.Failure> {
    if (text === "") return Effect.void
    const bytes = Buffer.from(text)
    return Effect.map(to.write(bytes), () => this.statistics.written(bytes.length))
  }

  private written(began: number): Effect.Effect<void, Sink.Failure> {
    const now = performance.now()
    this.statistics.consumerWaited(now - began)
    if (now - this.syncedAt < syncEvery) return Effect.void
    this.syncedAt = now
    return this.sync
  }
}
