import { expect, it } from "@effect/vitest"
import * as IdSet from "../src/IdSet.js"

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
