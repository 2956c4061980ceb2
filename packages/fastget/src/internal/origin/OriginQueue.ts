/**
 * Who waits at one origin: those that were never refused, and behind them those
 * that the origin has sent back. In each of the two the runs are served in turn
 * (`FairQueue`).
 */
import type { Run, Start, Waiter } from "./FairQueue.js"
import { FairQueue } from "./FairQueue.js"

export class OriginQueue<R extends Run> {
  private readonly fresh: FairQueue<R>
  private readonly sentBack: FairQueue<R>

  /** `onRunLeft` is told when the last waiter of a run has left. */
  constructor(onRunLeft: (run: number) => void) {
    const left = (run: number) => {
      if (!this.has(run)) onRunLeft(run)
    }
    this.fresh = new FairQueue(left)
    this.sentBack = new FairQueue(left)
  }

  isEmpty(): boolean {
    return this.fresh.isEmpty() && this.sentBack.isEmpty()
  }

  size(): number {
    return this.fresh.size() + this.sentBack.size()
  }

  has(run: number): boolean {
    return this.fresh.has(run) || this.sentBack.has(run)
  }

  add(run: R, start: Start, isSentBack: boolean): Waiter {
    return (isSentBack ? this.sentBack : this.fresh).add(run, start)
  }

  /** Leaves the queue; whether it was still in it. */
  giveUp(run: number, waiter: Waiter, isSentBack: boolean): boolean {
    return (isSentBack ? this.sentBack : this.fresh).giveUp(run, waiter)
  }

  /** Takes the next waiter out, and returns how to start it. Runs that are `heldBack` keep their turns. */
  next(heldBack: (run: R) => boolean): Start | undefined {
    return this.fresh.next(heldBack) ?? this.sentBack.next(heldBack)
  }
}
