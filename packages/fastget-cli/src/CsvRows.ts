/**
 * CSV and TSV with a header, as RFC 4180 has them: a field in double quotes may
 * hold the delimiter, doubled quotes and line breaks. A quote inside of a field
 * that does not begin with one is a plain character.
 *
 * A parser of our own, because a broken record must cost no more than itself: a
 * quote that is never closed makes its line a bad row, and the lines after it
 * are read again as rows of their own.
 */
import * as CliError from "./CliError.js"
import type { UrlOf } from "./LineRows.js"
import { lineNumber } from "./LineRows.js"
import * as LineSplitter from "./LineSplitter.js"
import type * as Row from "./Row.js"

export interface Columns {
  /** The column of the ids; without it `id`, or the line number where there is none. */
  readonly id: string | undefined
  readonly url: string
  readonly delimiter: "," | "\t"
}

/** How much a record may span before its open quote is taken for a mistake, in characters. */
const longestOpen = 1024 * 1024

interface Header {
  readonly id: number | undefined
  readonly url: number | undefined
}

/** Rows of CSV. Throws `InputFailed` where the header lacks a column that is needed. */
export const make = (
  sink: Row.Sink,
  columns: Columns,
  urlOf: UrlOf,
  linesBefore: number,
  file: string
): LineSplitter.Splitter => {
  let header: Header | undefined

  const record = (fields: ReadonlyArray<string>, line: number) => {
    if (header === undefined) {
      header = parseHeader(fields, columns, urlOf === undefined, file)
      return
    }
    const id = header.id === undefined ? line : fields[header.id]
    if (id === undefined) return sink.bad(line, `it has no column ${columns.id ?? "id"}: ${fields.length} fields only`)
    if (urlOf !== undefined) return sink.entry(id, urlOf(id), line)
    const url = fields[header.url!]
    if (url === undefined) return sink.bad(line, `it has no column ${columns.url}: ${fields.length} fields only`)
    sink.entry(id, url.trim(), line)
  }

  const records = joinLines(columns.delimiter, record, sink.bad)
  const splitter = LineSplitter.make({ linesBefore, line: records.line, bad: sink.bad })
  return {
    ...splitter,
    end: () => {
      splitter.end()
      records.end()
    }
  }
}

const parseHeader = (
  fields: ReadonlyArray<string>,
  { id, url }: Columns,
  needsUrl: boolean,
  file: string
): Header => {
  const names = fields.map((name) => name.trim())
  const place = (name: string): number | undefined => {
    const at = names.indexOf(name)
    return at < 0 ? undefined : at
  }
  const missing = (name: string, flag: string) =>
    new CliError.InputFailed({
      message: `${file} has no column ${name}: it has ${names.join(", ")}. Name another with ${flag}`
    })
  const idPlace = id === lineNumber ? undefined : place(id ?? "id")
  if (idPlace === undefined && id !== undefined && id !== lineNumber) throw missing(id, "--id-column")
  const urlPlace = place(url)
  if (needsUrl && urlPlace === undefined) throw missing(url, "--url-column")
  return { id: idPlace, url: urlPlace }
}

/** Puts the lines of a record together, and takes it into its fields. */
const joinLines = (
  delimiter: string,
  record: (fields: ReadonlyArray<string>, line: number) => void,
  bad: Row.Sink["bad"]
) => {
  /** The lines of a record whose quote is open. */
  let open: Array<readonly [text: string, line: number]> = []
  let length = 0

  const giveUp = () => {
    const [first, ...rest] = open
    open = []
    length = 0
    bad(first![1], "a quote is not closed")
    for (const [text, line] of rest) add(text, line)
  }

  const add = (text: string, line: number): void => {
    if (open.length === 0) {
      if (text.trim() === "") return
      if (!text.includes("\"")) return record(text.split(delimiter), line)
    } else if (!text.includes("\"")) {
      // Nothing here can close it.
      open.push([text, line])
      length += text.length
      return length > longestOpen ? giveUp() : undefined
    }
    open.push([text, line])
    length += text.length
    const first = open[0]![1]
    const fields = split(open.length === 1 ? text : open.map(([text]) => text).join("\n"), delimiter)
    if (fields === "open") return length > longestOpen ? giveUp() : undefined
    open = []
    length = 0
    if (fields === "broken") bad(first, "there is text after a closing quote")
    else record(fields, first)
  }

  return {
    line: add,
    end: () => {
      while (open.length > 0) giveUp()
    }
  }
}

/** The fields of a record; `open` if it does not end with it, `broken` if it can't be one. */
const split = (text: string, delimiter: string): ReadonlyArray<string> | "open" | "broken" => {
  const fields: Array<string> = []
  let at = 0
  while (true) {
    if (text[at] !== "\"") {
      const end = text.indexOf(delimiter, at)
      fields.push(text.slice(at, end < 0 ? text.length : end))
      if (end < 0) return fields
      at = end + 1
      continue
    }
    let from = at + 1
    let end = text.indexOf("\"", from)
    while (end >= 0 && text[end + 1] === "\"") {
      from = end + 2
      end = text.indexOf("\"", from)
    }
    if (end < 0) return "open"
    fields.push(text.slice(at + 1, end).replaceAll("\"\"", "\""))
    if (end + 1 === text.length) return fields
    if (text[end + 1] !== delimiter) return "broken"
    at = end + 2
  }
}
