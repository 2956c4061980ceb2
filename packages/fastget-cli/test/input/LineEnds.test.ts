import { describe, expect, it } from "@effect/vitest"
import { LineEnds } from "../../src/input/LineEnds.js"

/** What is known after these pieces of a file. */
const after = (...pieces: ReadonlyArray<string>): LineEnds => {
  const ends = new LineEnds()
  for (const piece of pieces) ends.learn(Buffer.from(piece))
  return ends
}

const linesOf = (ends: LineEnds, text: string) => {
  const lines: Array<readonly [string, string]> = []
  ends.each(text, (line, lineBreak) => lines.push([line, lineBreak]))
  return lines
}

describe("LineEnds", () => {
  it("takes a CR for a character where the first line ends with LF or CRLF", () => {
    for (const start of ["a\n", "a\r\n", "a\r\r\n"]) {
      expect(linesOf(after(start), "b\rc\nd")).toEqual([["b\rc", "\n"], ["d", ""]])
    }
  })

  it("takes a CR for a line break where the first line ends with one alone", () => {
    expect(linesOf(after("a\rb"), "b\rc\r\nd\n\re")).toEqual([["b", "\r"], ["c", "\r\n"], ["d", "\n"], ["", "\r"], [
      "e",
      ""
    ]])
  })

  it("waits for the byte after a CR, in whichever piece it comes", () => {
    expect(linesOf(after("a\r", "\nb"), "c\rd")).toEqual([["c\rd", ""]])
    expect(linesOf(after("a\r", "", "b"), "c\rd")).toEqual([["c", "\r"], ["d", ""]])
  })

  it("finds where the first and the last line end", () => {
    const bytes = Buffer.from("a\rb\nc")
    expect([after("a\n").first(bytes), after("a\n").last(bytes)]).toEqual([4, 4])
    expect([after("a\rb").first(bytes), after("a\rb").last(bytes)]).toEqual([2, 4])
    expect([after("a\n").first(Buffer.from("abc")), after("a\n").last(Buffer.from("abc"))]).toEqual([0, 0])
  })

  it("does not take a CR at the very end for a whole line break: an LF may follow", () => {
    const ends = after("a\rb")
    expect(ends.last(Buffer.from("a\rb\r"))).toBe(2)
    expect(ends.isHalf(Buffer.from("b\r"))).toBe(true)
    expect(after("a\n").isHalf(Buffer.from("b\r"))).toBe(false)
  })
})
