/**
 * Runs whose bytes are spent (`maxBufferedBytes`), and the origins where each of
 * them waits for a connection. When a run's consumer has taken some, its origins
 * are served again.
 *
 * The consumer may be in another thread, which can't call back here: so as long
 * as a run is paused its count in shared memory is read every 5 ms. With nothing
 * paused there is no timer.
 */
import * as Timer from "../base/Timer.js"
import type { Share } from "../wire/SharedBytes.js"

/** How often, in milliseconds, the counts of paused runs are read. */
const checkEvery = 5

interface Paused {
  readonly run: Share
  readonly origins: Set<string>
  readonly stopListening: () => void
}

/** What the owner of the queues does and knows. */
export interface Queues {
  /** Gives the origin's free connections to those who wait. */
  readonly serve: (origin: string) => void
  /** Whether the run has someone waiting at the origin. */
  readonly hasWaiters: (origin: string, run: number) => boolean
}

export class PausedRuns {
  private readonly paused = new Map<number, Paused>()
  private stopTimer: (() => void) | undefined

  constructor(private readonly queues: Queues, private readonly setTimer: Timer.SetTimer = Timer.unreferenced) {}

  /** The run could have had a connection of the origin, but for its bytes. */
  pause(run: Share, origin: string): void {
    let entry = this.paused.get(run.runId)
    if (entry === undefined) {
      const stopListening = run.onFree(() => this.resumeAll())
      this.paused.set(run.runId, entry = { run, origins: new Set(), stopListening })
    }
    entry.origins.add(origin)
    this.arm()
  }

  /** The run has nobody waiting at the origin any more. */
  forget(run: number, origin: string): void {
    const entry = this.paused.get(run)
    if (entry?.origins.delete(origin) === true && entry.origins.size === 0) {
      this.remove(entry)
      this.arm()
    }
  }

  private remove(entry: Paused): void {
    this.paused.delete(entry.run.runId)
    entry.stopListening()
  }

  /** Keeps the timer set while a run is paused. */
  private arm(): void {
    if (this.paused.size === 0) {
      this.stopTimer?.()
      this.stopTimer = undefined
    } else {
      this.stopTimer ??= this.setTimer(() => {
        this.stopTimer = undefined
        this.resumeAll()
      }, checkEvery)
    }
  }

  private resumeAll(): void {
    // A copy: who is resumed may be paused again at once.
    const before = [...this.paused.values()]
    for (const entry of before) if (!entry.run.isSpent()) this.resume(entry)
    this.arm()
  }

  /** Serves the origins of a run until its bytes are spent again; the rest are the first the next time. */
  private resume(entry: Paused): void {
    const { run } = entry
    this.remove(entry)
    const origins = [...entry.origins]
    let next = 0
    while (next < origins.length && !run.isSpent()) this.queues.serve(origins[next++]!)
    if (next === origins.length) return
    const pausedMeanwhile = this.paused.get(run.runId)
    if (pausedMeanwhile !== undefined) this.remove(pausedMeanwhile)
    for (const origin of [...origins.slice(next), ...pausedMeanwhile?.origins ?? []]) {
      if (this.queues.hasWaiters(origin, run.runId)) this.pause(run, origin)
    }
  }
}
