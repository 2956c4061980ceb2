/**
 * The formats with one row a line: URLs (or, with a template, ids), and NDJSON.
 * Empty lines are no rows, and are counted.
 */
import * as LineSplitter from "./LineSplitter.js"
import * as Row from "./Row.js"

/** Makes the URL of an id, where there is a template. */
export type UrlOf = ((id: Row.Id) => string) | undefined

/** `line` as a name of a column or a field stands for the number of the line. */
export const lineNumber = "@line"

/** Lines of URLs: the id is the number of the line. With a template: lines of ids. */
export const lines = (sink: Row.Sink, urlOf: UrlOf, linesBefore: number): LineSplitter.Splitter =>
  LineSplitter.make({
    linesBefore,
    bad: sink.bad,
    line: (text, line) => {
      const trimmed = text.trim()
      if (trimmed === "") return
      if (urlOf === undefined) sink.entry(line, trimmed, line)
      else sink.entry(trimmed, urlOf(trimmed), line)
    }
  })

export interface Fields {
  readonly id: string
  readonly url: string
}

/** Lines of JSON objects. */
export const ndjson = (sink: Row.Sink, fields: Fields, urlOf: UrlOf, linesBefore: number): LineSplitter.Splitter =>
  LineSplitter.make({
    linesBefore,
    bad: sink.bad,
    line: (text, line) => {
      if (text.trim() === "") return
      const row = parseObject(text)
      if (row === undefined) return sink.bad(line, "it is not a JSON object")
      const id = fields.id === lineNumber ? line : Row.toId(row[fields.id])
      if (id === undefined) return sink.bad(line, problemOfId(row, fields.id))
      if (urlOf !== undefined) return sink.entry(id, urlOf(id), line)
      const url = Object.hasOwn(row, fields.url) ? row[fields.url] : undefined
      if (typeof url !== "string") return sink.bad(line, `its field ${fields.url} is missing or no string`)
      sink.entry(id, url, line)
    }
  })

const problemOfId = (row: Readonly<Record<string, unknown>>, name: string): string =>
  !Object.hasOwn(row, name)
    ? `it has no field ${name}`
    : typeof row[name] === "number"
    ? `its ${name} is a number beyond 2^53, which would lose digits: make it a string`
    : `its ${name} is neither a string nor a number`

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  // A bad line is data here and not an error.
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : undefined
  } catch {
    return undefined
  }
}
