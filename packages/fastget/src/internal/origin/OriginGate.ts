/**
 * Hands out permits for connections. It composes three policies:
 * `ConnectionLimit` says how many there may be, `FairQueue` whose turn it is at
 * an origin, `PausedRuns` which runs have to wait until their consumer has taken
 * some bytes. Held by a worker; an origin nobody uses is forgotten.
 */
import type { Share } from "../wire/SharedBytes.js"
import type { InUse } from "./ConnectionLimit.js"
import { ConnectionLimit } from "./ConnectionLimit.js"
import { FairQueue } from "./FairQueue.js"
import { PausedRuns } from "./PausedRuns.js"

/** Someone's turn to come. */
export interface Ticket {
  /** Gives the wait up. */
  readonly cancel: () => void
}

interface Origin extends InUse {
  readonly queue: FairQueue<Share>
}

export class OriginGate {
  private readonly origins = new Map<string, Origin>()
  private readonly limit: ConnectionLimit
  private readonly paused = new PausedRuns({
    serve: (key) => this.serve(key),
    hasWaiters: (key, runId) => this.origins.get(key)?.queue.has(runId) === true
  })
  /** Origins whose own bound would let someone in, but for the bound on all: these are served in turn. */
  private readonly heldByTotal = new Set<string>()

  /** So many permits for each origin, and for all origins together. */
  constructor(perOrigin: number, inAll: number) {
    this.limit = new ConnectionLimit(perOrigin, inAll)
  }

  /**
   * Calls `start` as soon as the origin has a permit and the run's bytes are not
   * spent. Where that is at once, no ticket is returned. Who was started calls
   * `release` when done.
   */
  acquire(key: string, run: Share, start: () => void): Ticket | undefined {
    const origin = this.originOf(key)
    const { limit } = this
    if (limit.hasRoomAt(origin) && limit.hasRoom() && !run.isSpent() && !origin.queue.has(run.runId)) {
      limit.take(origin)
      start()
      return undefined
    }
    return this.wait(key, origin, run, start)
  }

  /** Gives a permit back, and on to who waits for it. */
  release(key: string): void {
    const origin = this.origins.get(key)
    if (origin === undefined) return
    this.limit.release(origin)
    if (this.heldByTotal.size === 0) return this.serve(key)
    // This origin had its turn: the others that wait for the bound on all come first.
    if (!origin.queue.isEmpty()) this.heldByTotal.add(key)
    for (const next of this.heldByTotal) {
      if (!this.limit.hasRoom()) break
      this.heldByTotal.delete(next)
      this.serve(next)
    }
    this.forgetUnused(key, origin)
  }

  private originOf(key: string): Origin {
    let origin = this.origins.get(key)
    if (origin === undefined) {
      this.origins.set(key, origin = { active: 0, queue: new FairQueue((run) => this.paused.forget(run, key)) })
    }
    return origin
  }

  private forgetUnused(key: string, origin: Origin): void {
    if (origin.active === 0 && origin.queue.isEmpty() && this.origins.get(key) === origin) this.origins.delete(key)
  }

  private wait(key: string, origin: Origin, run: Share, start: () => void): Ticket | undefined {
    const waiter = origin.queue.add(run, start)
    // At its own bound the origin is served when a connection of it is released.
    if (this.limit.hasRoomAt(origin)) {
      if (run.isSpent()) this.paused.pause(run, key)
      else this.serve(key)
    }
    return waiter.start === undefined ? undefined : {
      cancel: () => {
        if (origin.queue.giveUp(run.runId, waiter)) this.forgetUnused(key, origin)
      }
    }
  }

  /** Gives free permits to those who wait. */
  private serve(key: string): void {
    const origin = this.origins.get(key)
    if (origin === undefined) return
    const isHeldBack = (run: Share): boolean => {
      if (!run.isSpent()) return false
      this.paused.pause(run, key)
      return true
    }
    while (this.limit.hasRoomAt(origin) && !origin.queue.isEmpty()) {
      if (!this.limit.hasRoom()) {
        this.heldByTotal.add(key)
        break
      }
      const start = origin.queue.next(isHeldBack)
      if (start === undefined) break
      this.limit.take(origin)
      start()
    }
    this.forgetUnused(key, origin)
  }
}

/** A gate with so many permits for each origin, and for all origins together. */
export const make = (perOrigin: number, inAll = Infinity): OriginGate => new OriginGate(perOrigin, inAll)
