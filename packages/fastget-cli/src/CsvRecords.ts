/**
 * CSV: `id,line,status,error,message` and then a column for each selected value,
 * or one for the JSON or the name of the body's file. `error` is empty for a
 * success; `line` is there for bad rows and for an id that another entry had
 * before.
 */
import type { Json } from "fastget/Json"
import type { EntryId } from "./EntryId.js"
import * as EntryId_ from "./EntryId.js"
import type { Selection } from "./JsonPath.js"
import * as JsonPath from "./JsonPath.js"
import type { Found, RecordFormat } from "./RecordFormat.js"
import { badRowReason } from "./RecordFormat.js"

const cell = (text: string): string => /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

const valueCell = (value: Json | undefined): string =>
  value === undefined || value === null ? "" : cell(typeof value === "string" ? value : JSON.stringify(value))

const place = (id: EntryId): string => `${cell(String(EntryId_.idOf(id)))},${EntryId_.lineOf(id) ?? ""}`

/** What the columns after the fixed ones are made of. */
export type Values = "json" | "file" | ReadonlyArray<Selection>

export const make = (values: Values): RecordFormat => {
  const columns = typeof values === "string" ? [values] : values.map(({ column }) => column)
  const empty = ",".repeat(columns.length)
  const failure = (start: string, status: number | "", reason: string, message: string) =>
    `${start},${status},${reason},${cell(message)}${empty}\n`
  return {
    header: `id,line,status,error,message,${columns.map(cell).join(",")}\n`,
    recordStart: "",
    idText: String,
    success: (id, status, value) => {
      // ResultValue makes text for one column and JSON for selections.
      const cells = typeof values === "string"
        ? cell(value as string)
        : values.map(({ path }) => valueCell(JsonPath.get(value as Json, path))).join(",")
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
