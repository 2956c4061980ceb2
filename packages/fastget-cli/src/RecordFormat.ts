/**
 * What an output format has to do: write records, and find them again in a file
 * that a run before has left.
 */
import type { FetchError } from "fastget/FetchError"
import type { EntryId } from "./EntryId.js"
import type { Id } from "./Row.js"

/** What a record in a file says, as far as resuming needs it. */
export interface Found {
  readonly key: string
  readonly ok: boolean
  /** Of a failure: the reason's tag, or BadRow. */
  readonly reason: string | undefined
  readonly status: number | undefined
}

export interface RecordFormat {
  /** What a file begins with. */
  readonly header: string
  /** What every record begins with. */
  readonly recordStart: string
  /** The id as records have it: the key of an entry. */
  readonly idText: (id: Id) => string
  /** `value` is what `ResultValue` makes of a body. */
  readonly success: (id: EntryId, status: number | undefined, value: unknown) => string
  readonly failure: (id: EntryId, error: FetchError) => string
  readonly badRow: (line: number, problem: string) => string
  /** Where the record that begins at `from` ends, with its line feed; -1 where it does not end in these bytes. */
  readonly endOf: (bytes: Buffer, from: number) => number
  /** Reads a whole record, without its line feed; undefined where it is none. */
  readonly read: (record: Buffer) => Found | undefined
}

/** The reason of a row of the input that is no entry. */
export const badRowReason = "BadRow"
