/**
 * The outcomes of earlier runs by group and label, and which of them are taken.
 * Of an outcome 20 bytes are kept, in a table that is at least 64 % full: a digest,
 * and a word with the label. Where outcomes are looked for by their group alone
 * there are up to 8 more.
 */
import * as Digest from "../input/Digest.js"
import * as DigestTable from "../input/DigestTable.js"
import * as OutcomeGroup from "./OutcomeGroup.js"

// The word of an outcome: its label, and these bits.
/** The first one of its group; it is found by the digest of the group. */
const first = 1
/** Another of the same group; it is found by a digest made of that of the group and the label. */
const further = 2
const again = 4
const taken = 8
const labelBits = 4
const labelMask = (OutcomeGroup.labels - 1) << labelBits

export class OutcomeTable {
  private readonly table = DigestTable.make()
  private readonly group = Digest.make()
  private readonly labelled = Digest.make()
  private chains: Chains | undefined

  /** The text of the group that the methods below are about. */
  select(text: string): void {
    Digest.of(text, this.group)
  }

  add(label: number, isAgain: boolean): void {
    const word = label << labelBits | (isAgain ? again : 0)
    if (!this.hasAny()) return this.table.insert(this.group, word | first)
    withLabel(this.group, label, this.labelled)
    this.table.insert(this.labelled, word | further)
  }

  hasAny(): boolean {
    return this.findFirst() >= 0
  }

  /** The slot of the outcome with a label, or -1. */
  findLabel(label: number): number {
    const slot = this.findFirst()
    if (slot < 0 || this.labelOf(slot) === label) return slot
    withLabel(this.group, label, this.labelled)
    return this.table.find(this.labelled, further | labelMask, further | label << labelBits)
  }

  /** The slot of any outcome, a free one if there is one; or -1. */
  findFree(): number {
    const slot = this.findFirst()
    if (slot < 0 || this.isFree(slot)) return slot
    this.chains ??= new Chains(this.table)
    return this.chains.next(slot, this.isFree)
  }

  private findFirst(): number {
    return this.table.find(this.group, first, first)
  }

  labelOf(slot: number): number {
    return labelIn(this.table.word(slot))
  }

  readonly isFree = (slot: number): boolean => (this.table.word(slot) & taken) === 0

  /** Takes the outcome of a slot; whether its entry is to be fetched again. */
  take(slot: number): boolean {
    const word = this.table.word(slot)
    this.table.setWord(slot, word | taken)
    return (word & again) !== 0
  }

  size(): number {
    return this.table.size()
  }

  /** All slots are below it. */
  slots(): number {
    return this.table.slots()
  }

  /** Makes all outcomes free. */
  restart(): void {
    this.chains = undefined
    const slots = this.table.slots()
    for (let slot = 0; slot < slots; slot++) {
      if (this.table.read(slot, this.labelled)) this.table.setWord(slot, this.table.word(slot) & ~taken)
    }
  }
}

const labelIn = (word: number): number => (word & labelMask) >>> labelBits

/** The digest of a further outcome from that of its group. Applied to it again it gives that of the group. */
const withLabel = (digest: Digest.Digest, label: number, into: Digest.Digest): void => {
  into.set(digest)
  into[0]! ^= Math.imul(label + 1, 0x9e3779b1)
}

/** The further outcomes of each group, linked one to the next: 4 bytes for each outcome, made when they are needed. */
class Chains {
  /** By slot: the next slot plus 1; 0 where there is none. */
  private readonly links: Uint32Array

  constructor(table: DigestTable.DigestTable) {
    const slots = table.slots()
    this.links = new Uint32Array(slots)
    const digest = Digest.make()
    for (let slot = 0; slot < slots; slot++) {
      if (!table.read(slot, digest) || (table.word(slot) & further) === 0) continue
      withLabel(digest, labelIn(table.word(slot)), digest)
      const before = table.find(digest, first, first)
      this.links[slot] = this.links[before]!
      this.links[before] = slot + 1
    }
  }

  /** The next slot after the first that is free, or -1. Those before it are unlinked: none of them becomes free again. */
  next(head: number, isFree: (slot: number) => boolean): number {
    while (this.links[head] !== 0) {
      const slot = this.links[head]! - 1
      if (isFree(slot)) return slot
      this.links[head] = this.links[slot]!
    }
    return -1
  }
}
