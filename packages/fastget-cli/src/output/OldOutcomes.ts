/**
 * The outcomes that earlier runs have left, and which entries of the input they
 * belong to. Each outcome is that of one entry: an entry takes it, and the next
 * entry with the same id and URL needs another.
 *
 * An entry takes an outcome with its id and its URL. Where an id is only the
 * number of the line, it says nothing once a line was put in or taken out: there
 * the URL alone decides. Of several outcomes that fit, an entry takes the one
 * with its own line if it can.
 *
 * Of an outcome 20 bytes are kept, in a table that is at least 64 % full: a digest
 * of what has to be the same, and its label, which is its line (or, where the URL
 * alone is digested, its id). Where the list has changed there are up to 8 more.
 */
import * as Digest from "../input/Digest.js"
import * as DigestTable from "../input/DigestTable.js"
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import * as IdSet from "../input/IdSet.js"
import type { Found } from "./RecordFormat.js"

export interface OldOutcomes {
  /** Adds an outcome; `again` if its entry is to be fetched again. */
  readonly add: (found: Found, again: boolean) => void
  /** Gives an entry its outcome, if there is one. */
  readonly take: (entry: Entry) => Verdict
  /** Whether a bad row was there before, with the same message. */
  readonly hasBadRow: (line: number, message: string) => boolean
  /** Outcomes that were taken by an entry which is to be fetched again. */
  readonly takenAgain: () => number
  readonly size: () => number
  /** Gives all outcomes back. */
  readonly restart: () => void
}

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

/**
 * `Done`: there is an outcome. `Again`: there is, and the entry is to be fetched
 * again under the id by which the old outcome is found. `New`: there is none.
 */
type Verdict =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Again"; readonly id: EntryId }
  | { readonly _tag: "New"; readonly id: EntryId }

const done: Verdict = { _tag: "Done" }

// The word of an outcome: its label, and these.
/** The first one of its group; what is searched for is the digest of the group. */
const first = 1
/** Another of the same group; what is searched for is made of digest and label. */
const further = 2
const again = 4
const taken = 8
const labelBits = 4
/** Labels are below it. Lines and numbers beyond are told apart by nothing but what is digested. */
const labels = 2 ** 28
const labelMask = (labels - 1) << labelBits

/** What has to be the same, and the label that tells those apart where it is. */
interface Group {
  readonly kind: "url" | "pair"
  readonly text: string
  readonly label: number
}

/** Of an id that is a number the URL alone is digested: it may be the number of a line. */
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

const groupOf = (idText: string, line: number | undefined, url: string): Group => {
  const number = line === undefined ? numberOf(idText) : -1
  return number >= 0 ? urlGroup(number, url) : pairGroup(idText, line, url)
}

const badRowText = (line: number, message: string): string => `b${EntryId_.badRowKey(line, message)}`

/** The id of an entry that has the label of another outcome of its group. */
const withLabel = ({ kind }: Group, { id, isNumbered }: Entry, label: number): EntryId => {
  const bare = EntryId_.idOf(id)
  if (kind === "url") return isNumbered ? label : bare
  if (isNumbered || (EntryId_.lineOf(id) ?? 0) >= labels) return id
  return label === 0 ? bare : new EntryId_.Repeated(bare, label)
}

export const make = (): OldOutcomes => {
  const table = DigestTable.make()
  const digest = Digest.make()
  const scattered = Digest.make()
  /** By the place of an outcome: the label, and 1, of the entry that took it in place of the one with its label. */
  let given: Uint32Array | undefined
  let chains: Chains | undefined
  let takenAgain = 0

  const labelOf = (place: number): number => (table.word(place) & labelMask) >>> labelBits
  const isFree = (place: number): boolean => (table.word(place) & taken) === 0
  const findFirst = (): number => table.find(digest, first, first)

  /** The outcome of the digested group with a label, or -1. */
  const findLabel = (label: number): number => {
    const place = findFirst()
    if (place < 0 || labelOf(place) === label) return place
    scatter(digest, label, scattered)
    return table.find(scattered, further | labelMask, further | label << labelBits)
  }

  /** Any outcome of the digested group that is not taken, or -1. */
  const findFree = (): number => {
    const place = findFirst()
    if (place < 0 || isFree(place)) return place
    chains ??= makeChains(table)
    return chains.next(place, isFree)
  }

  const take = (place: number, group: Group, entry: Entry): Verdict => {
    const word = table.word(place)
    table.setWord(place, word | taken)
    if ((word & again) === 0) return done
    takenAgain++
    return { _tag: "Again", id: withLabel(group, entry, labelOf(place)) }
  }

  return {
    add: ({ idText, line, problem, url }, isAgain) => {
      const group = url === undefined ? undefined : groupOf(idText, line, url)
      Digest.of(group?.text ?? badRowText(line ?? 0, problem ?? ""), digest)
      const label = group?.label ?? 0
      const word = label << labelBits | (isAgain ? again : 0)
      if (findFirst() < 0) return table.insert(digest, word | first)
      scatter(digest, label, scattered)
      table.insert(scattered, word | further)
    },
    take: (entry) => {
      const { id, idText, isNumbered, line, url } = entry
      const group = groupOf(idText, EntryId_.lineOf(id), url)
      Digest.of(group.text, digest)
      const exact = findLabel(group.label)
      if (exact >= 0 && isFree(exact)) return take(exact, group, entry)
      // An entry before has the outcome with this label. So this one goes by that entry's label, and each is there once.
      const label = exact >= 0 && given !== undefined && given[exact] !== 0 ? given[exact]! - 1 : group.label
      for (const other of othersOf(group, entry)) {
        if (other !== group) Digest.of(other.text, digest)
        const place = other.kind === "url" && !isNumbered ? findLabel(other.label) : findFree()
        if (place < 0 || !isFree(place)) continue
        // Labels are lines there, and of an entry that comes from the other group it is none.
        if ((isNumbered || other.kind === "pair") && labelOf(place) > line) {
          given ??= new Uint32Array(table.places())
          given[place] = (other.kind === group.kind ? label : 0) + 1
        }
        return take(place, other, entry)
      }
      return { _tag: "New", id: label === group.label ? id : withLabel(group, entry, label) }
    },
    hasBadRow: (line, message) => {
      Digest.of(badRowText(line, message), digest)
      return findFirst() >= 0
    },
    takenAgain: () => takenAgain,
    size: table.size,
    restart: () => {
      chains = undefined
      takenAgain = 0
      given = undefined
      const places = table.places()
      for (let place = 0; place < places; place++) {
        if (table.read(place, scattered)) table.setWord(place, table.word(place) & ~taken)
      }
    }
  }
}

/**
 * Where an entry may have an outcome that is not labelled as it is. A number that
 * is an id and no line has one in both groups: where it was a repeated id that
 * came with its line, and without where not.
 */
const othersOf = (group: Group, { idText, isNumbered, url }: Entry): ReadonlyArray<Group> => {
  if (isNumbered) return [group]
  if (group.kind === "url") return [pairGroup(idText, undefined, url)]
  const number = numberOf(idText)
  return number < 0 ? [group] : [group, urlGroup(number, url)]
}

/** The digest by which a further outcome of a group is found. Done again it gives that of the group. */
const scatter = (digest: Digest.Digest, label: number, into: Digest.Digest): void => {
  into.set(digest)
  into[0]! ^= Math.imul(label + 1, 0x9e3779b1)
}

/** The further outcomes of each group, one after another. Made when they are needed: 4 bytes for each outcome. */
interface Chains {
  /** The next one after the first that is free, or -1. Those before it are left out from then on. */
  readonly next: (first: number, isFree: (place: number) => boolean) => number
}

const makeChains = (table: DigestTable.DigestTable): Chains => {
  const places = table.places()
  // Of a place the next one, and 1: 0 is none.
  const next = new Uint32Array(places)
  const digest = Digest.make()
  for (let place = 0; place < places; place++) {
    if (!table.read(place, digest) || (table.word(place) & further) === 0) continue
    scatter(digest, (table.word(place) & labelMask) >>> labelBits, digest)
    const before = table.find(digest, first, first)
    next[place] = next[before]!
    next[before] = place + 1
  }
  return {
    next: (first, isFree) => {
      while (next[first] !== 0) {
        const place = next[first]! - 1
        if (isFree(place)) return place
        next[first] = next[place]!
      }
      return -1
    }
  }
}
