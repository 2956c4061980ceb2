/**
 * When the batches of a thread leave. What is complete waits a little for others
 * to go with it; the batches of all chunks leave at the same moment, so that the
 * other side is woken once. Each batch costs both sides some work, so where many
 * answers come they wait longer: a consumer that is given them by the hundred
 * sees no difference, and has more of the processor.
 */
import type { SetTimer } from "../base/Timer.js"
import * as Timer from "../base/Timer.js"

/** How long, in milliseconds, an answer waits for others where few come. */
export const quiet = 4

/** How long, in milliseconds, an answer waits for others where many come. */
export const busy = 16

/** Answers of one departure that are many. */
const many = 32

/** Sends what a chunk has, and gives how many answers that were. */
export type Flush = () => number

export class Departures {
  private readonly flushes = new Set<Flush>()
  private cancelTimer: (() => void) | undefined
  private isShort = false
  private wait = quiet

  constructor(private readonly setTimer: SetTimer = Timer.referenced) {}

  /** Has `flush` called with the next departure. */
  add(flush: Flush): void {
    this.flushes.add(flush)
    if (this.cancelTimer === undefined) this.arm(this.wait)
  }

  /** The same, but the next departure is soon, also where many answers come. */
  addSoon(flush: Flush): void {
    this.flushes.add(flush)
    if (this.cancelTimer !== undefined && !this.isShort) this.stop()
    if (this.cancelTimer === undefined) this.arm(quiet)
  }

  remove(flush: Flush): void {
    if (this.flushes.delete(flush) && this.flushes.size === 0) this.stop()
  }

  private arm(wait: number): void {
    this.isShort = wait === quiet
    this.cancelTimer = this.setTimer(() => this.depart(), wait)
  }

  private stop(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  private depart(): void {
    this.cancelTimer = undefined
    const leaving = [...this.flushes]
    this.flushes.clear()
    let answers = 0
    for (const flush of leaving) answers += flush()
    this.wait = answers >= many ? busy : quiet
  }
}
