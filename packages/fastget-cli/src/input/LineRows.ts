/**
 * The formats with one row a line: URLs (or, with a template, ids), and NDJSON.
 * Empty lines are no rows, and are counted.
 */
import * as LineSplitter from "./LineSplitter.js"
import * as NumberText from "./NumberText.js"
import type * as Row from "./Row.js"
import * as Template from "./Template.js"

/** Makes the URLs of ids, where there is a template. */
export type UrlOf = Template.UrlOf

/** `line` as a name of a column or a field stands for the number of the line. */
export const lineNumber = "@line"

/** Lines of URLs: the id is the number of the line. With a template: lines of ids. */
export const lines = (sink: Row.Sink, urlOf: UrlOf | undefined, linesBefore: number): LineSplitter.Splitter =>
  LineSplitter.make({
    linesBefore,
    bad: (line, problem) => sink.bad(line, problem, line),
    line: (text, line) => {
      const trimmed = text.trim()
      if (trimmed === "") return
      if (urlOf === undefined) sink.entry(line, trimmed, line, line)
      else Template.entry(sink, urlOf, trimmed, line, line)
    }
  })

export interface Fields {
  readonly id: string
  readonly url: string
}

/** Lines of JSON objects. */
export const ndjson = (
  sink: Row.Sink,
  fields: Fields,
  urlOf: UrlOf | undefined,
  linesBefore: number
): LineSplitter.Splitter =>
  LineSplitter.make({
    linesBefore,
    bad: (line, problem) => sink.bad(line, problem, line),
    line: (text, line) => {
      if (text.trim() === "") return
      const bad = (problem: string) => sink.bad(line, problem, line)
      const row = parseObject(text)
      if (row === undefined) return bad("it is not a JSON object")
      const id = fields.id === lineNumber ? line : Object.hasOwn(row, fields.id) ? row[fields.id] : undefined
      if (id === undefined) return bad(`it has no field ${fields.id}`)
      if (typeof id !== "number" && typeof id !== "string") {
        return bad(`its ${fields.id} is neither a string nor a number`)
      }
      if (typeof id === "number" && fields.id !== lineNumber && !NumberText.isExact(text, fields.id, id)) {
        return bad(problemOfNumber(id, fields.id))
      }
      if (urlOf !== undefined) return Template.entry(sink, urlOf, id, line, line)
      const url = Object.hasOwn(row, fields.url) ? row[fields.url] : undefined
      if (typeof url !== "string") return bad(`its field ${fields.url} is missing or no string`)
      sink.entry(id, url, line, line)
    }
  })

const problemOfNumber = (id: number, name: string): string =>
  !Number.isFinite(id)
    ? `its ${name} is a number too large to be read: make it a string`
    : Math.abs(id) > Number.MAX_SAFE_INTEGER
    ? `its ${name} is a number beyond 2^53, which would lose digits: make it a string`
    : `its ${name} is a number that would lose digits: make it a string`

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
