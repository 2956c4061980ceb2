import { expect, it } from "@effect/vitest"
import * as Crypto from "node:crypto"
import * as Digest from "../../src/input/Digest.js"
import * as DigestTable from "../../src/input/DigestTable.js"
import * as IdSet from "../../src/input/IdSet.js"

/** Ids as people make them, which differ in little. */
const kinds: ReadonlyArray<(n: number) => string> = [
  (n) => `user-${n}`,
  (n) => `${n}-user`,
  (n) => `"${n.toString(36)}"`,
  (n) => `${String.fromCharCode(0x4e00 + n % 500)}${Math.floor(n / 500)}`,
  (n) => `0${n}`,
  (n) => String(2 ** 32 + n),
  (n) => String(n * 1000)
]

it("what was added is known, and nothing else", () => {
  const set = IdSet.make()
  const each = 60_000
  for (const kind of kinds) for (let n = 0; n < each; n += 2) expect(set.add(kind(n))).toBe(true)
  expect(set.size()).toBe(kinds.length * each / 2)
  for (const kind of kinds) {
    for (let n = 0; n < each; n++) if (set.has(kind(n)) !== (n % 2 === 0)) throw new Error(`wrong about ${kind(n)}`)
  }
  for (const kind of kinds) expect(set.add(kind(0))).toBe(false)
})

it("a number and its text are the same; what is no such number is not", () => {
  const set = IdSet.make()
  expect(set.add(7)).toBe(true)
  expect(set.has("7")).toBe(true)
  for (const other of ["07", "7.0", " 7", "-7", "\"7\"", "7\0", ""]) expect(set.has(other)).toBe(false)
  for (const other of [-7, 7.5, 2 ** 32, 2 ** 53]) {
    expect([set.add(other), set.add(String(other))]).toEqual([true, false])
  }
})

it("ten million ids that are numbers take a bit each, and others at most 35 bytes", () => {
  const before = process.memoryUsage().arrayBuffers
  const numbers = IdSet.make()
  for (let n = 0; n < 10_000_000; n++) numbers.add(n)
  expect(numbers.size()).toBe(10_000_000)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3_000_000)
  const texts = IdSet.make()
  for (let n = 0; n < 500_000; n++) texts.add(`id-${n}`)
  expect(texts.size()).toBe(500_000)
  // What a shard has outgrown is the collector's; the last one and what it was before are counted.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500_000 * 35 * 2)
})

it("a digest is the first 128 bits of SHA-256, of the text as UTF-8", () => {
  const digest = Digest.make()
  // The example of FIPS 180-2.
  Digest.of("abc", digest)
  expect(Buffer.from(digest.buffer).toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223")
  for (const text of ["", "é漢😀", "x".repeat(1_000_000)]) {
    Digest.of(text, digest)
    expect(Buffer.from(digest.buffer)).toEqual(Crypto.createHash("sha256").update(text).digest().subarray(0, 16))
  }
})

it("digests that differ in one word only are told apart, wherever a table is full", () => {
  const table = DigestTable.make()
  const digestOf = (n: number) => Uint32Array.of(0xffffffff, n % 7, Math.floor(n / 7), 0xffffffff)
  for (let n = 0; n < 3000; n++) table.insert(digestOf(n), n + 1)
  for (let n = 0; n < 3000; n++) expect(table.word(table.find(digestOf(n), 0, 0))).toBe(n + 1)
  for (let n = 3000; n < 3100; n++) expect(table.find(digestOf(n), 0, 0)).toBe(-1)
  expect(table.find(Uint32Array.of(1, 0, 0, 0xffffffff), 0, 0)).toBe(-1)
})
