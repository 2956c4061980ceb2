import { describe, expect, it } from "@effect/vitest"
import { PendingLines } from "../../src/input/PendingLines.js"

const lines = (...texts: ReadonlyArray<string | undefined>): PendingLines => {
  const pending = new PendingLines()
  texts.forEach((text, index) => pending.add({ text, line: index + 1, lineBreak: "\r\n", problem: undefined }))
  return pending
}

describe("PendingLines", () => {
  it("counts from the first line that is left", () => {
    const pending = lines("a", "bb", "ccc", "dddd")
    pending.drop(1)
    expect(pending.size()).toBe(3)
    expect(pending.at(0).text).toBe("bb")
    expect(pending.first(2).map(({ text }) => text)).toEqual(["bb", "ccc"])
    pending.drop(2)
    expect([pending.size(), pending.at(0).text]).toEqual([1, "dddd"])
    pending.drop(1)
    expect(pending.size()).toBe(0)
  })

  it("knows how many characters lines span with their breaks", () => {
    const pending = lines("a", "bb", undefined, "dddd")
    expect([0, 1, 2, 3].map((index) => pending.spanTo(index))).toEqual([3, 7, 9, 15])
    pending.drop(3)
    expect(pending.spanTo(0)).toBe(6)
  })

  it("drops many lines one by one in linear time", () => {
    const count = 200_000
    const pending = new PendingLines()
    for (let line = 1; line <= count; line++) pending.add({ text: "x", line, lineBreak: "\n", problem: undefined })
    let sum = 0
    for (; pending.size() > 0; pending.drop(1)) sum += pending.at(0).line
    expect(sum).toBe(count * (count + 1) / 2)
  })
})
