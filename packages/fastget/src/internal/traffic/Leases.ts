/**
 * Leases of a slot of the `OriginTable`: how many of something each thread may
 * have, at most so many in all. Who gets none is marked, and the next one that
 * is given back goes to the thread that has the fewest of those that are marked.
 * All of it with the slot locked; nothing here waits, or rings.
 *
 * Each thread's part of the count is its own word, so that what a thread held
 * can be taken back when it has ended.
 */
import type { OriginTable } from "./OriginTable.js"
import * as TableLayout from "./TableLayout.js"

/** Which leases: those of connections, or those of requests under way. */
export type Kind = "connections" | "flights"

const { cursor, limit, sum, waiting } = TableLayout.group
const { flags } = TableLayout.slot

/** The leases of one kind in one slot. */
export class Leases {
  private readonly group: number
  private readonly held: number
  private readonly waits: number
  private readonly words: Int32Array

  constructor(private readonly table: OriginTable, private readonly slot: number, private readonly kind: Kind) {
    this.words = table.words
    this.group = table.base(slot) + TableLayout.slot[kind]
    const { held, heldFlights, waits, waitsFlights } = TableLayout.thread
    this.held = kind === "connections" ? held : heldFlights
    this.waits = kind === "connections" ? waits : waitsFlights
  }

  /** How many the thread has. To be read without the lock, too. */
  heldBy(thread: number): number {
    return Atomics.load(this.words, this.table.part(this.slot, thread) + this.held)
  }

  hasRoom(): boolean {
    return this.words[this.group + sum]! < this.words[this.group + limit]!
  }

  inAll(): number {
    return this.words[this.group + sum]!
  }

  /** The thread has one more; its caller has seen that there is room. */
  take(thread: number): void {
    this.words[this.group + sum]!++
    this.add(thread, 1)
  }

  /** The thread has one less, and another that waits for it has one more: its number, or 0. */
  give(thread: number): number {
    const next = this.isTooMany() ? 0 : this.next(thread)
    // No call between the two: a thread that is ended here has counted both, or none.
    this.add(thread, -1)
    if (next === 0) this.words[this.group + sum]!--
    else this.add(next, 1)
    return next
  }

  /** One goes from a thread to another. */
  pass(from: number, to: number): void {
    this.add(from, -1)
    this.add(to, 1)
  }

  /** Whether there are more than there may be now. */
  isTooMany(): boolean {
    return this.words[this.group + sum]! > this.words[this.group + limit]!
  }

  /** Room that there is goes to those who wait, as far as `most`: their numbers. */
  grantRoom(most = Infinity): ReadonlyArray<number> {
    const granted: Array<number> = []
    while (this.hasRoom() && granted.length < most) {
      const next = this.next()
      if (next === 0) break
      this.take(next)
      granted.push(next)
    }
    return granted
  }

  setLimit(most: number): void {
    this.words[this.group + limit] = most
  }

  /** The thread waits for one more. Whether it did not before. */
  mark(thread: number): boolean {
    return this.setMark(thread, 1)
  }

  unmark(thread: number): void {
    this.setMark(thread, 0)
  }

  private setMark(thread: number, mark: 0 | 1): boolean {
    const at = this.table.part(this.slot, thread) + this.waits
    if (this.words[at] === mark) return false
    this.words[at] = mark
    this.words[this.group + waiting]! += mark === 1 ? 1 : -1
    if (this.kind === "connections") Atomics.add(this.words, this.table.base(this.slot) + flags, mark === 1 ? 2 : -2)
    return true
  }

  isMarked(thread: number): boolean {
    return this.words[this.table.part(this.slot, thread) + this.waits] === 1
  }

  /** Whether another thread waits for one. To be read without the lock, too. */
  othersWait(thread: number): boolean {
    return Atomics.load(this.words, this.group + waiting) > (this.isMarked(thread) ? 1 : 0)
  }

  /** Of the other threads that wait, the one that has the fewest: how many it has. Infinity where none waits. */
  poorest(thread: number): number {
    let fewest = Infinity
    for (let other = 1; other <= this.table.wire.threads; other++) {
      if (other !== thread && this.isMarked(other)) fewest = Math.min(fewest, this.heldBy(other))
    }
    return fewest
  }

  /** Threads that have some. */
  holders(): ReadonlyArray<number> {
    const holders: Array<number> = []
    for (let thread = 1; thread <= this.table.wire.threads; thread++) {
      if (this.heldBy(thread) > 0) holders.push(thread)
    }
    return holders
  }

  /** Takes back what a thread that has ended had, and counts anew what the others have. */
  recover(thread: number): void {
    Atomics.store(this.words, this.table.part(this.slot, thread) + this.held, 0)
    this.unmark(thread)
    let held = 0
    let marked = 0
    for (let other = 1; other <= this.table.wire.threads; other++) {
      held += this.heldBy(other)
      if (this.isMarked(other)) marked++
    }
    this.words[this.group + sum] = held
    this.words[this.group + waiting] = marked
    if (this.kind === "connections") {
      const at = this.table.base(this.slot) + flags
      Atomics.store(this.words, at, this.words[at]! & 1 | marked << 1)
    }
  }

  private add(thread: number, count: 1 | -1): void {
    Atomics.add(this.words, this.table.part(this.slot, thread) + this.held, count)
  }

  /** Of the threads that wait the one that has the fewest, beginning with the one after the last that was served. */
  private next(giver = 0): number {
    if (this.words[this.group + waiting] === 0) return 0
    const { threads } = this.table.wire
    const last = this.words[this.group + cursor]!
    let best = 0
    for (let n = 0; n < threads; n++) {
      const thread = 1 + (last + n) % threads
      if (thread !== giver && this.isMarked(thread) && (best === 0 || this.heldBy(thread) < this.heldBy(best))) {
        best = thread
      }
    }
    if (best !== 0) this.words[this.group + cursor] = best
    return best
  }
}
