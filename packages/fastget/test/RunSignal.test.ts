import * as RunSignal from "#internal/wire/RunSignal"
import { describe, expect, it } from "@effect/vitest"

const word = 3

const makeMemory = () => new Int32Array(new SharedArrayBuffer(4 * (word + RunSignal.words)))

describe("RunSignal", () => {
  it("is not drained in memory that nobody has written to", () => {
    expect(RunSignal.isDrained(makeMemory(), word)).toBe(false)
  })

  it("is drained for everyone who has the memory, and stays so", () => {
    const memory = makeMemory()
    const elsewhere = structuredClone(memory)
    RunSignal.drain(memory, word)
    RunSignal.drain(memory, word)
    expect(RunSignal.isDrained(elsewhere, word)).toBe(true)
  })

  it("touches no other word", () => {
    const memory = makeMemory().fill(7, 0, word)
    RunSignal.drain(memory, word)
    expect([...memory.subarray(0, word)]).toEqual([7, 7, 7])
  })
})
