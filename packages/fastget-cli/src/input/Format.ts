/**
 * The formats of an input, and how one is told from the name and the first line.
 */
import * as FirstLine from "./FirstLine.js"

export type Format = "lines" | "csv" | "tsv" | "ndjson"

const byExtension: Readonly<Record<string, Format>> = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  ndjson: "ndjson",
  jsonl: "ndjson"
}

/** The columns that tell CSV from lines. */
export interface Columns {
  readonly id: string | undefined
  readonly url: string
}

const isHeader = (line: string, delimiter: string, { id = "id", url }: Columns): boolean => {
  const names = line.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/, "$1"))
  return names.includes(url) || (names.length > 1 && names.includes(id))
}

/** The format of a file, given its first bytes with a whole line. */
export const detect = (name: string, start: Buffer, columns: Columns): Format => {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? ""
  const known = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined
  if (known !== undefined) return known
  // Where there is no line feed a carriage return ends the line.
  const first = FirstLine.of(start).toString("utf8").trimStart().split("\r", 1)[0]!
  if (first.startsWith("{")) return "ndjson"
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(first)) return "lines"
  if (isHeader(first, "\t", columns)) return first.includes("\t") ? "tsv" : "csv"
  return isHeader(first, ",", columns) ? "csv" : "lines"
}
