/**
 * Entries of a chunk that wait for a connection. Those that wait at an origin
 * which starts none, because its requests hang or it is closed, say nothing of
 * how busy the worker is: they are counted as waiting no more, so that entries
 * of other origins are sent to it meanwhile.
 */
import * as Timer from "../base/Timer.js"
import type { Ticket } from "../origin/OriginGate.js"

/** How often, in milliseconds, it is looked which origins start none. */
const lookAfter = 50

/** Those who wait at one origin. */
interface Waits {
  readonly tickets: Set<Ticket>
  /** Of these, those that are not counted any more. */
  readonly long: Set<Ticket>
  /** Whether the origin started none when it was looked last. */
  isStill: boolean
}

export interface Options {
  /** Whether an origin has started none of those who wait for a while, whosever they are. */
  readonly isStill: (origin: string) => boolean
  /** Called for each entry that is not counted any more. */
  readonly onLong: () => void
  readonly setTimer?: Timer.SetTimer
}

export class LongWaits {
  private readonly origins = new Map<string, Waits>()
  private stopTimer: (() => void) | undefined

  constructor(private readonly options: Options) {}

  add(origin: string, ticket: Ticket): void {
    let waits = this.origins.get(origin)
    if (waits === undefined) {
      waits = { tickets: new Set(), long: new Set(), isStill: this.options.isStill(origin) }
      this.origins.set(origin, waits)
    }
    waits.tickets.add(ticket)
    if (waits.isStill) this.countNoMore(waits, ticket)
    if (this.stopTimer === undefined) this.setTimer()
  }

  /** The entry waits no more. Whether it was counted until now. */
  delete(origin: string, ticket: Ticket): boolean {
    const waits = this.origins.get(origin)
    if (waits === undefined) return true
    waits.tickets.delete(ticket)
    if (waits.tickets.size === 0) {
      this.origins.delete(origin)
      if (this.origins.size === 0) this.endTimer()
    }
    return waits.long.size === 0 || !waits.long.delete(ticket)
  }

  /** Gives up the wait of all; how many there were. */
  cancel(): number {
    let count = 0
    for (const { tickets } of this.origins.values()) {
      count += tickets.size
      for (const ticket of tickets) ticket.cancel()
    }
    this.origins.clear()
    this.endTimer()
    return count
  }

  private setTimer(): void {
    this.stopTimer = (this.options.setTimer ?? Timer.referenced)(() => {
      this.setTimer()
      this.look()
    }, lookAfter)
  }

  private endTimer(): void {
    this.stopTimer?.()
    this.stopTimer = undefined
  }

  private look(): void {
    for (const [origin, waits] of this.origins) {
      waits.isStill = this.options.isStill(origin)
      if (!waits.isStill) continue
      for (const ticket of waits.tickets) this.countNoMore(waits, ticket)
    }
  }

  private countNoMore({ long }: Waits, ticket: Ticket): void {
    if (long.has(ticket)) return
    long.add(ticket)
    this.options.onLong()
  }
}
