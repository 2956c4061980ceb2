/**
 * What an output format has to do: write records, and find them again in a file
 * that a run before has left.
 */
import type { FetchError } from "fastget/FetchError"
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import type { Id } from "../input/Row.js"

/** What a record in a file says, as far as resuming needs it. */
export interface Found {
  /** The id as it is written; of a bad row nothing. */
  readonly idText: string
  readonly line: number | undefined
  /** Undefined for a bad row only. */
  readonly url: string | undefined
  readonly ok: boolean
  /** Of a failure: the reason's tag, or BadRow. */
  readonly reason: string | undefined
  readonly status: number | undefined
  /** Of a bad row: its message. */
  readonly problem: string | undefined
}

/** The key that is the same for all records of one entry. */
export const keyOf = ({ idText, line, problem, url }: Found): string =>
  url === undefined ? EntryId_.badRowKey(line ?? 0, problem ?? "") : EntryId_.key(idText, line, url)

export interface RecordFormat {
  /** What a file begins with. */
  readonly header: string
  /** What a file of an older version begins with, whose records had no URLs. */
  readonly headerWithoutUrl: string
  /** What every record begins with. */
  readonly recordStart: string
  /** The id as records have it: a part of the key of an entry. */
  readonly idText: (id: Id) => string
  /** The id of a record as plain text, in which 7 and "7" are the same. */
  readonly plainId: (idText: string) => string
  /** The URL is written as it was given. `value` is what `ResultValue` makes of a body. */
  readonly success: (id: EntryId, url: string, status: number | undefined, value: unknown) => string
  readonly failure: (id: EntryId, url: string, error: FetchError) => string
  readonly badRow: (line: number, problem: string) => string
  /** Where the record that begins at `from` ends, with its line feed; -1 where it does not end in these bytes. */
  readonly endOf: (bytes: Buffer, from: number) => number
  /** Reads a whole record, without its line feed. */
  readonly read: (record: Buffer) => Found | NoRecord
}

/** Why a record can't be read: it is not FastGet's, or an older version wrote it without the URL. */
export type NoRecord = "foreign" | "without URL"

/** The reason of a row of the input that is no entry. */
export const badRowReason = "BadRow"

export const badRowMessage = (line: number, problem: string): string =>
  `Line ${line} of the input is no entry: ${problem}`
