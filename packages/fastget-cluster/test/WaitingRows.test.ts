import { expect, it } from "vitest"
import type { NewRow } from "../src/internal/job/TableSink.js"
import { WaitingRows } from "../src/internal/job/WaitingRows.js"

const MiB = 1024 * 1024
const text = "a".repeat(MiB)

const row = (json: string | null): NewRow => ({
  entry: 1,
  id: "1",
  url: "http://a.example",
  status: 200,
  bytes: 1,
  attempts: 1,
  elapsed: 1,
  json,
  error: null
})

const rows = (mebibytes: number) => Array.from({ length: mebibytes }, () => row(text))

it("a chunk keeps its rows until they have 8 MiB", () => {
  const chunk = new WaitingRows({ bytes: 0 })
  chunk.add([row(null), ...rows(7)])
  expect(chunk.isTooMuch()).toBe(false)
  chunk.add(rows(1))
  expect(chunk.isTooMuch()).toBe(true)
  expect(chunk.take()).toHaveLength(9)
  chunk.written()
  expect([chunk.isTooMuch(), chunk.take()]).toEqual([false, []])
})

it("all chunks of a runner keep theirs until they have 64 MiB together", () => {
  const runner = { bytes: 0 }
  const chunks = Array.from({ length: 10 }, () => new WaitingRows(runner))
  for (const chunk of chunks) chunk.add(rows(6))
  expect(chunks.some((chunk) => chunk.isTooMuch())).toBe(false)
  chunks[0]!.add(rows(1))
  const last = new WaitingRows(runner)
  last.add(rows(4))
  expect([chunks[0]!.isTooMuch(), last.isTooMuch()]).toEqual([true, true])
  // What is being written counts until it is.
  last.take()
  expect(chunks[0]!.isTooMuch()).toBe(true)
  last.written()
  expect(chunks[0]!.isTooMuch()).toBe(false)
  for (const chunk of chunks) chunk.written()
  expect(runner.bytes).toBe(0)
})
