import { expect, it } from "vitest"
import * as Partition from "../src/internal/protocol/Partition.js"

it("an origin has the same partition everywhere: the remainder of its hash FNV-1a", () => {
  // The hashes are among the test vectors that its authors published.
  expect(["", "a", "foobar"].map(Partition.of)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968].map((hash) => hash % 128))
})

it("origins are spread over all partitions", () => {
  const counts = Array.from({ length: Partition.partitions }, () => 0)
  for (let n = 0; n < 100_000; n++) counts[Partition.of(`https://host-${n}.example.com`)]!++
  const even = 100_000 / Partition.partitions
  expect(Math.min(...counts)).toBeGreaterThan(even * 0.8)
  expect(Math.max(...counts)).toBeLessThan(even * 1.2)
})

it("chunks of a job are spread over all lanes, also where the number of each is a multiple of 1,000", () => {
  for (const lanes of [1, 2, 3, 4, 8, 10, 64]) {
    const counts = Array.from({ length: lanes }, () => 0)
    for (let n = 0; n < 6400; n++) counts[Partition.laneOf(n * 1000, lanes)]!++
    expect(Math.min(...counts)).toBeGreaterThan(6400 / lanes * 0.6)
  }
})

it("each lane of a partition is an entity of its own", () => {
  expect([Partition.entityId(7, 0), Partition.entityId(7, 1), Partition.entityId(71, 0)]).toEqual([
    "7#0",
    "7#1",
    "71#0"
  ])
})
