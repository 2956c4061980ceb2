/**
 * Who waits for a connection of one origin, in turn by run: each run has a line
 * of its own, and the run that was served goes behind the others. So a run with
 * a long line never holds up one with a short line. Plain data; nothing here
 * waits by itself.
 */

/** Someone who waits. */
export interface Waiter {
  /** Called when its turn has come; undefined once that has happened, or the wait was given up. */
  start: Start | undefined
}

/** Is told the epoch of the permit, or -1 where there is none because the origin is down. */
export type Start = (epoch: number) => void

/** What a queue needs to know of a run. */
export interface Run {
  /** The run's number. */
  readonly runId: number
}

interface Line<R extends Run> {
  readonly run: R
  readonly waiters: Array<Waiter>
  /** Waiters that have not given up. */
  size: number
}

export class FairQueue<R extends Run> {
  /** By run, in the order in which their turns come. */
  private readonly lines = new Map<number, Line<R>>()

  /** `onRunLeft` is told when the last waiter of a run has left. */
  constructor(private readonly onRunLeft: (runId: number) => void) {}

  /** How many wait. */
  size(): number {
    let sum = 0
    for (const { size } of this.lines.values()) sum += size
    return sum
  }

  /** How many of the runs wait for which this holds. */
  sizeOf(isMeant: (run: R) => boolean): number {
    let sum = 0
    for (const { run, size } of this.lines.values()) if (isMeant(run)) sum += size
    return sum
  }

  isEmpty(): boolean {
    return this.lines.size === 0
  }

  has(runId: number): boolean {
    return this.lines.has(runId)
  }

  add(run: R, start: Start): Waiter {
    let line = this.lines.get(run.runId)
    if (line === undefined) this.lines.set(run.runId, line = { run, waiters: [], size: 0 })
    const waiter: Waiter = { start }
    line.waiters.push(waiter)
    line.size++
    return waiter
  }

  /** Leaves the queue; whether it was still in it. */
  giveUp(runId: number, waiter: Waiter): boolean {
    const line = this.lines.get(runId)
    if (waiter.start === undefined || line === undefined) return false
    waiter.start = undefined
    if (--line.size === 0) this.remove(runId)
    return true
  }

  /** Takes the next waiter out, and returns how to start it. Runs that are `heldBack` keep their turns. */
  next(heldBack: (run: R) => boolean): Start | undefined {
    for (const [runId, line] of this.lines) {
      if (heldBack(line.run)) continue
      let waiter = line.waiters.shift()
      while (waiter?.start === undefined) waiter = line.waiters.shift()
      const { start } = waiter
      waiter.start = undefined
      if (--line.size === 0) this.remove(runId)
      else if (this.lines.size > 1) {
        // Deleted and set again, it is the last: the next turn is another run's.
        this.lines.delete(runId)
        this.lines.set(runId, line)
      }
      return start
    }
    return undefined
  }

  private remove(runId: number): void {
    this.lines.delete(runId)
    this.onRunLeft(runId)
  }
}
