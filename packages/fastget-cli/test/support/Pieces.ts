/**
 * Bytes in pieces of any size, as a pipe may give them.
 */
import { Effect } from "effect"
import type { Source } from "../../src/input/Source.js"

export interface Pieces extends Source {
  /** Pieces that were read. */
  readonly count: () => number
}

/** Each piece is written over when the next is asked for, as a reader's buffer is. */
export const source = (pieces: ReadonlyArray<Buffer>): Pieces => {
  let at = 0
  let last: Buffer | undefined
  return {
    name: "it",
    count: () => at,
    read: Effect.sync(() => {
      last?.fill(0xaa)
      const next = pieces[at]
      last = next === undefined ? undefined : Buffer.from(next)
      if (next !== undefined) at++
      return last
    })
  }
}

/** A generator of numbers from 0 to 1 that gives the same ones each time (mulberry32). */
export const random = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

/** Cuts bytes anywhere; some pieces are empty. */
export const cut = (bytes: Buffer, longest: number, next: () => number): ReadonlyArray<Buffer> => {
  const pieces: Array<Buffer> = []
  for (let at = 0; at < bytes.length;) {
    const size = Math.floor(next() * (longest + 1))
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
