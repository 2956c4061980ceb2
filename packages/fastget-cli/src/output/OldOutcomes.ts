/**
 * The outcomes that earlier runs have left, and which entries of the input they
 * belong to. Each outcome is that of one entry: an entry takes it, and the next
 * entry with the same id and URL needs another.
 *
 * An entry takes an outcome of its group (see `OutcomeGroup`). Of several that
 * fit, it takes the one with its own line if it can.
 */
import type { EntryId } from "../input/EntryId.js"
import type { Entry, Group } from "./OutcomeGroup.js"
import * as OutcomeGroup from "./OutcomeGroup.js"
import { OutcomeTable } from "./OutcomeTable.js"
import type { Found } from "./RecordFormat.js"

/**
 * `Done`: there is an outcome. `Again`: there is, and the entry is to be fetched
 * again under the id by which the old outcome is found. `New`: there is none.
 */
type Verdict =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Again"; readonly id: EntryId }
  | { readonly _tag: "New"; readonly id: EntryId }

const done: Verdict = { _tag: "Done" }

export class OldOutcomes {
  private readonly table = new OutcomeTable()
  private readonly exchanged = new ExchangedLabels()
  private again = 0

  /** Adds an outcome; `isAgain` if its entry is to be fetched again. */
  add({ idText, line, problem, url }: Found, isAgain: boolean): void {
    const group = url === undefined ? undefined : OutcomeGroup.of(idText, line, url)
    this.table.select(group?.text ?? OutcomeGroup.badRowText(line ?? 0, problem ?? ""))
    this.table.add(group?.label ?? 0, isAgain)
  }

  /** Gives an entry its outcome, if there is one. */
  take(entry: Entry): Verdict {
    const { table } = this
    const group = OutcomeGroup.ofEntry(entry)
    table.select(group.text)
    const exact = table.findLabel(group.label)
    if (exact >= 0 && table.isFree(exact)) return this.takeSlot(exact, group, entry)
    // An entry before has taken the outcome with this label. This one gets that entry's label, so that each is there once.
    const label = exact < 0 ? group.label : this.exchanged.of(exact) ?? group.label
    return this.takeOther(group, entry, label) ??
      { _tag: "New", id: label === group.label ? entry.id : OutcomeGroup.withLabel(group, entry, label) }
  }

  /** Takes an outcome that fits and has another label than the entry. */
  private takeOther(group: Group, entry: Entry, label: number): Verdict | undefined {
    const { table } = this
    const { isNumbered, line } = entry
    for (const other of OutcomeGroup.alternatives(group, entry)) {
      if (other !== group) table.select(other.text)
      const slot = other.kind === "url" && !isNumbered ? table.findLabel(other.label) : table.findFree()
      if (slot < 0 || !table.isFree(slot)) continue
      // Where labels are lines, the entry in the outcome's line comes later, and gets this one's label; an entry that
      // comes from the other kind of group has none.
      if ((isNumbered || other.kind === "pair") && table.labelOf(slot) > line) {
        this.exchanged.set(slot, other.kind === group.kind ? label : 0, table.slots())
      }
      return this.takeSlot(slot, other, entry)
    }
    return undefined
  }

  private takeSlot(slot: number, group: Group, entry: Entry): Verdict {
    if (!this.table.take(slot)) return done
    this.again++
    return { _tag: "Again", id: OutcomeGroup.withLabel(group, entry, this.table.labelOf(slot)) }
  }

  /** Whether a bad row was there before, with the same message. */
  hasBadRow(line: number, message: string): boolean {
    this.table.select(OutcomeGroup.badRowText(line, message))
    return this.table.hasAny()
  }

  /** Outcomes that were taken by an entry which is to be fetched again. */
  takenAgain(): number {
    return this.again
  }

  size(): number {
    return this.table.size()
  }

  /** Gives all outcomes back. */
  restart(): void {
    this.again = 0
    this.exchanged.clear()
    this.table.restart()
  }
}

/** By the slot of an outcome: the label of the entry that took it before the entry with the outcome's own label came. */
class ExchangedLabels {
  /** The label plus 1; 0 where there is none. */
  private labels: Uint32Array | undefined

  of(slot: number): number | undefined {
    return this.labels === undefined || this.labels[slot] === 0 ? undefined : this.labels[slot]! - 1
  }

  set(slot: number, label: number, slots: number): void {
    this.labels ??= new Uint32Array(slots)
    this.labels[slot] = label + 1
  }

  clear(): void {
    this.labels = undefined
  }
}
