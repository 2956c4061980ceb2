/**
 * TSV: the columns of CSV with tabs between them. It has no quotes: a tab, a
 * line break and a backslash in a field are `\t`, `\n`, `\r` and `\\`, as by
 * jq's `@tsv`. So every line is a record, and every tab is between two fields.
 */
import * as CsvRecords from "./CsvRecords.js"
import type { RecordFormat } from "./RecordFormat.js"

const escapes: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" }

const escape = (field: string): string => field.replace(/[\t\n\r\\]/g, (character) => escapes[character]!)

const characters: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r" }

const unescape = (field: string): string => field.replace(/\\(.)/g, (_, letter: string) => characters[letter] ?? letter)

/** The fields of a record of CSV, which is our own and so well-formed. */
const csvFields = (record: string): ReadonlyArray<string> => {
  const fields: Array<string> = []
  for (let at = 0; at <= record.length;) {
    if (record[at] !== "\"") {
      const comma = record.indexOf(",", at)
      const end = comma < 0 ? record.length : comma
      fields.push(record.slice(at, end))
      at = end + 1
      continue
    }
    let close = record.indexOf("\"", at + 1)
    while (record[close + 1] === "\"") close = record.indexOf("\"", close + 2)
    fields.push(record.slice(at + 1, close).replaceAll("\"\"", "\""))
    at = close + 2
  }
  return fields
}

const toTsv = (record: string): string => `${csvFields(record.slice(0, -1)).map(escape).join("\t")}\n`

const quote = (field: string): string => `"${field.replaceAll("\"", "\"\"")}"`

/** Fields that are never quoted: a number, a reason, or nothing. */
const isBare = /^[A-Za-z0-9]*$/

const toCsv = (record: string): string =>
  record.split("\t").map((field) => isBare.test(field) ? field : quote(unescape(field))).join(",")

export const make = (values: CsvRecords.Values): RecordFormat => {
  const csv = CsvRecords.make(values)
  return {
    header: toTsv(csv.header),
    headerWithoutUrl: csv.headerWithoutUrl.replaceAll(",", "\t"),
    recordStart: csv.recordStart,
    idText: csv.idText,
    plainId: csv.plainId,
    success: (...record) => toTsv(csv.success(...record)),
    failure: (...record) => toTsv(csv.failure(...record)),
    badRow: (...record) => toTsv(csv.badRow(...record)),
    endOf: (bytes, from) => bytes.indexOf(10, from) + 1 || -1,
    read: (record) => csv.read(Buffer.from(toCsv(record.toString("utf8"))))
  }
}
