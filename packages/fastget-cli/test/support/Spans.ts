/**
 * What a parser of the input calls back with, and which lines each row has.
 */
import type * as Row from "../../src/input/Row.js"

export interface Span {
  readonly first: number
  readonly last: number
  /** An entry's id and URL, or a record's fields; undefined for a bad row. */
  readonly values: ReadonlyArray<unknown> | undefined
}

/** All rows that a parser gives. */
export const spans = (parse: (sink: Row.Sink) => void): ReadonlyArray<Span> => {
  const all: Array<Span> = []
  parse({
    entry: (id, url, first, last) => all.push({ first, last, values: [id, url] }),
    bad: (first, _problem, last) => all.push({ first, last, values: undefined })
  })
  return all
}
