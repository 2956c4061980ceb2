/**
 * Where everything lies in the memory of the `OriginTable`: one block of words
 * for the table, then one for each slot, with a part of its own for each thread;
 * then the numbers of the policies, and the texts.
 */
import * as OriginState from "./OriginState.js"

/** Words of the table itself; the bells and what they ring for follow. */
export const header = {
  /** The lock for looking an origin up, and giving it a slot. */
  lock: 0,
  /** How often an origin found no slot. */
  withoutSlot: 1,
  size: 2
} as const

/** Words of a slot. A slot has two groups of leases, each of four words. */
export const slot = {
  lock: 0,
  /** Bit 0: there is something to decide. Above: how many threads wait for a connection. Read without the lock. */
  flags: 1,
  /** 1 where the slot belongs to an origin. */
  used: 2,
  hashHigh: 3,
  hashLow: 4,
  /** Seconds of the pool's clock when a thread left it last. */
  leftAt: 5,
  connections: 6,
  flights: 10,
  nameLength: 14,
  reasonLength: 15,
  size: 16
} as const

/** Words of a group of leases, from its first one. */
export const group = { limit: 0, sum: 1, waiting: 2, cursor: 3 } as const

/** Words of a thread in a slot. Those of its leases come in the order of the groups. */
export const thread = {
  held: 0,
  waits: 1,
  heldFlights: 2,
  waitsFlights: 3,
  /** 1 while the thread has entries or connections of the origin. */
  isUser: 4,
  /** How many of its entries wait because the origin is closed, or its rate spent. */
  waitingEntries: 5,
  /** Of slot 0: permits that were granted and that no connection has been made of. */
  spare: 6,
  answered: 7,
  /** The number of the last time slice in which an answer came, and the answers of each slice. */
  slice: 8,
  slices: 9,
  size: 9 + 32
} as const

/** How many slices of time are counted, and how long one is, in milliseconds: a little over two seconds. */
export const slices = 32
export const sliceLength = 66

/** Bytes for the name of an origin, and for the reason why nothing answers there. */
export const nameBytes = 256
export const reasonBytes = 512

/** How many threads and slots a table is for. The threads count from 1; the main thread is the one after the last. */
export interface Size {
  readonly threads: number
  readonly slots: number
}

export interface Layout {
  readonly bells: number
  readonly rung: number
  /** Words that tell for which slots a thread is rung: one bit for each. */
  readonly rungWords: number
  readonly slots: number
  readonly slotSize: number
  /** Bytes before the numbers of the policies, before the texts, and in all. */
  readonly state: number
  readonly texts: number
  readonly bytes: number
}

/** Names of numbers there are in a slot. */
export const stateSize = OriginState.names.length

export const of = ({ slots, threads }: Size): Layout => {
  const bells = header.size
  // One bell more for the main thread, and none for number 0.
  const rung = bells + threads + 2
  const rungWords = Math.ceil(slots / 32)
  const slotsAt = rung + (threads + 2) * rungWords
  const slotSize = slot.size + threads * thread.size
  const state = 8 * Math.ceil((slotsAt + slots * slotSize) / 2)
  const texts = state + slots * stateSize * 8
  return {
    bells,
    rung,
    rungWords,
    slots: slotsAt,
    slotSize,
    state,
    texts,
    bytes: texts + slots * (nameBytes + reasonBytes)
  }
}

/** About how much memory a table may take, in bytes. What is never used of it is never given by the system. */
const budget = 8 * 1024 * 1024

/** As many slots as the budget has room for: a power of two. */
export const slotsFor = (threads: number): number => {
  const one = 4 * (slot.size + threads * thread.size) + 8 * stateSize + nameBytes + reasonBytes
  return Math.min(4096, Math.max(256, 2 ** Math.floor(Math.log2(budget / one))))
}
