/**
 * No line of an input is lost: random files, cut into random pieces, against
 * what is said of rows in the manual, read letter by letter and without any
 * thought of speed.
 */
import { expect, it } from "@effect/vitest"
import * as CsvRows from "../../src/input/CsvRows.js"
import * as LineRows from "../../src/input/LineRows.js"
import * as LineSplitter from "../../src/input/LineSplitter.js"
import * as QuotedFields from "../../src/input/QuotedFields.js"
import { RecordLines } from "../../src/input/RecordLines.js"
import type * as Row from "../../src/input/Row.js"
import { type Span, spans } from "../support/Spans.js"

/** Numbers from a seed: the same ones in each run of this test. */
const randomOf = (seed: number) => {
  let state = seed
  const next = () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return { below, of: <A>(all: ReadonlyArray<A>): A => all[below(all.length)]! }
}
type Random = ReturnType<typeof randomOf>

/** Everything that ever was an end of a line, a quote or a mark; bytes that are no UTF-8; and rows. */
const pieces = (delimiter: string): ReadonlyArray<Buffer> => {
  const signs = ["\"", "\"", "\"", "\"\"", "\"\"\"", delimiter, delimiter, "\n", "\n", "\n", "\r\n", "\r", "\r\r\n"]
  const others = [
    " ",
    "  \n",
    "a",
    "é",
    "\ufeff",
    "\u2028",
    "\u0085",
    "\u00a0",
    "\t",
    ",",
    ";",
    "{\"id\":1,\"url\":\"u\"}\n"
  ]
  const rows = ["1,u\n", "2,\"u\"\n", "\"3\",\"u\"\"v\" \r\n", "4,\"6\" pipe\n", "5,\""]
  return [...signs, ...others, ...rows.map((row) => row.replaceAll(",", delimiter))].map((text) => Buffer.from(text))
    .concat(Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xe2, 0x80]))
}

const randomFile = (random: Random, start: Buffer, delimiter: string): Buffer => {
  const all = pieces(delimiter)
  return Buffer.concat([start, ...Array.from({ length: random.below(40) }, () => random.of(all))])
}

/** Pushes a file in pieces; the reader's buffer is written over after each. */
const pushAll = (parser: Row.Parser, file: Buffer, random: Random) => {
  const most = random.of([1, 2, 7, 1000])
  for (let at = 0; at < file.length;) {
    const piece = Buffer.from(file.subarray(at, at + 1 + random.below(most)))
    parser.push(piece)
    at += piece.length
    piece.fill(0x22)
    if (random.below(10) === 0) parser.push(Buffer.alloc(0))
  }
  parser.end()
}

/** The lines of a file by its bytes, with their breaks, and whether they are UTF-8. */
const linesOf = (file: Buffer) => {
  // As Latin 1 each byte is a letter.
  const text = file.toString("latin1")
  const isOldMac = /^[^\r\n]*\r+(?![\r\n])./.test(text.replaceAll("\n", "\n.")) && !/^[^\r\n]*\r*\n/.test(text)
  const all = text.match(isOldMac ? /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g : /[^\n]*\n|[^\n]+$/g) ?? []
  return all.map((line, i) => {
    const lineBreak = (isOldMac ? /(?:\r\n|\r|\n)?$/ : /\r*\n?$/).exec(line)![0]
    const bytes = Buffer.from(line.slice(0, line.length - lineBreak.length), "latin1")
    const whole = bytes.toString("utf8")
    return {
      text: i === 0 && whole.startsWith("\ufeff") ? whole.slice(1) : whole,
      lineBreak,
      valid: Buffer.from(whole).equals(bytes)
    }
  })
}
type Lines = ReturnType<typeof linesOf>

/** Each line is in one span, and what is in none is blank. */
const expectAllLines = (lines: Lines, found: ReadonlyArray<Span>, header: number, blank: RegExp) => {
  const owners = lines.map((_, i) => i < header ? 1 : 0)
  for (const { first, last } of found) for (let line = first; line <= last; line++) owners[line - 1]!++
  // A blank line is in none, or in the quotes of one.
  const wanted = lines.map(({ text }, i) => blank.test(text) && owners[i] === 0 ? 0 : 1)
  expect(owners).toEqual(wanted)
  expect(found.map(({ first }) => first)).toEqual(found.map(({ first }) => first).sort((a, b) => a - b))
}

/** Fields of CSV, letter by letter. */
const fieldsOf = (text: string): ReadonlyArray<string> | "open" | "broken" => {
  const fields: Array<string> = []
  let field = ""
  let state: "start" | "plain" | "quoted" | "after" = "start"
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!
    if (state === "quoted") {
      if (letter !== "\"") field += letter
      else if (text[i + 1] === "\"") field += text[++i]
      else state = "after"
    } else if (letter === ",") {
      fields.push(field)
      field = ""
      state = "start"
    } else if (state === "after") {
      if (letter !== " ") return "broken"
    } else if (state === "start" && letter === "\"") state = "quoted"
    else {
      field += letter
      state = "plain"
    }
  }
  return state === "quoted" ? "open" : [...fields, field]
}

/** The records of CSV after its header: the shortest that begins in a line, or that line alone as a bad row. */
const recordsOf = (lines: Lines, from: number, longest: number): ReadonlyArray<Span> => {
  const all: Array<Span> = []
  for (let i = from; i < lines.length;) {
    if (lines[i]!.text.trim() === "") {
      i++
      continue
    }
    let [text, size, last] = [lines[i]!.text, lines[i]!.text.length + lines[i]!.lineBreak.length, i]
    let fields = fieldsOf(text)
    while (fields === "open" && size <= longest && last + 1 < lines.length) {
      text += lines[last]!.lineBreak + lines[last + 1]!.text
      last++
      size += lines[last]!.text.length + lines[last]!.lineBreak.length
      fields = fieldsOf(text)
    }
    if (typeof fields === "string") last = i
    const isGood = typeof fields !== "string" && lines.slice(i, last + 1).every(({ valid }) => valid)
    all.push({ first: i + 1, last: last + 1, values: isGood ? fields as ReadonlyArray<string> : undefined })
    i = last + 1
  }
  return all
}

/** Runs a check for many seeds, and says which one failed for which file. */
const forSeeds = (count: number, fileOf: (random: Random) => Buffer, check: (file: Buffer, random: Random) => void) => {
  for (let seed = 1; seed <= count; seed++) {
    const random = randomOf(seed)
    const file = fileOf(random)
    try {
      check(file, random)
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(file.toString("latin1"))}\n${String(error)}`, { cause: error })
    }
  }
}

/** Headers of the columns id and url, by how many lines they have. */
const headers = [
  ["id,url\n", 1],
  ["\ufeff\"id\", url \r\n", 1],
  ["id,\"two\r\nlines\",url\n", 2],
  ["id,url\r", 1],
  ["\n  \nid,url\n", 3]
] as const

it("each line of 10,000 random CSV files is part of one row, one bad row or the header, and the rows are what RFC 4180 says", () => {
  let [entries, bad, several] = [0, 0, 0]
  let header: (typeof headers)[number]
  forSeeds(
    10_000,
    (random) => randomFile(random, Buffer.from((header = random.of(headers))[0]), ","),
    (file, random) => {
      const found = spans((sink) =>
        pushAll(CsvRows.make(sink, { id: "id", url: "url", delimiter: "," }, undefined, 0, "in.csv"), file, random)
      )
      const lines = linesOf(file)
      const [text, count] = header
      expectAllLines(lines, found, count, /^\s*$/)
      const url = text.includes("two") ? 2 : 1
      expect(found).toEqual(
        recordsOf(lines, count, Infinity).map(({ values, ...span }) => ({
          ...span,
          values: values !== undefined && values.length > url ? [values[0], String(values[url]).trim()] : undefined
        }))
      )
      entries += found.filter(({ values }) => values !== undefined).length
      bad += found.filter(({ values }) => values === undefined).length
      several += found.filter(({ first, last }) => last > first).length
    }
  )
  // The files are of every kind.
  expect(Math.min(entries, bad, several)).toBeGreaterThan(500)
})

it("a record whose quote is open for too long costs its first line only, whatever comes after", () => {
  forSeeds(5000, (random) => randomFile(random, Buffer.alloc(0), ","), (file, random) => {
    const longest = random.of([0, 1, 5, 20, 40])
    const found: Array<Span> = []
    const records = new RecordLines(
      QuotedFields.csv,
      {
        record: (values, first, last) => found.push({ first, last, values }),
        bad: (first, last) => found.push({ first, last, values: undefined })
      },
      longest
    )
    const splitter = LineSplitter.make({
      linesBefore: 0,
      line: (text, line, lineBreak) => records.line({ text, line, lineBreak, problem: undefined }),
      bad: (line, problem, text, lineBreak) => records.line({ text, line, lineBreak, problem })
    })
    pushAll(splitter, file, random)
    records.end()
    expect(found).toEqual(recordsOf(linesOf(file), 0, longest))
  })
})

it("each line of random TSV files is part of one row, and one that has all columns of no other line's", () => {
  let several = 0
  forSeeds(5000, (random) => randomFile(random, Buffer.from("id\turl\n"), "\t"), (file, random) => {
    const found = spans((sink) =>
      pushAll(CsvRows.make(sink, { id: "id", url: "url", delimiter: "\t" }, undefined, 0, "in.tsv"), file, random)
    )
    const lines = linesOf(file)
    expectAllLines(lines, found, 1, /^[^\S\t]*$/)
    for (const { first, last } of found.filter(({ first, last }) => last > first)) {
      several++
      const cells = lines.slice(first - 1, last).map(({ text }) => text.split("\t").length)
      expect(cells.slice(1, -1).every((count) => count < 2)).toBe(true)
      expect(cells[0]! >= 2 && cells[cells.length - 1]! >= 2).toBe(false)
    }
  })
  expect(several).toBeGreaterThan(100)
})

it("each line of random lines and NDJSON is a row of its own or blank", () => {
  for (
    const make of [
      LineRows.lines,
      (...[sink, urlOf, before]: Parameters<typeof LineRows.lines>) =>
        LineRows.ndjson(sink, { id: "id", url: "url" }, urlOf, before)
    ]
  ) {
    forSeeds(3000, (random) => randomFile(random, Buffer.alloc(0), ","), (file, random) => {
      const found = spans((sink) => pushAll(make(sink, undefined, 0), file, random))
      expect(found.every(({ first, last }) => first === last)).toBe(true)
      expectAllLines(linesOf(file), found, 0, /^\s*$/)
    })
  }
})
