/**
 * NDJSON: a JSON object a line.
 *
 * `{"id":7,"ok":true,"status":200,"json":…}`, or `"file":"7"` in place of the
 * JSON; `{"id":7,"ok":false,"error":{"reason":"Timeout",…}}`. An id that another
 * entry had before is followed by `"line"`, and so is the null of a bad row.
 */
import * as Duration from "effect/Duration"
import type { FetchError } from "fastget/FetchError"
import type { EntryId } from "./EntryId.js"
import * as EntryId_ from "./EntryId.js"
import type { Found, RecordFormat } from "./RecordFormat.js"
import { badRowReason } from "./RecordFormat.js"
import type { Id } from "./Row.js"

const idText = (id: Id): string => typeof id === "number" ? String(id) : JSON.stringify(id)

/** A record up to its outcome. */
const begin = (id: EntryId): string => {
  const line = EntryId_.lineOf(id)
  const start = `{"id":${idText(EntryId_.idOf(id))}`
  return line === undefined ? start : `${start},"line":${line}`
}

/** The reason's own fields, and what else is known; the reason first. */
const errorText = ({ attempts, elapsed, message, reason, retryable, url }: FetchError): string => {
  const { _tag, ...fields } = reason
  return JSON.stringify({
    reason: _tag,
    ...fields,
    message,
    url,
    attempts,
    elapsed: Math.round(Duration.toMillis(elapsed)),
    retryable
  })
}

/** `member` names what a success has: the JSON, or the file that its body is in. */
export const make = (member: "json" | "file"): RecordFormat => ({
  header: "",
  recordStart: "{\"id\":",
  idText,
  // JSON is text already.
  success: (id, status, value) =>
    `${begin(id)},"ok":true,"status":${status ?? null},"${member}":${
      member === "json" ? value as string : JSON.stringify(value)
    }}\n`,
  failure: (id, error) => `${begin(id)},"ok":false,"error":${errorText(error)}}\n`,
  badRow: (line, problem) =>
    `{"id":null,"line":${line},"ok":false,"error":${
      JSON.stringify({ reason: badRowReason, message: `Line ${line} of the input is no entry: ${problem}` })
    }}\n`,
  endOf: (bytes, from) => bytes.indexOf(10, from) + 1 || -1,
  read
})

const start = Buffer.from("{\"id\":")
const Quote = 0x22
const Backslash = 0x5c
const Comma = 0x2c
const CloseObject = 0x7d

/** The end of the JSON value of an id, or -1. */
const endOfId = (record: Buffer): number => {
  if (record[start.length] !== Quote) return record.indexOf(Comma, start.length)
  for (let at = start.length + 1; at < record.length; at++) {
    if (record[at] === Backslash) at++
    else if (record[at] === Quote) return at + 1
  }
  return -1
}

const outcome = /^(?:,"line":(\d+))?,"ok":(true|false),/

/** Reads the start of a record and looks at its end: what is between is as it was written. */
const read = (record: Buffer): Found | undefined => {
  const end = endOfId(record)
  if (end < 0 || record[record.length - 1] !== CloseObject || !record.subarray(0, start.length).equals(start)) {
    return undefined
  }
  const [, line, ok] = outcome.exec(record.toString("latin1", end, end + 64)) ?? []
  if (ok === undefined) return undefined
  const id = record.toString("utf8", start.length, end)
  const place = line === undefined ? undefined : Number(line)
  const key = id === "null" ? EntryId_.badRowKey(place ?? 0) : EntryId_.key(id, place)
  if (ok === "true") return { key, ok: true, reason: undefined, status: undefined }
  const error = readError(record)
  return error === undefined ? undefined : { key, ok: false, reason: error.reason, status: error.status }
}

const readError = (record: Buffer): { readonly reason: string; readonly status: number | undefined } | undefined => {
  // A record that is none is for the caller to judge.
  try {
    const { error } = JSON.parse(record.toString("utf8")) as {
      readonly error?: { readonly reason?: unknown; readonly status?: unknown } | null
    }
    if (typeof error?.reason !== "string") return undefined
    return { reason: error.reason, status: typeof error.status === "number" ? error.status : undefined }
  } catch {
    return undefined
  }
}
