/**
 * A header that came on several lines, as one text. Lists are joined with
 * commas, as HTTP has it. Where HTTP knows one value only, equal lines count
 * once, and different ones stay apart by a line feed, which no line can hold;
 * so do the lines of Set-Cookie, whose dates have commas.
 *
 * @since 0.1.0
 */

const separate = "\n"

/** Headers of an answer that are no lists (RFC 9110, 9111, 6265, 6266). */
const singleValued = new Set([
  "age",
  "content-disposition",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "date",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after"
])

/**
 * The text of a header with one more line; `name` in lower case.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = (name: string, before: string, line: string): string => {
  if (name === "set-cookie") return before + separate + line
  if (!singleValued.has(name)) return `${before}, ${line}`
  return split(before).includes(line) ? before : before + separate + line
}

/**
 * The lines of a header that is no list. A header that came once is one line,
 * whatever commas it has.
 *
 * @since 0.1.0
 * @category accessors
 */
export const split = (value: string): ReadonlyArray<string> => value.split(separate)
