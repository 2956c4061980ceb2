/**
 * The two ways of writing a record as fields. CSV is as RFC 4180 has it: a field
 * in double quotes may hold the delimiter, doubled quotes and line breaks, and a
 * quote inside of a field that does not begin with one is a plain character. TSV
 * has no quoting, but spreadsheets write it: a quote is a plain character unless
 * the field both begins and ends with one.
 *
 * Each function looks at its text once, so that `RecordLines` is linear.
 */

/**
 * What a line is, read from its start: fields, or none because a quote is open
 * at its end (one that begins the line: `openFirst`), or because text follows a
 * closing quote (`broken`).
 */
export type Alone = ReadonlyArray<string> | "open" | "openFirst" | "broken"

/**
 * What becomes of an open quote in a line: it stays open, it is closed and the
 * record is whole, or the record can't be one. `closedFirst`: it is whole if the
 * quote was the first field's, and broken if not.
 */
export type Further = "open" | "closed" | "closedFirst" | "broken"

/** How records are written. */
export interface Dialect {
  /** Whether a line is no row at all. */
  readonly blank: (line: string) => boolean
  readonly alone: (line: string) => Alone
  readonly further: (line: string) => Further
  /** The fields of lines whose last one closes the quote. */
  readonly joined: (text: string) => ReadonlyArray<string>
  /** The fields of a line whose quote is not closed; undefined where that is a mistake. */
  readonly unclosed: (line: string) => ReadonlyArray<string> | undefined
}

const isBlank = (text: string): boolean => text.trim() === ""

/** CSV, with commas. */
export const csv: Dialect = {
  blank: isBlank,
  alone: (line) => {
    if (!line.includes("\"")) return line.split(",")
    const fields: Array<string> = []
    const end = read(line, 0, commas, fields)
    return end === "closed" ? fields : end
  },
  further: (line) => read(line, inQuotes, commas, []),
  joined: (text) => {
    const fields: Array<string> = []
    read(text, 0, commas, fields)
    return fields
  },
  unclosed: () => undefined
}

/**
 * TSV. `width` is how many columns the header has; undefined for the header
 * itself, which is one line. A line with all columns is a row by itself, and no
 * quote that was opened before takes it in: files without any quoting have
 * fields such as `12" pipe` and `"Heroes`.
 */
export const tsv = (width: () => number | undefined): Dialect => {
  const isRow = (cells: number) => cells >= (width() ?? 0)

  return {
    // A row of empty cells is a row, as `,,` is one.
    blank: (line) => isBlank(line) && !line.includes("\t"),
    alone: (line) => {
      const cells = line.split("\t")
      if (!line.includes("\"")) return cells
      const columns = width()
      if (columns === undefined) return cells.map(unquoted)
      // No quote can have a tab in it here. One in the last cell may have line breaks.
      if (cells.length === columns) return opens(cells[columns - 1]!) ? "open" : cells.map(unquoted)
      const fields: Array<string> = []
      if (read(line, 0, tabs, fields) === "closed") return fields
      return fields.length === 0 && !isRow(cells.length) ? "openFirst" : "open"
    },
    further: (line) => {
      const end = read(line, inQuotes, tabs, [])
      if (!isRow(line.split("\t").length)) return end
      return end === "closed" ? "closedFirst" : "broken"
    },
    joined: mended,
    unclosed: mended
  }
}

/** The fields of TSV, where wrong quotes are plain characters. */
const mended = (text: string): ReadonlyArray<string> => {
  const fields: Array<string> = []
  read(text, 0, { ...tabs, open: "character" }, fields)
  return fields
}

/** How a quote is taken that does not enclose a whole field. */
interface Rules {
  readonly delimiter: string
  /** Where text follows the closing quote. */
  readonly beforeText: "mistake" | "character"
  /** Where it is not closed. */
  readonly open: "open" | "character"
}

const commas: Rules = { delimiter: ",", beforeText: "mistake", open: "open" }
const tabs: Rules = { delimiter: "\t", beforeText: "character", open: "open" }

/** In place of an index: the text begins inside of quotes. */
const inQuotes = -1

/** Splits a text into its fields, and says how that ended. */
const read = (text: string, from: number, rules: Rules, fields: Array<string>): "open" | "closed" | "broken" => {
  const { beforeText, delimiter, open } = rules
  for (let at = from;;) {
    if (at === inQuotes || text[at] === "\"") {
      const close = closingQuote(text, at + 1)
      if (close < 0 && open === "open") return "open"
      const next = close < 0 ? -1 : afterSpaces(text, close + 1)
      if (next === text.length || (next >= 0 && text[next] === delimiter)) {
        fields.push(withoutDoubles(text.slice(at + 1, close)))
        if (next === text.length) return "closed"
        at = next + 1
        continue
      }
      if (at === inQuotes || beforeText === "mistake") return "broken"
    }
    const end = text.indexOf(delimiter, at)
    fields.push(text.slice(at, end < 0 ? text.length : end))
    if (end < 0) return "closed"
    at = end + 1
  }
}

/** The quote that is not doubled; -1 where there is none. */
const closingQuote = (text: string, from: number): number => {
  let end = text.indexOf("\"", from)
  while (end >= 0 && text[end + 1] === "\"") end = text.indexOf("\"", end + 2)
  return end
}

/** Spaces between a closing quote and the delimiter are dropped. */
const afterSpaces = (text: string, from: number): number => {
  let at = from
  while (text[at] === " ") at++
  return at
}

const withoutDoubles = (text: string): string => text.replaceAll("\"\"", "\"")

const opens = (cell: string): boolean => cell.startsWith("\"") && closingQuote(cell, 1) < 0

/** What is in the quotes of a cell, where it begins and ends with one. */
const unquoted = (cell: string): string => {
  const close = cell.startsWith("\"") ? closingQuote(cell, 1) : -1
  return close >= 0 && afterSpaces(cell, close + 1) === cell.length ? withoutDoubles(cell.slice(1, close)) : cell
}
