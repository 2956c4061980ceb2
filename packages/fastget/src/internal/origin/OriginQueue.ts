/**
 * Who waits at one origin: first those whose time it is to be asked for again,
 * then those that were never refused, and behind them those that the origin has
 * sent back. In each of the three the runs are served in turn (`FairQueue`).
 */
import type { Run, Start, Waiter } from "./FairQueue.js"
import { FairQueue } from "./FairQueue.js"

/** Where an entry waits: before, with or behind those that were never refused. */
export type Rank = "due" | "fresh" | "sentBack"

export class OriginQueue<R extends Run> {
  private readonly queues: Readonly<Record<Rank, FairQueue<R>>>

  /** `onRunLeft` is told when the last waiter of a run has left. */
  constructor(onRunLeft: (run: number) => void) {
    const make = () =>
      new FairQueue<R>((run) => {
        if (!this.has(run)) onRunLeft(run)
      })
    this.queues = { due: make(), fresh: make(), sentBack: make() }
  }

  isEmpty(): boolean {
    const { due, fresh, sentBack } = this.queues
    return fresh.isEmpty() && sentBack.isEmpty() && due.isEmpty()
  }

  size(): number {
    const { due, fresh, sentBack } = this.queues
    return due.size() + fresh.size() + sentBack.size()
  }

  sizeOf(isMeant: (run: R) => boolean): number {
    const { due, fresh, sentBack } = this.queues
    return due.sizeOf(isMeant) + fresh.sizeOf(isMeant) + sentBack.sizeOf(isMeant)
  }

  has(run: number): boolean {
    const { due, fresh, sentBack } = this.queues
    return fresh.has(run) || sentBack.has(run) || due.has(run)
  }

  add(run: R, start: Start, rank: Rank): Waiter {
    return this.queues[rank].add(run, start)
  }

  /** Leaves the queue; whether it was still in it. */
  giveUp(run: number, waiter: Waiter, rank: Rank): boolean {
    return this.queues[rank].giveUp(run, waiter)
  }

  /** Takes the next waiter out, and returns how to start it. Runs that are `heldBack` keep their turns. */
  next(heldBack: (run: R) => boolean): Start | undefined {
    const { due, fresh, sentBack } = this.queues
    return due.next(heldBack) ?? fresh.next(heldBack) ?? sentBack.next(heldBack)
  }
}
