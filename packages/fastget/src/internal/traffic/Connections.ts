/**
 * What one thread has of an origin's leases. A lease is held for each connection
 * that is open or may be, idle ones included, so that the server never counts
 * more of them than the limit. One that is free in the thread is used again
 * without a look at the table, but for one word that tells whether other threads
 * wait; then it is given back when nothing waits for it here, when the thread has
 * more than its share, or, where there are more threads than connections, when it
 * has had it for a while.
 */
import type { Kind } from "./Leases.js"
import { Leases } from "./Leases.js"
import type { OriginTable } from "./OriginTable.js"
import * as SharedClock from "./SharedClock.js"
import * as TableLayout from "./TableLayout.js"

/** A thread at a slot of a table. */
export interface Place {
  readonly table: OriginTable
  readonly slot: number
  readonly thread: number
}

/** How long, in milliseconds, a thread keeps a connection where there are more threads than connections. */
const turn = 100

/** What the leases of an origin and those of all origins together have in common: who waits for them, and who has to give. */
abstract class Part {
  protected readonly leases: Leases
  /** Whether this thread waits for one: the table says so, too, but only this thread changes it. */
  isMarked = false
  /** Since when the thread has had one without a break. */
  protected since = 0

  constructor(protected readonly place: Place, kind: Kind) {
    this.leases = new Leases(place.table, place.slot, kind)
  }

  /** Runs with the slot locked. */
  protected locked<A>(f: () => A): A {
    return this.place.table.locked(this.place.slot, this.place.thread, f)
  }

  held(): number {
    return this.leases.heldBy(this.place.thread)
  }

  othersWait(): boolean {
    return this.leases.othersWait(this.place.thread)
  }

  /**
   * Whether the thread, which has `held`, is to give one to the others that
   * wait. `isWanted`: someone waits for it here, too.
   */
  isOwed(held: number, isWanted: boolean): boolean {
    if (!this.othersWait()) return false
    if (!isWanted) return true
    const fewest = this.leases.poorest(this.place.thread)
    return fewest + 1 < held || (fewest === 0 && SharedClock.now() - this.since >= turn)
  }

  /** Whether the others that wait have as many as this thread, about: what is idle here for a moment need not go at once. */
  isEven(held: number): boolean {
    const fewest = this.leases.poorest(this.place.thread)
    return fewest > 0 && fewest + 1 >= held
  }

  /** Waits no more. */
  unmark(): void {
    if (!this.isMarked) return
    this.isMarked = false
    this.locked(() => this.leases.unmark(this.place.thread))
  }

  protected ring(threads: ReadonlyArray<number>): void {
    const { slot, table, thread } = this.place
    for (const other of threads) if (other !== thread && other !== 0) table.ring(other, slot)
  }
}

/**
 * A thread's permits of those for all origins together. Each lease of an origin
 * has one of them with it. The slot of the origin is locked before this one's.
 */
export class Total extends Part {
  constructor(place: Omit<Place, "slot">) {
    super({ ...place, slot: 0 }, "connections")
  }

  private spareAt(thread: number): number {
    return this.place.table.part(0, thread) + TableLayout.thread.spare
  }

  /** How many were granted that nothing uses yet. */
  spare(): number {
    return Atomics.load(this.place.table.words, this.spareAt(this.place.thread))
  }

  /** Takes one if there is one. */
  take(): boolean {
    const { table, thread } = this.place
    return this.locked(() => {
      if (this.held() === 0 || this.since === 0) this.since = SharedClock.now()
      if (table.words[this.spareAt(thread)]! > 0) {
        table.words[this.spareAt(thread)]!--
        return true
      }
      if (!this.leases.hasRoom()) return false
      this.leases.take(thread)
      return true
    })
  }

  /** Waits for one, and tells those who have some. */
  mark(): void {
    const holders = this.locked(() => {
      this.isMarked = true
      this.leases.mark(this.place.thread)
      return this.leases.holders()
    })
    this.ring(holders)
  }

  /** The lease of an origin goes to another thread, and its permit with it. */
  pass(to: number): void {
    this.locked(() => this.leases.pass(this.place.thread, to))
  }

  /** Gives one back that was in use; where it is kept it is spare from now on. The thread that has it then, or 0. */
  give(isKept: boolean): number {
    const { table, thread } = this.place
    return this.locked(() => {
      if (isKept) {
        table.words[this.spareAt(thread)]!++
        return 0
      }
      const to = this.leases.give(thread)
      if (to !== 0) table.words[this.spareAt(to)]!++
      if (this.held() === 0) this.since = 0
      return to
    })
  }

  /** Gives back what is spare. */
  giveSpare(): void {
    const { table, thread } = this.place
    while (this.spare() > 0) {
      this.tell(this.locked(() => {
        if (this.spare() === 0) return 0
        table.words[this.spareAt(thread)]!--
        const to = this.leases.give(thread)
        if (to !== 0) table.words[this.spareAt(to)]!++
        return to
      }))
    }
  }

  /** Rings a thread that was given one. */
  tell(thread: number): void {
    this.ring([thread])
  }
}

/** Whether a lease could be had; `"total"`: the origin has room, but there are as many connections to all as there may be. */
export type Taken = "taken" | "full" | "total"

/** A thread's leases of one origin. */
export class Connections extends Part {
  private held_ = 0
  /** In use by requests. */
  private busy = 0
  /** To be given back as soon as their connections are closed. */
  private leaving = 0
  /** Whether this thread has given one back since the table had none. */
  private hasGiven = false

  /** Without a `total` the leases are not those of connections. */
  constructor(place: Place, kind: Kind, private readonly total: Total | undefined) {
    super(place, kind)
    this.refresh()
  }

  /** Looks what the thread has: another may have granted it some. */
  private refresh(): void {
    const held = this.held()
    if (this.held_ === 0 && held > 0) this.since = SharedClock.now()
    this.held_ = held
  }

  /** Leases that no request uses and that stay. */
  idle(): number {
    this.refresh()
    return this.held_ - this.busy - this.leaving
  }

  /** How many connections may be open, but for those that are to be closed. */
  allowed(): number {
    return this.held_ - this.leaving
  }

  isUnused(): boolean {
    return this.busy === 0 && this.leaving === 0 && this.held() === 0
  }

  /** Takes one for a request; where there is none the thread waits for one from now on, unless `"total"`. */
  use(): Taken {
    if (this.busy + this.leaving >= this.held_) {
      // Whoever is marked is granted what others give: as long as nothing came, nothing is free, but what was given here.
      if (this.isMarked && !this.hasGiven && this.held() === this.held_) return "full"
      const taken = this.take()
      if (taken !== "taken") return taken
    }
    this.busy++
    return "taken"
  }

  private take(): Taken {
    const { thread } = this.place
    let rung: ReadonlyArray<number> = []
    const taken = this.locked((): Taken => {
      if (this.held() > this.busy + this.leaving) return "taken"
      if (!this.leases.hasRoom()) {
        this.isMarked = true
        this.hasGiven = false
        if (this.leases.mark(thread)) rung = this.leases.holders()
        return "full"
      }
      if (this.total?.take() === false) return "total"
      this.leases.take(thread)
      return "taken"
    })
    this.refresh()
    this.ring(rung)
    return taken
  }

  /** The request has ended: its lease is idle. */
  release(): void {
    this.busy--
  }

  /** Whether there are more of all threads than there may be now. */
  isTooMany(): boolean {
    return this.leases.isTooMany()
  }

  /** An idle one will be given back: it is not used any more. */
  leave(): void {
    this.leaving++
  }

  /** One that was to leave goes. `isKept`: its permit of all stays with the thread, for another origin. */
  give(isKept = false): void {
    let granted = 0
    let passed = 0
    this.locked(() => {
      granted = this.leases.give(this.place.thread)
      if (granted !== 0) this.total?.pass(granted)
      else passed = this.total?.give(isKept) ?? 0
    })
    this.leaving--
    this.hasGiven = true
    this.refresh()
    this.ring([granted])
    this.total?.tell(passed)
  }

  /** How many there may be has changed; the slot is locked. Returns whom to ring. */
  resize(limit: number): ReadonlyArray<number> {
    this.leases.setLimit(limit)
    return this.leases.grantRoom()
  }

  inAll(): number {
    return this.leases.inAll()
  }

  tell(threads: ReadonlyArray<number>): void {
    this.ring(threads)
  }
}
