/**
 * Runs that have a rate of their own, lower than that of their layer: whether
 * one of them has a turn at an origin now, over all threads. Who has none waits,
 * with one timer for each run and origin; others go past.
 */
import type * as Timer from "../base/Timer.js"
import type { TrafficControl } from "../traffic/TrafficControl.js"
import type { Share } from "../wire/SharedBytes.js"
import type { OriginQueue } from "./OriginQueue.js"

export interface Options {
  readonly traffic: TrafficControl
  readonly setTimer: Timer.SetTimer
  /** Gives the origin's free connections to those who wait. */
  readonly serve: (origin: string) => void
}

export class RunRates {
  /** By origin and run. */
  private readonly timers = new Map<string, () => void>()

  constructor(private readonly options: Options) {}

  /** Takes a turn; where there is none the run is held back, and its origin is served when there may be one. */
  holdsBack(run: Share, origin: string): boolean {
    const { rate, runId } = run
    if (rate === undefined) return false
    const key = keyOf(runId, origin)
    if (this.timers.has(key)) return true
    const { serve, setTimer, traffic } = this.options
    const wait = traffic.takeTurn(key, rate)
    if (wait === 0) return false
    const fire = () => {
      this.timers.delete(key)
      serve(origin)
    }
    this.timers.set(key, setTimer(fire, wait))
    return true
  }

  /** How many of those who wait at the origin are held back. */
  waiting(queue: OriginQueue<Share>, origin: string): number {
    return this.timers.size === 0 ? 0 : queue.sizeOf(({ runId }) => this.timers.has(keyOf(runId, origin)))
  }

  /** The run has nobody waiting at the origin any more. */
  forget(runId: number, origin: string): void {
    const key = keyOf(runId, origin)
    this.timers.get(key)?.()
    this.timers.delete(key)
  }

  close(): void {
    for (const stop of this.timers.values()) stop()
    this.timers.clear()
  }
}

/** No origin has a space in it. */
const keyOf = (runId: number, origin: string): string => `${runId} ${origin}`
