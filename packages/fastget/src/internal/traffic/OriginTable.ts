/**
 * What all threads of a pool know of the origins they ask: a fixed number of
 * slots in shared memory, each for one origin. An origin is found by a hash of 64
 * bits with a seed of the pool's own. When the table is full the slot that nobody
 * has used for the longest time is given to another origin; where all are in use
 * there is none. Slot 0 is no origin: its leases are those of all of them
 * together.
 */
import * as Doorbell from "./Doorbell.js"
import type { OriginState } from "./OriginState.js"
import * as State from "./OriginState.js"
import * as SharedClock from "./SharedClock.js"
import * as SpinLock from "./SpinLock.js"
import * as TableLayout from "./TableLayout.js"

/** The table on its way to a thread. */
export interface Wire extends TableLayout.Size {
  readonly memory: SharedArrayBuffer | ArrayBuffer
  readonly seed: number
}

/** How many slots an origin may be in, from the one that its hash names. */
const window = 32

export class OriginTable {
  readonly layout: TableLayout.Layout
  readonly words: Int32Array
  private readonly numbers: Float64Array
  private readonly texts: Uint8Array
  /** Who listens, where the memory is not shared and all threads are one. */
  private readonly here = new Map<number, (slot: number) => void>()

  constructor(readonly wire: Wire) {
    this.layout = TableLayout.of(wire)
    this.words = new Int32Array(wire.memory, 0, this.layout.state / 4)
    this.numbers = new Float64Array(wire.memory, this.layout.state, wire.slots * TableLayout.stateSize)
    this.texts = new Uint8Array(wire.memory, this.layout.texts)
  }

  /** The number of the main thread, which has no entries. */
  get main(): number {
    return this.wire.threads + 1
  }

  /** The first word of a slot. */
  base(slot: number): number {
    return this.layout.slots + slot * this.layout.slotSize
  }

  /** The first word of a thread in a slot. */
  part(slot: number, thread: number): number {
    return this.base(slot) + TableLayout.slot.size + (thread - 1) * TableLayout.thread.size
  }

  /** Runs with the slot locked for this thread. Nothing that `f` calls may lock a slot before it, or wait. */
  locked<A>(slot: number, owner: number, f: () => A): A {
    const at = this.base(slot)
    SpinLock.lock(this.words, at, owner)
    try {
      return f()
    } finally {
      SpinLock.unlock(this.words, at, owner)
    }
  }

  /**
   * The slot of an origin, in use by the thread from now on; undefined where none
   * is free. One that is new to the table has `limit` connections.
   */
  enter(name: string, limit: number, thread: number): number | undefined {
    return this.finding(name, limit, thread, (slot) => {
      Atomics.store(this.words, this.part(slot, thread) + TableLayout.thread.isUser, 1)
    })
  }

  /** The slot of an origin that nobody needs to be using yet; undefined where none is free. */
  prepare(name: string, limit: number, f: (slot: number) => void): number | undefined {
    return this.finding(name, limit, this.main, (slot) => {
      this.words[this.base(slot) + TableLayout.slot.leftAt] = SharedClock.now() / 1000 | 0
      f(slot)
    })
  }

  private finding(name: string, limit: number, owner: number, f: (slot: number) => void): number | undefined {
    const { words } = this
    const [high, low] = hash(name, this.wire.seed)
    SpinLock.lock(words, TableLayout.header.lock, owner)
    try {
      const slot = this.find(high, low)
      if (slot === undefined) {
        words[TableLayout.header.withoutSlot]!++
        return undefined
      }
      if (words[this.base(slot) + TableLayout.slot.used] === 0) this.claim(slot, name, high, low, limit)
      f(slot)
      return slot
    } finally {
      SpinLock.unlock(words, TableLayout.header.lock, owner)
    }
  }

  /** How often an origin, or the rate of a run, found no slot. */
  get withoutSlot(): number {
    return Atomics.load(this.words, TableLayout.header.withoutSlot)
  }

  /** The thread has nothing more of the origin, neither entries nor leases. */
  leave(slot: number, thread: number): void {
    const { words } = this
    words[this.base(slot) + TableLayout.slot.leftAt] = SharedClock.now() / 1000 | 0
    Atomics.store(words, this.part(slot, thread) + TableLayout.thread.isUser, 0)
  }

  /** Where the origin is, or may be; a slot that was another's is empty by then. */
  private find(high: number, low: number): number | undefined {
    const { words } = this
    const { hashHigh, hashLow, leftAt, used } = TableLayout.slot
    // Slot 0 is for all origins together.
    const origins = this.wire.slots - 1
    let coldest: number | undefined
    for (let n = 0; n < Math.min(window, origins); n++) {
      const slot = 1 + ((low >>> 0) + n) % origins
      const base = this.base(slot)
      if (words[base + used] === 0) return slot
      if (words[base + hashHigh] === high && words[base + hashLow] === low) return slot
      if (this.isUsed(slot)) continue
      if (coldest === undefined || words[base + leftAt]! < words[this.base(coldest) + leftAt]!) coldest = slot
    }
    if (coldest !== undefined) this.clear(coldest)
    return coldest
  }

  private isUsed(slot: number): boolean {
    for (let thread = 1; thread <= this.wire.threads; thread++) {
      if (Atomics.load(this.words, this.part(slot, thread) + TableLayout.thread.isUser) === 1) return true
    }
    return false
  }

  private clear(slot: number): void {
    this.words.fill(0, this.base(slot), this.base(slot) + this.layout.slotSize)
    this.numbers.fill(0, slot * TableLayout.stateSize, (slot + 1) * TableLayout.stateSize)
  }

  private claim(slot: number, name: string, high: number, low: number, limit: number): void {
    const { words } = this
    const { connections, flags, flights, hashHigh, hashLow, used } = TableLayout.slot
    const base = this.base(slot)
    words[base + hashHigh] = high
    words[base + hashLow] = low
    words[base + connections + TableLayout.group.limit] = limit
    words[base + flights + TableLayout.group.limit] = limit
    // Until it has answered there is something to decide.
    words[base + flags] = 1
    this.setText(slot, "name", name)
    Atomics.store(words, base + used, 1)
  }

  /** What the policies know of a slot's origin, to be read and written with the slot locked. */
  state(slot: number): OriginState {
    return new SlotState(this.numbers, slot * TableLayout.stateSize) as unknown as OriginState
  }

  /** A copy of what the policies know. */
  snapshot(slot: number, owner: number): OriginState {
    return this.locked(slot, owner, () => this.copy(slot))
  }

  /** The same where the slot is locked already. */
  copy(slot: number): OriginState {
    const at = slot * TableLayout.stateSize
    return new SlotState(this.numbers.slice(at, at + TableLayout.stateSize), 0) as unknown as OriginState
  }

  text(slot: number, which: "name" | "reason"): string {
    const [from, length] = this.textAt(slot, which)
    // A decoder takes no memory that is shared.
    return new TextDecoder().decode(this.texts.slice(from, from + Math.max(0, this.words[length]!)))
  }

  setText(slot: number, which: "name" | "reason", text: string): void {
    const [from, length, most] = this.textAt(slot, which)
    const bytes = new TextEncoder().encode(text)
    this.words[length] = bytes.length > most ? 0 : bytes.length
    if (bytes.length <= most) this.texts.set(bytes, from)
  }

  private textAt(slot: number, which: "name" | "reason"): readonly [from: number, length: number, most: number] {
    const { nameBytes, reasonBytes, slot: { nameLength, reasonLength } } = TableLayout
    const from = slot * (nameBytes + reasonBytes)
    return which === "name"
      ? [from, this.base(slot) + nameLength, nameBytes]
      : [from + nameBytes, this.base(slot) + reasonLength, reasonBytes]
  }

  /** Rings a thread for a slot. */
  ring(thread: number, slot: number): void {
    Doorbell.ring(this.words, this.layout, thread, slot)
    const listener = this.here.get(thread)
    if (listener !== undefined) queueMicrotask(() => Doorbell.answer(this.words, this.layout, thread, listener))
  }

  /** Calls back with each slot that the thread is rung for, until the returned function is called. */
  listen(thread: number, onRung: (slot: number) => void): () => void {
    if (!(this.wire.memory instanceof ArrayBuffer)) return Doorbell.listen(this.words, this.layout, thread, onRung)
    this.here.set(thread, onRung)
    return () => void this.here.delete(thread)
  }
}

/** The numbers of a slot as fields. */
class SlotState {
  constructor(readonly numbers: Float64Array, readonly at: number) {}
}

State.names.forEach((name, index) =>
  Object.defineProperty(SlotState.prototype, name, {
    get(this: SlotState) {
      return this.numbers[this.at + index]
    },
    set(this: SlotState, value: number) {
      this.numbers[this.at + index] = value
    }
  })
)

/** Two numbers of 32 bits, as cyrb53 makes them: names that are alike have nothing in common then. */
const hash = (name: string, seed: number): readonly [high: number, low: number] => {
  let high = 0xdeadbeef ^ seed
  let low = 0x41c6ce57 ^ seed
  for (let n = 0; n < name.length; n++) {
    const code = name.charCodeAt(n)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return [high | 0, low | 0]
}

export interface Options {
  /** How many threads there are, without the main one. */
  readonly threads: number
  /** How many connections there may be to all origins together. */
  readonly inAll: number
  readonly slots?: number
  /** Whether other threads have it, too. */
  readonly isShared: boolean
}

/** A table that no origin is in. */
export const make = ({ inAll, isShared, slots, threads }: Options): OriginTable => {
  const size = { threads, slots: slots ?? TableLayout.slotsFor(threads) }
  const { bytes } = TableLayout.of(size)
  const memory = isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)
  const table = new OriginTable({ ...size, memory, seed: Math.random() * 2 ** 32 | 0 })
  const base = table.base(0)
  table.words[base + TableLayout.slot.connections + TableLayout.group.limit] = Math.min(inAll, 2 ** 30)
  table.words[base + TableLayout.slot.used] = 1
  return table
}
