import { describe, expect, it } from "@effect/vitest"
import * as Discard from "fastget/platform/Discard"

const mebibyte = 2 ** 20

describe("memory that nobody needs", () => {
  it("is given back at once: its buffers are detached", () => {
    const buffers = [new ArrayBuffer(8 * mebibyte), new ArrayBuffer(8 * mebibyte)]
    const view = new Uint8Array(buffers[0]!)
    const before = process.memoryUsage().arrayBuffers
    Discard.buffers(buffers)
    expect([view.length, ...buffers.map(({ byteLength }) => byteLength)]).toEqual([0, 0, 0])
    expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThanOrEqual(15 * mebibyte)
    Discard.buffers([])
  })

  // That it makes the engine collect is shown by a process of its own, in Garbage.test.ts.
  it("costs none when it is to be collected", () => {
    const before = process.memoryUsage().arrayBuffers
    for (let n = 0; n < 5; n++) Discard.values()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mebibyte)
  })
})
