/**
 * CSV: `id,line,url,status,error,message` and then a column for each selected
 * value, or one for the JSON or the name of the body's file. `error` is empty for
 * a success; `line` is there for bad rows and for an id that another entry had
 * before; `url` is empty for bad rows only.
 */
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import type { Selection } from "./JsonPath.js"
import * as JsonSource from "./JsonSource.js"
import type { Found, NoRecord, RecordFormat } from "./RecordFormat.js"
import { badRowMessage, badRowReason } from "./RecordFormat.js"

const cell = (text: string): string => /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

/** A text without its quotes and escapes; anything else as the server wrote it, with every digit. */
const valueCell = (source: string | undefined): string =>
  source === undefined || source === "null"
    ? ""
    : cell(source.startsWith("\"") ? JsonSource.textOf(source) : JsonSource.onOneLine(source))

const begin = (id: EntryId, url: string): string =>
  `${cell(String(EntryId_.idOf(id)))},${EntryId_.lineOf(id) ?? ""},${cell(url)}`

/** What every record begins with. */
export const fixedColumns = ["id", "line", "url", "status", "error", "message"]

/** What the columns after the fixed ones are made of. */
export type Values = "json" | "file" | ReadonlyArray<Selection>

export const make = (values: Values): RecordFormat => {
  const columns = typeof values === "string" ? [values] : values.map(({ column }) => column)
  const empty = ",".repeat(columns.length)
  const select = typeof values === "string" ? undefined : JsonSource.reader(values.map(({ path }) => path))
  const failure = (start: string, status: number | "", reason: string, message: string) =>
    `${start},${status},${reason},${cell(message)}${empty}\n`
  return {
    header: `${[...fixedColumns, ...columns].map(cell).join(",")}\n`,
    headerWithoutUrl: "id,line,status,error,message,",
    recordStart: "",
    idText: String,
    plainId: (idText) => idText,
    success: (id, url, status, value) => {
      // JSON is text, and so is the name of a file.
      const text = value as string
      const cells = select === undefined ? cell(text) : select(text).map(valueCell).join(",")
      return `${begin(id, url)},${status ?? ""},,,${cells}\n`
    },
    failure: (id, url, { message, reason }) =>
      failure(begin(id, url), reason._tag === "Status" ? reason.status : "", reason._tag, message),
    badRow: (line, problem) => failure(`,${line},`, "", badRowReason, badRowMessage(line, problem)),
    endOf,
    read
  }
}

const LineFeed = 10
const Quote = 0x22

/** A line feed between quotes is part of a value. */
const endOf = (bytes: Buffer, from: number): number => {
  let at = from
  while (true) {
    const line = bytes.indexOf(LineFeed, at)
    if (line < 0) return -1
    const quote = bytes.indexOf(Quote, at)
    if (quote < 0 || quote > line) return line + 1
    const close = bytes.indexOf(Quote, quote + 1)
    if (close < 0) return -1
    at = close + 1
  }
}

/** The first fields of a record; undefined where there are fewer. */
const readFields = (text: string): ReadonlyArray<string> | undefined => {
  const fields: Array<string> = []
  let at = 0
  while (fields.length < fixedColumns.length) {
    const end = text[at] === "\"" ? endOfQuoted(text, at) : text.indexOf(",", at)
    if (end < 0 || text[end] !== ",") return undefined
    const field = text.slice(at, end)
    fields.push(field.startsWith("\"") ? field.slice(1, -1).replaceAll("\"\"", "\"") : field)
    at = end + 1
  }
  return fields
}

/** Where the field ends whose quote is at `from`, or -1. */
const endOfQuoted = (text: string, from: number): number => {
  let quote = text.indexOf("\"", from + 1)
  while (quote >= 0 && text[quote + 1] === "\"") quote = text.indexOf("\"", quote + 2)
  return quote < 0 ? -1 : quote + 1
}

const read = (record: Buffer): Found | NoRecord => {
  const fields = readFields(record.toString("utf8"))
  if (fields === undefined) return "foreign"
  const [idText, line, url, status, reason, message] = fields as [string, string, string, string, string, string]
  if (!/^\d*$/.test(line) || !/^\d*$/.test(status) || !/^[A-Za-z]*$/.test(reason)) return "foreign"
  const isBadRow = reason === badRowReason
  return {
    idText,
    line: line === "" ? undefined : Number(line),
    url: isBadRow ? undefined : url,
    ok: reason === "",
    reason: reason === "" ? undefined : reason,
    status: status === "" ? undefined : Number(status),
    problem: isBadRow ? message : undefined
  }
}
