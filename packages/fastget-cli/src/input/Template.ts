/**
 * URLs made of ids: `https://api/x/{}` and `1..1000000`.
 */
import type * as Row from "./Row.js"

/** The URL of an id; undefined where it would be another resource than the template means. */
export interface UrlOf {
  (id: number): string
  (id: Row.Id): string | undefined
}

/** Makes URLs of a template; `{}` may stand more than once. */
export const urlOf = (template: string): UrlOf => {
  const parts = template.split("{}")
  const segments = segmentsOf(template)
  const make = (id: Row.Id): string | undefined =>
    typeof id === "string" && !fits(id, segments) ? undefined : parts.join(encodeURIComponent(id))
  // An id that is a number has digits only, which can't change the path.
  return make as UrlOf
}

/** Gives the entry of an id, or a bad row. */
export const entry = (sink: Row.Sink, urlOf: UrlOf, id: Row.Id, line: number, last: number): void => {
  const url = urlOf(id)
  if (url === undefined) sink.bad(line, problemOf(id), last)
  else sink.entry(id, url, line, last)
}

const problemOf = (id: Row.Id): string =>
  id === ""
    ? "its id is empty, and would make another URL than the template means"
    : hasLoneSurrogate(String(id))
    ? "its id has half of a surrogate pair, which no URL can hold"
    : `its id ${JSON.stringify(id)} would leave its place in the template's path`

const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text)

const fits = (id: string, segments: ReadonlyArray<string>): boolean =>
  id !== "" && !hasLoneSurrogate(id) && !(mayBeDots.test(id) && segments.some((segment) => hasDots(segment, id)))

/** The segments of a template's path that an id goes into. In a query or a host dots have no such meaning. */
const segmentsOf = (template: string): ReadonlyArray<string> => {
  // As URLs are parsed: tabs and line breaks are dropped, and a backslash is a slash.
  const [, path] = /^[a-z]+:[/\\]*[^/\\?#]*([^?#]*)/i.exec(template.trim().replace(/[\t\r\n]/g, "")) ?? []
  return (path ?? "").split(/[/\\]/).filter((segment) => segment.includes("{}"))
}

const mayBeDots = /[.%/\\]/

/**
 * Whether a segment with the id has a part that is `.` or `..`, which URLs (and
 * servers that decode `%2F` before they look for dots) take for a way up. Encoded
 * ones are the same, however often they are encoded.
 */
const hasDots = (segment: string, id: string): boolean =>
  segment.replaceAll("{}", () => id)
    .replace(/%(?:25)*2e/gi, ".")
    .replace(/%(?:25)*(?:2f|5c)/gi, "/")
    .split(/[/\\]/)
    .some((part) => part === "." || part === "..")

export interface Range {
  readonly from: number
  readonly to: number
}

/** `1..1000`; undefined where it is no range of whole numbers, or an empty one. */
export const parseRange = (text: string): Range | undefined => {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text.replaceAll("_", "")) ?? []
  const range = { from: Number(from), to: Number(to) }
  return Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to) && range.from <= range.to
    ? range
    : undefined
}
