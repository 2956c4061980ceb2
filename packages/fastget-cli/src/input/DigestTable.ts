/**
 * A hash table of digests, each with a word: 20 bytes a slot, of which at least
 * 64 of 100 are taken. It is cut into shards that grow one at a time: while one
 * is copied, only that one takes its memory twice.
 */
import * as Digest from "./Digest.js"

export interface DigestTable {
  /** A slot with the digest whose word is `word` where `mask` has bits, or -1. */
  readonly find: (digest: Digest.Digest, mask: number, word: number) => number
  /** Inserts a digest, also one that is there already. The word is not 0. Slots that were found before are void. */
  readonly insert: (digest: Digest.Digest, word: number) => void
  readonly word: (slot: number) => number
  /** Sets the word of a slot; not to 0. */
  readonly setWord: (slot: number, word: number) => void
  /** Copies the digest of a slot; false where none is. */
  readonly read: (slot: number, into: Digest.Digest) => boolean
  readonly size: () => number
  /** All slots are below it. */
  readonly slots: () => number
}

const slotWords = Digest.words + 1
const wordAt = Digest.words
const shardCount = 64
const firstSlots = 16
const fullest = 0.8
const growth = 1.25

/** Where the search for a digest begins: the first word as a share of the shard. */
const startOf = (first: number, slots: number): number => Math.floor(first * slots / 2 ** 32)

export const make = (): DigestTable => {
  const shards: Array<Uint32Array> = Array.from({ length: shardCount }, () => new Uint32Array(firstSlots * slotWords))
  const sizes = new Uint32Array(shardCount)
  let size = 0

  /** The number of a slot is its index in the shard times the number of shards, plus the index of the shard. */
  const shardOf = (slot: number): Uint32Array => shards[slot % shardCount]!
  const offsetOf = (slot: number): number => Math.floor(slot / shardCount) * slotWords

  return {
    find: (digest, mask, word) => {
      const shard = digest[3]! % shardCount
      const table = shards[shard]!
      let at = startOf(digest[0]!, table.length / slotWords) * slotWords
      while (table[at + wordAt] !== 0) {
        if (isAt(table, at, digest) && (table[at + wordAt]! & mask) === word) return at / slotWords * shardCount + shard
        at = nextOf(table, at)
      }
      return -1
    },
    insert: (digest, word) => {
      const shard = digest[3]! % shardCount
      let table = shards[shard]!
      if (sizes[shard]! + 1 > table.length / slotWords * fullest) shards[shard] = table = grown(table)
      const at = freeAt(table, digest[0]!)
      table.set(digest, at)
      table[at + wordAt] = word
      sizes[shard]!++
      size++
    },
    word: (slot) => shardOf(slot)[offsetOf(slot) + wordAt]!,
    setWord: (slot, word) => {
      shardOf(slot)[offsetOf(slot) + wordAt] = word
    },
    read: (slot, into) => {
      const table = shardOf(slot)
      const at = offsetOf(slot)
      if (at >= table.length || table[at + wordAt] === 0) return false
      for (let word = 0; word < Digest.words; word++) into[word] = table[at + word]!
      return true
    },
    size: () => size,
    slots: () => shards.reduce((most, { length }) => Math.max(most, length), 0) / slotWords * shardCount
  }
}

const isAt = (table: Uint32Array, at: number, digest: Digest.Digest): boolean =>
  table[at] === digest[0] && table[at + 1] === digest[1] && table[at + 2] === digest[2] && table[at + 3] === digest[3]

const nextOf = (table: Uint32Array, at: number): number => at + slotWords === table.length ? 0 : at + slotWords

const freeAt = (table: Uint32Array, first: number): number => {
  let at = startOf(first, table.length / slotWords) * slotWords
  while (table[at + wordAt] !== 0) at = nextOf(table, at)
  return at
}

const grown = (table: Uint32Array): Uint32Array => {
  const larger = new Uint32Array(Math.ceil(table.length / slotWords * growth) * slotWords)
  for (let from = 0; from < table.length; from += slotWords) {
    if (table[from + wordAt] === 0) continue
    const to = freeAt(larger, table[from]!)
    for (let word = 0; word < slotWords; word++) larger[to + word] = table[from + word]!
  }
  return larger
}
