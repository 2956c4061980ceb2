/** What lines become records; that reading them is linear is tested in Rows.test.ts, random ones in RandomRows.test.ts. */
import { describe, expect, it } from "@effect/vitest"
import * as QuotedFields from "../../src/input/QuotedFields.js"
import { RecordLines } from "../../src/input/RecordLines.js"

type Row = readonly [first: number, last: number, what: ReadonlyArray<string> | string]

const rowsOf = (texts: ReadonlyArray<string>, longest?: number): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  const records = new RecordLines(QuotedFields.csv, {
    record: (fields, first, last) => rows.push([first, last, fields]),
    bad: (first, last, problem) => rows.push([first, last, problem])
  }, longest)
  texts.forEach((text, index) => records.line({ text, line: index + 1, lineBreak: "\n", problem: undefined }))
  records.end()
  return rows
}

describe("RecordLines", () => {
  it("joins lines until the quote is closed", () => {
    expect(rowsOf(["1,\"a", "b", "c\",2", "3,d"])).toEqual([[1, 3, ["1", "a\nb\nc", "2"]], [4, 4, ["3", "d"]]])
  })

  it("takes but one line for bad where a quote is never closed", () => {
    expect(rowsOf(["1,\"a", "2,b", "3,c"])).toEqual([
      [1, 1, "a quote is not closed"],
      [2, 2, ["2", "b"]],
      [3, 3, ["3", "c"]]
    ])
  })

  it("takes but one line for bad where text follows the closing quote", () => {
    expect(rowsOf(["1,\"a", "2,\"b\"", "3,c"])).toEqual([
      [1, 1, "a quote is not closed: the next one, in line 2, has text after it"],
      [2, 2, ["2", "b"]],
      [3, 3, ["3", "c"]]
    ])
  })

  it("gives up a quote that spans too much", () => {
    expect(rowsOf(["1,\"a", "2,b", "3,c", "\"", "4,d"], 8).map(([first, last]) => [first, last])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5]
    ])
  })
})
