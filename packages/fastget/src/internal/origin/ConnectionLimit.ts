/**
 * How many connections are in use: at most so many to an origin, and at most so
 * many to all of them together. Counts, and nothing that waits.
 */

/** An origin's connections in use. */
export interface InUse {
  active: number
}

export class ConnectionLimit {
  private inAll = 0

  constructor(private readonly perOrigin: number, private readonly total: number) {}

  /** Whether the origin may have one more, as far as its own bound goes. */
  hasRoomAt({ active }: InUse): boolean {
    return active < this.perOrigin
  }

  /** Whether any origin may have one more, as far as the bound on all goes. */
  hasRoom(): boolean {
    return this.inAll < this.total
  }

  take(origin: InUse): void {
    origin.active++
    this.inAll++
  }

  release(origin: InUse): void {
    origin.active--
    this.inAll--
  }
}
