/**
 * NDJSON: a JSON object a line.
 *
 * `{"id":7,"url":"https:…","ok":true,"status":200,"json":…}`, or `"file":"7"` in
 * place of the JSON; `{"id":7,"url":"https:…","ok":false,"error":{"reason":…}}`.
 * An id that another entry had before is followed by `"line"`, and so is the null
 * of a bad row, which has no `"url"`.
 */
import * as FailureRecord from "fastget/platform/FailureRecord"
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import type { Id } from "../input/Row.js"
import type { Found, NoRecord, RecordFormat } from "./RecordFormat.js"
import { badRowMessage, badRowReason } from "./RecordFormat.js"

const idText = (id: Id): string => typeof id === "number" ? String(id) : JSON.stringify(id)

/** A record up to its outcome. */
const begin = (id: EntryId, url: string): string => {
  const line = EntryId_.lineOf(id)
  return `{"id":${idText(EntryId_.idOf(id))}${line === undefined ? "" : `,"line":${line}`},"url":${JSON.stringify(url)}`
}

/** `member` names what a success has: the JSON, or the file that its body is in. */
export const make = (member: "json" | "file"): RecordFormat => ({
  header: "",
  headerWithoutUrl: "",
  recordStart: "{\"id\":",
  idText,
  plainId: (idText) => idText.startsWith("\"") ? readString(idText) ?? idText : idText,
  // JSON is text already.
  success: (id, url, status, value) =>
    `${begin(id, url)},"ok":true,"status":${status ?? null},"${member}":${
      member === "json" ? value as string : JSON.stringify(value)
    }}\n`,
  failure: (id, url, error) => `${begin(id, url)},"ok":false,"error":${FailureRecord.text(error)}}\n`,
  badRow: (line, problem) =>
    `{"id":null,"line":${line},"ok":false,"error":${
      JSON.stringify({ reason: badRowReason, message: badRowMessage(line, problem) })
    }}\n`,
  endOf: (bytes, from) => bytes.indexOf(10, from) + 1 || -1,
  read
})

const start = Buffer.from("{\"id\":")
const Quote = 0x22
const Backslash = 0x5c
const Comma = 0x2c
const CloseObject = 0x7d

/** Where the string that begins with the quote at `from` ends, or -1. */
const endOfString = (record: Buffer, from: number): number => {
  for (let at = from + 1; at < record.length; at++) {
    if (record[at] === Backslash) at++
    else if (record[at] === Quote) return at + 1
  }
  return -1
}

/** The end of the JSON value of an id, or -1. */
const endOfId = (record: Buffer): number =>
  record[start.length] === Quote ? endOfString(record, start.length) : record.indexOf(Comma, start.length)

const lineAndUrl = /^(?:,"line":(\d+))?(,"url":(?="))?/
const outcome = /^,"ok":(?:(true),"status":|false,"error":)/

/** Reads the start of a record and looks at its end: what is between is as it was written. */
const read = (record: Buffer): Found | NoRecord => {
  const end = endOfId(record)
  if (end < 0 || record[record.length - 1] !== CloseObject || !record.subarray(0, start.length).equals(start)) {
    return "foreign"
  }
  const idText = record.toString("utf8", start.length, end)
  const [before, lineText, hasUrl] = lineAndUrl.exec(record.toString("latin1", end, end + 40))!
  const line = lineText === undefined ? undefined : Number(lineText)
  const urlAt = end + before.length
  const urlEnd = hasUrl === undefined ? urlAt : endOfString(record, urlAt)
  const match = urlEnd < 0 ? null : outcome.exec(record.toString("latin1", urlEnd, urlEnd + 24))
  if (match === null) return "foreign"
  const isBadRow = idText === "null"
  if (hasUrl === undefined && !isBadRow) return "without URL"
  const url = isBadRow ? undefined : readString(record.toString("utf8", urlAt, urlEnd))
  if (url === undefined && !isBadRow) return "foreign"
  if (match[1] !== undefined) {
    return { idText, line, url, ok: true, reason: undefined, status: undefined, problem: undefined }
  }
  const error = readError(record)
  if (error === undefined) return "foreign"
  const { message, reason, status } = error
  return { idText, line, url, ok: false, reason, status, problem: isBadRow ? message : undefined }
}

const readString = (json: string): string | undefined => {
  if (!json.includes("\\")) return json.slice(1, -1)
  // For what is no JSON: the caller decides what to do with a record that can't be read.
  try {
    return JSON.parse(json) as string
  } catch {
    return undefined
  }
}

interface ErrorRead {
  readonly reason: string
  readonly status: number | undefined
  readonly message: string | undefined
}

const readError = (record: Buffer): ErrorRead | undefined => {
  // For what is no JSON: the caller decides what to do with a record that can't be read.
  try {
    const { error } = JSON.parse(record.toString("utf8")) as {
      readonly error?: { readonly reason?: unknown; readonly status?: unknown; readonly message?: unknown } | null
    }
    if (typeof error?.reason !== "string") return undefined
    return {
      reason: error.reason,
      status: typeof error.status === "number" ? error.status : undefined,
      message: typeof error.message === "string" ? error.message : undefined
    }
  } catch {
    return undefined
  }
}
