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

export interface OriginGate {
  /**
   * Calls `start` as soon as the origin has a permit and the run's bytes are not
   * spent. Where that is at once, no ticket is returned. Who was started calls
   * `release` when done.
   */
  readonly acquire: (origin: string, run: Share, start: () => void) => Ticket | undefined
  readonly release: (origin: string) => void
}

interface Origin extends InUse {
  readonly queue: FairQueue<Share>
}

/** A gate with so many permits for each origin, and for all origins together. */
export const make = (perOrigin: number, inAll = Infinity): OriginGate => {
  const origins = new Map<string, Origin>()
  const limit = new ConnectionLimit(perOrigin, inAll)
  const paused = new PausedRuns({
    serve: (key) => serve(key),
    hasWaiters: (key, run) => origins.get(key)?.queue.has(run) === true
  })
  /** Origins whose own bound would let someone in, but for the bound on all: these are served in turn. */
  const heldByTotal = new Set<string>()

  const originOf = (key: string): Origin => {
    let origin = origins.get(key)
    if (origin === undefined) {
      origins.set(key, origin = { active: 0, queue: new FairQueue((run) => paused.forget(run, key)) })
    }
    return origin
  }

  const forgetUnused = (key: string, origin: Origin): void => {
    if (origin.active === 0 && origin.queue.isEmpty() && origins.get(key) === origin) origins.delete(key)
  }

  /** Gives free permits to those who wait. */
  const serve = (key: string): void => {
    const origin = origins.get(key)
    if (origin === undefined) return
    const isHeldBack = (run: Share): boolean => {
      if (!run.isSpent()) return false
      paused.pause(run, key)
      return true
    }
    while (limit.hasRoomAt(origin) && !origin.queue.isEmpty()) {
      if (!limit.hasRoom()) {
        heldByTotal.add(key)
        break
      }
      const start = origin.queue.next(isHeldBack)
      if (start === undefined) break
      limit.take(origin)
      start()
    }
    forgetUnused(key, origin)
  }

  const release = (key: string): void => {
    const origin = origins.get(key)
    if (origin === undefined) return
    limit.release(origin)
    if (heldByTotal.size === 0) return serve(key)
    // This origin had its turn: the others that wait for the bound on all come first.
    if (!origin.queue.isEmpty()) heldByTotal.add(key)
    for (const next of heldByTotal) {
      if (!limit.hasRoom()) break
      heldByTotal.delete(next)
      serve(next)
    }
    forgetUnused(key, origin)
  }

  const wait = (key: string, origin: Origin, run: Share, start: () => void): Ticket | undefined => {
    const waiter = origin.queue.add(run, start)
    // At its own bound the origin is served when a connection of it is released.
    if (limit.hasRoomAt(origin)) {
      if (run.isSpent()) paused.pause(run, key)
      else serve(key)
    }
    return waiter.start === undefined ? undefined : {
      cancel: () => {
        if (origin.queue.giveUp(run.runId, waiter)) forgetUnused(key, origin)
      }
    }
  }

  return {
    release,
    acquire: (key, run, start) => {
      const origin = originOf(key)
      if (limit.hasRoomAt(origin) && limit.hasRoom() && !run.isSpent() && !origin.queue.has(run.runId)) {
        limit.take(origin)
        start()
        return undefined
      }
      return wait(key, origin, run, start)
    }
  }
}
