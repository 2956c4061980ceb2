import { expect, it } from "@effect/vitest"
import * as FirstLine from "../../src/input/FirstLine.js"

it("is the first line that is not empty, without a byte order mark", () => {
  expect(FirstLine.of(Buffer.from("\ufeff\r\n \n a,b\nc")).toString()).toBe("a,b")
  expect(FirstLine.of(Buffer.from("a,b")).toString()).toBe("a,b")
  expect(FirstLine.of(Buffer.from("\n \n")).toString()).toBe("")
})

it("is known once as many lines as are wanted have come, in whatever pieces", () => {
  const looks = (wanted: number, pieces: ReadonlyArray<string>) => {
    const isEnough = FirstLine.scanner(wanted)
    return pieces.map((piece) => isEnough(Buffer.from(piece)))
  }
  expect(looks(1, ["\n", "a", "b", "\n"])).toEqual([false, false, false, true])
  expect(looks(2, ["a\n\n", "b", "\n"])).toEqual([false, false, true])
  expect(looks(1, ["x".repeat(1024 * 1024 - 1), "x"])).toEqual([false, true])
})
