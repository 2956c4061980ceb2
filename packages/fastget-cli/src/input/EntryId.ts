/**
 * The ids that go through the library, and the keys by which an outcome and
 * its entry are matched in a later run.
 */
import type { Id } from "./Row.js"

/** An id that another entry had before: the line tells them apart. */
export class Repeated {
  constructor(readonly id: Id, readonly line: number) {}
}

export type EntryId = Id | Repeated

export const idOf = (id: EntryId): Id => id instanceof Repeated ? id.id : id

export const lineOf = (id: EntryId): number | undefined => id instanceof Repeated ? id.line : undefined

/** The key of an entry: its id as the output writes it, its line where it has one, and its URL. */
export const key = (idText: string, line: number | undefined, url: string): string =>
  // The length says where the id ends, whatever is in it.
  `${idText.length}:${idText}${line ?? ""}:${url}`

/** The key of a bad row, which has neither id nor URL: its line and what is said of it. */
export const badRowKey = (line: number, message: string): string => `bad:${line}:${message}`
