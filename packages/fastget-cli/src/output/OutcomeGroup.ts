/**
 * How the outcomes of earlier runs are told apart. Outcomes whose id and URL are
 * the same make a group; within it each has a label, which is its line. Where the
 * id is a number it may be that of a line, and says nothing once a line was put in
 * or taken out: there the URL alone makes the group, and the id is the label.
 */
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import * as IdSet from "../input/IdSet.js"

/** What has to be the same, and the label that tells those apart where it is. */
export interface Group {
  readonly kind: "url" | "pair"
  readonly text: string
  readonly label: number
}

/** An entry of the input. */
export interface Entry {
  readonly id: EntryId
  /** The id as the output has it. */
  readonly idText: string
  readonly url: string
  /** The line of the input. */
  readonly line: number
  /** Whether the id is nothing but the line. */
  readonly isNumbered: boolean
}

/** Labels are below it. Lines and numbers beyond are told apart by nothing but what makes the group. */
export const labels = 2 ** 28

const urlGroup = (number: number, url: string): Group => ({ kind: "url", text: `u${url}`, label: number })

const pairGroup = (idText: string, line: number | undefined, url: string): Group => ({
  kind: "pair",
  text: `p${EntryId_.key(idText, undefined, url)}`,
  label: line === undefined || line >= labels ? 0 : line
})

/** The number an id is, if it can be a label; else -1. */
const numberOf = (idText: string): number => {
  const number = IdSet.toNumber(idText)
  return number < labels ? number : -1
}

/** The group of an entry, or of an outcome that was written with this id, line and URL. */
export const of = (idText: string, line: number | undefined, url: string): Group => {
  const number = line === undefined ? numberOf(idText) : -1
  return number >= 0 ? urlGroup(number, url) : pairGroup(idText, line, url)
}

export const ofEntry = ({ id, idText, url }: Entry): Group => of(idText, EntryId_.lineOf(id), url)

/** What a bad row, which is in no group, has to have the same. */
export const badRowText = (line: number, message: string): string => `b${EntryId_.badRowKey(line, message)}`

/**
 * The groups in which an entry may have an outcome with another label than its
 * own. An id that is a number and not that of a line may have one in both kinds:
 * with its line where the id was there before, without it where it was the first.
 */
export const alternatives = (group: Group, { idText, isNumbered, url }: Entry): ReadonlyArray<Group> => {
  if (isNumbered) return [group]
  if (group.kind === "url") return [pairGroup(idText, undefined, url)]
  const number = numberOf(idText)
  return number < 0 ? [group] : [group, urlGroup(number, url)]
}

/** The id of an entry under the label of another outcome of its group. */
export const withLabel = ({ kind }: Group, { id, isNumbered }: Entry, label: number): EntryId => {
  const bare = EntryId_.idOf(id)
  if (kind === "url") return isNumbered ? label : bare
  if (isNumbered || (EntryId_.lineOf(id) ?? 0) >= labels) return id
  return label === 0 ? bare : new EntryId_.Repeated(bare, label)
}
