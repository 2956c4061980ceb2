/**
 * A bound on the connections to all origins together. Beyond it a connection
 * that idles is closed for one that is wanted; if none idles, the wanted one
 * waits until one does or is closed. `OriginPool` has its connections
 * counted here.
 */

/** A connection that is open. */
export interface Open {
  /** Whether no request is on it, nor waits for it. */
  readonly isIdle: () => boolean
  /** Closes it. `closed` is called when that has happened. */
  readonly close: () => void
}

/**
 * Counts connections, those in the making included. Each `acquire` and each
 * `tryAcquire` that gave a permit is followed by one `release`.
 */
export class SocketLimit {
  /** In the order in which they were opened: the oldest that idles is closed first. */
  private readonly open = new Set<Open>()
  private readonly waiting: Array<() => void> = []
  private permits: number
  /** How many are being closed for one that waits. */
  private closing = 0

  constructor(limit: number) {
    this.permits = limit
  }

  /** Calls `use` when there is a permit: at once, or when one is released. */
  acquire(use: () => void): void {
    if (this.tryAcquire()) return use()
    this.waiting.push(use)
    this.closeIdle()
  }

  /** Takes a permit if there is one. */
  tryAcquire(): boolean {
    if (this.permits <= 0) return false
    this.permits--
    return true
  }

  release(): void {
    this.permits++
    const next = this.waiting.shift()
    if (next === undefined) return
    this.permits--
    next()
  }

  /** A connection, for which a permit was taken, is open. */
  opened(connection: Open): void {
    this.open.add(connection)
  }

  /** A connection is closed, by whomever. Its permit is released. */
  closed(connection: Open): void {
    // One that `closeIdle` closes is not among the open ones any more.
    if (!this.open.delete(connection)) this.closing--
    this.release()
  }

  /** Closes a connection that idles, if one is wanted that none is being closed for yet. */
  closeIdle(): void {
    if (this.waiting.length <= this.closing) return
    for (const connection of this.open) {
      if (!connection.isIdle()) continue
      this.open.delete(connection)
      this.closing++
      connection.close()
      return
    }
  }

  /** Forgets those that wait, so that none is connected when all connections are destroyed. */
  shutDown(): void {
    this.waiting.length = 0
  }
}
