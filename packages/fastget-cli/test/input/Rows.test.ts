/**
 * The rows of an input, one by one: what quotes, line breaks and bytes that are
 * no text come to, and that reading them is linear.
 */
import { expect, it } from "@effect/vitest"
import * as CliError from "../../src/CliError.js"
import * as CsvRows from "../../src/input/CsvRows.js"
import * as LineRows from "../../src/input/LineRows.js"
import * as QuotedFields from "../../src/input/QuotedFields.js"
import { RecordLines } from "../../src/input/RecordLines.js"
import { spans } from "../support/Spans.js"

it("a header with broken quotes is the failure of its file, and takes no row with it", () => {
  for (
    const text of [
      "id,\"url\n1,u\n2,u\n",
      "id,\"url\n1,u\n2,\"u\"\n",
      "id,url,\"note\n1,u,x\n2,u,6\"\n3,u,x\n",
      "\"id,url\n1,u\n2,u\"\n",
      "\"id\" x,url\n1,u\n",
      "id,url\xff\n1,u\n"
    ]
  ) {
    const parse = () =>
      spans((sink) => {
        const parser = CsvRows.make(sink, { id: undefined, url: "url", delimiter: "," }, undefined, 0, "in.csv")
        parser.push(Buffer.from(text, "latin1"))
        parser.end()
      })
    expect(parse).toThrow(CliError.InputFailed)
    expect(parse).toThrow(/^The header of in\.csv can't be read: (a quote is not closed|there is text|it is not valid)/)
  }
})

/** How many letters are looked at for each letter of a file. */
const work = (dialect: QuotedFields.Dialect, lines: Iterable<string>) => {
  let looked = 0
  let size = 0
  const counted = <A>(look: (text: string) => A) => (text: string): A => {
    looked += text.length + 1
    return look(text)
  }
  const records = new RecordLines(
    {
      blank: dialect.blank,
      alone: counted(dialect.alone),
      further: counted(dialect.further),
      joined: counted(dialect.joined),
      unclosed: counted(dialect.unclosed)
    },
    { record: () => {}, bad: () => {} },
    120_000
  )
  let line = 0
  for (const text of lines) {
    records.line({ text, line: ++line, lineBreak: "\n", problem: undefined })
    size += text.length + 1
  }
  records.end()
  return looked / size
}

it("each letter of a file is looked at a few times at most, however its quotes stand", () => {
  const many = (count: number, ...each: ReadonlyArray<string>) =>
    Array.from({ length: count }, (_, i) => each[i % each.length]!)
  const shapes = (cut: string) => ({
    good: many(20_000, `1${cut}"u"${cut}""`),
    "a stray quote": [`0${cut}"u`, ...many(20_000, `1${cut}u${cut}x`)],
    "a stray quote before doubled ones": [`0${cut}"u`, ...many(20_000, `1${cut}u${cut}""`)],
    "a quote in each line": many(20_000, `1${cut}"u`),
    "a quote at the start of each line": many(20_000, "\"u"),
    "a quote in every second line": many(20_000, `1${cut}"u`, `2${cut}u`),
    "quotes that are closed as late as they may": many(2000, `1${cut}"u`, ...many(99, "x".repeat(90)), "\""),
    "quotes before one that breaks them": [...many(1500, "\"x", "\"\""), `x" y`],
    "odd and even quotes": many(20_000, "\"\"\"", "\"\"", `x"${cut}""`, `""${cut}"`),
    "blank lines in a quote": [`1${cut}"`, ...many(50_000, "")],
    "long lines": many(20, `1${cut}"${"\"\"".repeat(20_000)}`)
  })
  for (const [name, lines] of Object.entries(shapes(","))) {
    expect([name, work(QuotedFields.csv, lines) < 4]).toEqual([name, true])
  }
  for (const [name, lines] of Object.entries(shapes("\t"))) {
    expect([name, work(QuotedFields.tsv(() => 3), lines) < 5]).toEqual([name, true])
  }
})

/** What becomes of a text: ids with URLs, and bad rows by their lines. */
const rowsOf = (text: string, delimiter: "," | "\t") =>
  spans((sink) => {
    const parser = CsvRows.make(sink, { id: undefined, url: "url", delimiter }, undefined, 0, "in")
    parser.push(Buffer.from(text))
    parser.end()
  }).map(({ first, values }) => values ?? first)

it("TSV: a quote is a letter unless the field both begins and ends with one", () => {
  const tsv = (...rows: ReadonlyArray<string>) => rowsOf(["id\ttitle\turl", ...rows, ""].join("\n"), "\t")
  // None of these takes a line or a field with it, whatever comes after.
  for (
    const title of [
      "\"",
      "\"Heroes",
      "6\"",
      "12\" pipe",
      "\"Weird Al\" Yankovic",
      "\"A\" and \"B\"",
      "\"\"\"",
      "a\"\"b",
      "\"\" x"
    ]
  ) {
    expect(tsv(`1\t${title}\tu1`, "2\t12\"\tu2", `3\t"q"\tu3`, `4\t${title}\tu4`)).toEqual([
      ["1", "u1"],
      ["2", "u2"],
      ["3", "u3"],
      ["4", "u4"]
    ])
    expect(rowsOf(`id\turl\n${title}\tu1\n"x"\tu2\n${title}\tu3`, "\t")).toEqual([[title, "u1"], ["x", "u2"], [
      title,
      "u3"
    ]])
  }
  expect(tsv("1\tt\t\"u1\"", "\"2\"  \tt\t\"u\"\"2\" ", "3\tt\t\"u3")).toEqual([["1", "u1"], ["2", "u\"2"], [
    "3",
    "\"u3"
  ]])
  // As spreadsheets write tabs and line breaks in cells: the first, a middle one, and the last.
  expect(tsv(
    "\"1\ta\"\tt\tu1",
    "\"2\r",
    "\"\"b\"\"\"\tt\tu2",
    "3\t\"t\n\n\",\" t\"\tu3",
    "4\tt\t\"u4\n\"",
    "5\tt\tu5"
  )).toEqual([["1\ta", "u1"], ["2\r\n\"b\"", "u2"], 5, 7, ["4", "u4"], ["5", "u5"]])
  expect(tsv("1\t\"t\n\nt\"\tu1", "2\tt\tu2")).toEqual([["1", "u1"], ["2", "u2"]])
  // A row of empty cells is one, as in CSV; the header keeps what it has.
  expect(tsv("\t\t", "", " ")).toEqual([["", ""]])
  expect(rowsOf("\"id\"\turl\t\"note\n1\tu1\tx\"\n", "\t")).toEqual([["1", "u1"]])
})

it("CSV: line breaks in quotes stay as they are, and spaces after a closing quote are dropped", () => {
  expect(rowsOf("id,url\r\n\"a\r\nb\nc\rd\" ,\"u\"  \r\n", ",")).toEqual([["a\r\nb\nc\rd", "u"]])
  expect(rowsOf("id,url\n\"1\"\t,u\n\"2\"  x,u\n3,\"\"\n\"\" , \"u\"\n", ",")).toEqual([2, 3, ["3", ""], ["", "\"u\""]])
})

it("lines end with LF and CRLF, with a CR where the first one does, and with nothing else", () => {
  const lines = (text: string) =>
    spans((sink) => {
      const parser = LineRows.lines(sink, undefined, 0)
      for (const letter of Buffer.from(text)) parser.push(Buffer.from([letter]))
      parser.end()
    }).map(({ values }) => values)
  expect(lines("a\rb\r\rc\nd\r\ne\r")).toEqual([[1, "a"], [2, "b"], [4, "c"], [5, "d"], [6, "e"]])
  expect(lines("a\nb\rc\r\nd")).toEqual([[1, "a"], [2, "b\rc"], [3, "d"]])
  expect(lines("a\r\r\nb\r\r\nc\r")).toEqual([[1, "a"], [2, "b"], [3, "c"]])
  expect(lines("a\u0085b\u2028c\u2029d\u000be")).toEqual([[1, "a\u0085b\u2028c\u2029d\u000be"]])
})

it("a line that is too long or no UTF-8 breaks no more than its own record", () => {
  const found = (file: ReadonlyArray<Buffer | string>) =>
    spans((sink) => {
      const parser = CsvRows.make(sink, { id: undefined, url: "url", delimiter: "," }, undefined, 0, "in")
      for (const part of file) parser.push(Buffer.from(part))
      parser.end()
    }).map(({ first, last, values }) => values ?? [first, last])
  const long = Buffer.alloc(17 * 2 ** 20, "x")
  expect(found(["id,url\n1,\"u", "\n2,u\n", long, "\n3,u\n"])).toEqual([[2, 2], ["2", "u"], [4, 4], ["3", "u"]])
  expect(found(["id,url\n1,\"", long, "\n", "2,u\n"])).toEqual([[2, 2], ["2", "u"]])
  const byte = Buffer.from([0xff])
  expect(found(["id,url\n1,\"a\n", byte, "\nb\"\n2,u\n"])).toEqual([[2, 4], ["2", "u"]])
  expect(found(["id,url\n1,\"a\n", byte, "\"b\n2,u\n"])).toEqual([[2, 2], [3, 3], ["2", "u"]])
  // The longest line, with what is around it cut anywhere.
  const longest = Buffer.alloc(16 * 2 ** 20 - 2, "x")
  expect(found(["id,url\n1,", longest, "\n2,u"])).toEqual([["1", longest.toString()], ["2", "u"]])
  expect(found(["id,url\n1,x", longest, "\n2,u"])).toEqual([[2, 2], ["2", "u"]])
  expect(found(["id,url\n1,", longest, "x\n2,u"])).toEqual([[2, 2], ["2", "u"]])
  // A line of an old Mac whose CR came last is a line, whatever the next one is.
  expect(found(["id,url\r1,u\r", long, "\r3,u\r"])).toEqual([["1", "u"], [3, 3], ["3", "u"]])
})

it("a header that was taken for another says what it has, in a line", () => {
  expect(() => rowsOf("id;url\n1;u\n", ",")).toThrow(
    /it has id;url\. Name another with --url-column\. Semicolons do not/
  )
  expect(() => rowsOf("id\turl\n", ",")).toThrow(/say --format tsv/)
  expect(() => rowsOf(`"a\n${"x".repeat(1000)}",b\n`, ",")).toThrow(/it has a x{58}…, b\. Name/)
  expect(() => rowsOf(`${"x,".repeat(1000)}y\n`, ",")).toThrow(/x, x and 971 more\. Name/)
})
