/**
 * Records as they are written, read again: whatever is in an id, a URL or a
 * message.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FetchError from "fastget/FetchError"
import * as Reasons from "../../src/flags/Reasons.js"
import { Repeated } from "../../src/input/EntryId.js"
import * as CsvRecords from "../../src/output/CsvRecords.js"
import * as NdjsonRecords from "../../src/output/NdjsonRecords.js"
import { keyOf, type RecordFormat } from "../../src/output/RecordFormat.js"
import * as TsvRecords from "../../src/output/TsvRecords.js"

const texts = [
  "",
  "a",
  "7",
  "007",
  " a ",
  "null",
  "true",
  "a\"b",
  "\"",
  "a,b",
  "a\\",
  "\\\"",
  "a\nb",
  "\r\n",
  "a\tb",
  "é\u2028漢😀",
  "\",\"ok\":true,",
  "x".repeat(100_000)
]
const urls = texts.flatMap((text) => [text, `http://u:p@a.example/?q=${text}&${text}`])

const selected = ["a", "b"].map((name) => ({ path: [name], text: name, column: name }))

const formats: ReadonlyArray<readonly [string, RecordFormat]> = [
  ["NDJSON", NdjsonRecords.make("json")],
  ["NDJSON with files", NdjsonRecords.make("file")],
  ["CSV", CsvRecords.make("json")],
  ["CSV with selected values", CsvRecords.make(selected)],
  ["TSV", TsvRecords.make("json")],
  ["TSV with selected values", TsvRecords.make(selected)]
]

const read = (format: RecordFormat, text: string) => {
  const bytes = Buffer.from(text)
  expect(format.endOf(bytes, 0)).toBe(bytes.length)
  const found = format.read(bytes.subarray(0, -1))
  if (typeof found === "string") throw new Error(`${found}: ${text.slice(0, 300)}`)
  return found
}

it("NDJSON writes the reason in an OriginDown as it writes its own", () => {
  const last = { _tag: "Connect", code: "ECONNREFUSED" } as const
  const reason = { _tag: "OriginDown", last, since: 1_790_000_000_000, skipped: 3 } as const
  const error = FetchError.make({ id: 1, url: "http://a.example/", reason, attempts: 0, elapsed: Duration.zero })
  expect(JSON.parse(NdjsonRecords.make("json").failure(1, "http://a.example/", error)).error).toMatchObject({
    reason: "OriginDown",
    last: { reason: "Connect", code: "ECONNREFUSED" },
    since: 1_790_000_000_000,
    skipped: 3,
    attempts: 0,
    retryable: true
  })
})

describe.each(formats)("%s", (name, format) => {
  const value = name.endsWith("with selected values") ? JSON.stringify({ a: "x,\n\"y\"", b: null }) : "\"x, \\\"y\\\"\""

  it("a success has its id, its line and its URL", () => {
    for (const id of [...texts, 0, 7, 1.5, -3, 2 ** 53 - 1]) {
      for (const url of urls) {
        for (const line of [undefined, 12]) {
          const entry = line === undefined ? id : new Repeated(id, line)
          expect(read(format, format.success(entry, url, 200, value)))
            .toMatchObject({ idText: format.idText(id), line, url, ok: true, problem: undefined })
        }
      }
    }
  })

  it("a failure has its reason and status as well, and its message has no secret of the URL", () => {
    const reason = { _tag: "Status", status: 503, snippet: "\"ok\":true,\n" } as const
    const url = "http://user:secret@a.example/?key=secret"
    const error = FetchError.make({ id: 1, url, reason, attempts: 1, elapsed: Duration.seconds(1) })
    const text = format.failure(1, url, error)
    expect(read(format, text)).toMatchObject({ idText: "1", url, ok: false, reason: "Status", status: 503 })
    expect(text.split("secret")).toHaveLength(3)
  })

  it("a failure of an origin that is down is one of that reason, to be fetched again", () => {
    const last = { _tag: "Connect", code: "ECONNREFUSED" } as const
    const reason = { _tag: "OriginDown", last, since: 1_790_000_000_000, skipped: 3 } as const
    const error = FetchError.make({ id: 1, url: "http://a.example/", reason, attempts: 0, elapsed: Duration.zero })
    const text = format.failure(1, "http://a.example/", error)
    const found = read(format, text)
    expect(found).toMatchObject({ ok: false, reason: "OriginDown", status: undefined })
    expect(Reasons.parse("OriginDown")?.(found)).toBe(true)
    expect(text).toContain("2026-09-21T14:13:20.000Z: No connection to the server: ECONNREFUSED; 3 entries were")
  })

  it("a bad row has its line and what is said of it, and no URL", () => {
    const found = read(format, format.badRow(3, "it has a \"quote\", and\na line"))
    expect(found).toMatchObject({ line: 3, url: undefined, ok: false, reason: "BadRow" })
    expect(found.problem).toBe("Line 3 of the input is no entry: it has a \"quote\", and\na line")
  })

  it("records of different entries have different keys", () => {
    const records = [
      ...texts.flatMap((id) =>
        texts.flatMap((url) => [id, new Repeated(id, 1)].map((id) => format.success(id, url, 200, value)))
      ),
      format.badRow(1, ""),
      format.badRow(11, ""),
      format.badRow(1, "1")
    ]
    expect(new Set(records.map((text) => keyOf(read(format, text)))).size).toBe(records.length)
  })
})

it("what is no record is told from what is one without a URL", () => {
  const ndjson = NdjsonRecords.make("json")
  const readText = (text: string) => ndjson.read(Buffer.from(text))
  for (
    const text of [
      "",
      "{",
      "{}",
      "{\"id\":1}",
      "{\"id\":1,\"url\":7,\"ok\":true,\"json\":1}",
      "{\"id\":1,\"url\":\"a",
      "{\"id\":1,\"url\":\"\\x\",\"ok\":true,\"json\":1}",
      "{\"id\":1,\"url\":\"a\",\"ok\":maybe}",
      "{\"id\":1,\"url\":\"a\",\"ok\":false,\"error\":null}",
      "{\"id\":1,\"ok\":true,\"mine\":1}",
      "{\"id\":1,\"ok\":false,\"mine\":{}}"
    ]
  ) expect([text, readText(text)]).toEqual([text, "foreign"])
  for (
    const text of [
      "{\"id\":1,\"ok\":true,\"status\":200,\"json\":1}",
      "{\"id\":\"a\",\"line\":2,\"ok\":false,\"error\":{}}"
    ]
  ) {
    expect([text, readText(text)]).toEqual([text, "without URL"])
  }
  for (const text of ["", "1", "1,,http://a/", "a,b,c,d,e,f,g", "1,x,http://a/,200,,,{}", "\"1,,http://a/,200,,,{}"]) {
    expect([text, CsvRecords.make("json").read(Buffer.from(text))]).toEqual([text, "foreign"])
  }
  for (const text of ["", "1", "1,,http://a/", "a,b,c,d,e,f,g", "1,x,http://a/,200,,,{}"]) {
    const tsv = text.replaceAll(",", "\t")
    expect([tsv, TsvRecords.make("json").read(Buffer.from(tsv))]).toEqual([tsv, "foreign"])
  }
})
