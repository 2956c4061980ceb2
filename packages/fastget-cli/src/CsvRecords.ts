/**
 * CSV: `id,line,status,error,message` and then a column for each selected value,
 * or one for the JSON or the name of the body's file. `error` is empty for a
 * success; `line` is there for bad rows and for an id that another entry had
 * before.
 */
import type { EntryId } from "./EntryId.js"
import * as EntryId_ from "./EntryId.js"
import type { Selection } from "./JsonPath.js"
import * as JsonSource from "./JsonSource.js"
import type { Found, RecordFormat } from "./RecordFormat.js"
import { badRowReason } from "./RecordFormat.js"

const cell = (text: string): string => /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

/** A text without its quotes and escapes; anything else as the server wrote it, with every digit. */
const valueCell = (source: string | undefined): string =>
  source === undefined || source === "null"
    ? ""
    : cell(source.startsWith("\"") ? JsonSource.textOf(source) : JsonSource.onOneLine(source))

const place = (id: EntryId): string => `${cell(String(EntryId_.idOf(id)))},${EntryId_.lineOf(id) ?? ""}`

/** What every record begins with. */
export const fixedColumns = ["id", "line", "status", "error", "message"]

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
    recordStart: "",
    idText: String,
    success: (id, status, value) => {
      // JSON is text, and so is the name of a file.
      const text = value as string
      const cells = select === undefined ? cell(text) : select(text).map(valueCell).join(",")
      return `${place(id)},${status ?? ""},,,${cells}\n`
    },
    failure: (id, { message, reason }) =>
      failure(place(id), reason._tag === "Status" ? reason.status : "", reason._tag, message),
    badRow: (line, problem) =>
      failure(`,${line}`, "", badRowReason, `Line ${line} of the input is no entry: ${problem}`),
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

const fields = /^(?:"((?:[^"]|"")*)"|([^",]*)),(\d*),(\d*),([A-Za-z]*),/

const read = (record: Buffer): Found | undefined => {
  const [, quoted, plain, line, status, reason] = fields.exec(record.toString("utf8")) ?? []
  if (reason === undefined) return undefined
  const id = quoted === undefined ? plain! : quoted.replaceAll("\"\"", "\"")
  const number = line === "" ? undefined : Number(line)
  return {
    key: reason === badRowReason ? EntryId_.badRowKey(number ?? 0) : EntryId_.key(id, number),
    ok: reason === "",
    reason: reason === "" ? undefined : reason,
    status: status === "" ? undefined : Number(status)
  }
}
