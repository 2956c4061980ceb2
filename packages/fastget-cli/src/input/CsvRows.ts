/**
 * CSV and TSV with a header. Each record is an entry, or a bad row where it lacks
 * the id or the URL; a header that can't be read is the failure of its file.
 *
 * A parser of our own, because a broken record must cost no more than itself:
 * see `RecordLines`.
 */
import * as CliError from "../CliError.js"
import type { UrlOf } from "./LineRows.js"
import { lineNumber } from "./LineRows.js"
import * as LineSplitter from "./LineSplitter.js"
import * as QuotedFields from "./QuotedFields.js"
import { RecordLines } from "./RecordLines.js"
import type * as Row from "./Row.js"
import * as Template from "./Template.js"

export interface Columns {
  /** The column of the ids; without it `id`, or the line number where there is none. */
  readonly id: string | undefined
  readonly url: string
  readonly delimiter: "," | "\t"
}

/** How many columns there are, and the indexes of those that are read. */
interface Header {
  readonly id: number | undefined
  readonly url: number | undefined
  readonly width: number
}

/** Rows of CSV. Throws `InputFailed` where the header lacks a column that is needed, or can't be read. */
export const make = (
  sink: Row.Sink,
  columns: Columns,
  urlOf: UrlOf | undefined,
  linesBefore: number,
  file: string
): LineSplitter.Splitter => {
  let header: Header | undefined
  const dialect = columns.delimiter === "," ? QuotedFields.csv : QuotedFields.tsv(() => header?.width)
  const giveRow = rowsTo(sink, columns, urlOf)
  const records = new RecordLines(dialect, {
    record: (fields, first, last) => {
      if (header !== undefined) giveRow(header, fields, first, last)
      else header = parseHeader(fields, columns, urlOf === undefined, file)
    },
    bad: (first, last, problem) => {
      if (header === undefined) throw unreadableHeader(file, problem)
      sink.bad(first, problem, last)
    }
  })
  const splitter = LineSplitter.make({
    linesBefore,
    line: (text, line, lineBreak) => records.line({ text, line, lineBreak, problem: undefined }),
    bad: (line, problem, text, lineBreak) => records.line({ text, line, lineBreak, problem })
  })
  return {
    ...splitter,
    end: () => {
      splitter.end()
      records.end()
    }
  }
}

/** Gives the fields of a record as an entry, or as a bad row. */
const rowsTo =
  (sink: Row.Sink, columns: Columns, urlOf: UrlOf | undefined) =>
  (header: Header, fields: ReadonlyArray<string>, first: number, last: number): void => {
    const missing = (name: string) =>
      sink.bad(first, `it has no column ${name}: ${fields.length} fields only${spanOf(first, last)}`, last)
    const id = header.id === undefined ? first : fields[header.id]
    if (id === undefined) return missing(columns.id ?? "id")
    if (urlOf !== undefined) return Template.entry(sink, urlOf, id, first, last)
    const url = fields[header.url!]
    if (url === undefined) return missing(columns.url)
    sink.entry(id, url.trim(), first, last)
  }

const spanOf = (first: number, last: number): string =>
  first === last ? "" : `, and with the line breaks in its quotes it goes on to line ${last}`

const unreadableHeader = (file: string, problem: string) =>
  new CliError.InputFailed({ message: `The header of ${file} can't be read: ${problem}` })

const parseHeader = (
  fields: ReadonlyArray<string>,
  { delimiter, id, url }: Columns,
  needsUrl: boolean,
  file: string
): Header => {
  if (fields.some((name) => holdsRow(name, delimiter, fields.length))) {
    throw unreadableHeader(file, "a quote is not closed before the rows begin")
  }
  const names = fields.map((name) => name.trim())
  const indexOf = (name: string): number | undefined => {
    const index = names.indexOf(name)
    return index < 0 ? undefined : index
  }
  const missing = (name: string, flag: string) =>
    new CliError.InputFailed({
      message: `${file} has no column ${name}: it has ${namesText(names)}. Name another with ${flag}${hint(names)}`
    })
  const idIndex = id === lineNumber ? undefined : indexOf(id ?? "id")
  if (idIndex === undefined && id !== undefined && id !== lineNumber) throw missing(id, "--id-column")
  const urlIndex = indexOf(url)
  if (needsUrl && urlIndex === undefined) throw missing(url, "--url-column")
  return { id: idIndex, url: urlIndex, width: fields.length }
}

/**
 * Whether a name in the header spans rows because its quote is not closed: one of
 * its further lines has as many fields as the header. Such rows would be lost
 * without a word if the name were accepted.
 */
const holdsRow = (name: string, delimiter: string, width: number): boolean =>
  name.includes("\n") && name.split("\n").slice(1).some((line) => line.split(delimiter).length >= width)

/** The longest name, and the most names, that an error shows. */
const longestName = 60
const mostNames = 30

const namesText = (names: ReadonlyArray<string>): string => {
  const shown = names.slice(0, mostNames).map((name) => {
    const oneLine = name.replace(/[\r\n]+/g, " ")
    return oneLine.length > longestName ? `${oneLine.slice(0, longestName)}…` : oneLine
  })
  return shown.join(", ") + (names.length > mostNames ? ` and ${names.length - mostNames} more` : "")
}

const hint = (names: ReadonlyArray<string>): string =>
  names.length > 1
    ? ""
    : names[0]!.includes(";")
    ? ". Semicolons do not separate columns: write commas"
    : names[0]!.includes("\t")
    ? ". If tabs separate its columns, say --format tsv"
    : ""
