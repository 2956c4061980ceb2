/**
 * The ids that go through the library, and the keys by which outcomes and
 * entries find each other again when a run is resumed.
 */
import type { Id } from "./Row.js"

/** An id that another entry had before: the line tells them apart. */
export class Repeated {
  constructor(readonly id: Id, readonly line: number) {}
}

export type EntryId = Id | Repeated

export const idOf = (id: EntryId): Id => id instanceof Repeated ? id.id : id

export const lineOf = (id: EntryId): number | undefined => id instanceof Repeated ? id.line : undefined

/** The key of an outcome: its id as the output writes it and, where there is one, its line. */
export const key = (idText: string, line: number | undefined): string =>
  line === undefined ? idText : `${idText}\0${line}`

/** The key of a bad row, which has no id. */
export const badRowKey = (line: number): string => `\0${line}`
