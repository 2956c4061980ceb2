/**
 * Texts as 128 bits: the first half of SHA-256. No two texts with the same digest
 * can be made, so equal digests are taken for equal texts.
 */
import * as Crypto from "node:crypto"

/** Four words. */
export type Digest = Uint32Array

export const words = 4

export const make = (): Digest => new Uint32Array(words)

/** Digests a text, as UTF-8, into an array of the caller: this is done ten million times, and allocates none. */
export const of = (text: string, into: Digest): void => {
  const bytes = Crypto.hash("sha256", text, "binary")
  for (let word = 0; word < words; word++) {
    const at = word * 4
    into[word] = bytes.charCodeAt(at) | bytes.charCodeAt(at + 1) << 8 | bytes.charCodeAt(at + 2) << 16 |
      bytes.charCodeAt(at + 3) << 24
  }
}
