/**
 * What a parser of the input makes: entries, and rows that are none. Parsers are
 * pushed bytes and call back at once, so that a row costs no fiber and no
 * promise.
 */

/** The id of an entry as the input gives it. */
export type Id = number | string

/**
 * Takes rows. Each line of the input is part of one of them, between its first
 * and its last line; or it is empty, or the header.
 */
export interface Sink {
  readonly entry: (id: Id, url: string, line: number, last: number) => void
  /** A row that is no entry, by its line, and what is wrong with it. */
  readonly bad: (line: number, problem: string, last: number) => void
}

export interface Parser {
  readonly push: (bytes: Buffer) => void
  /** The end of a file: what is left is a row, too. */
  readonly end: () => void
}

/** The longest row that is read, in bytes. */
export const longest = 16 * 1024 * 1024

export const tooLong = `it is longer than ${longest} bytes`

export const notUtf8 = "it is not valid UTF-8"
