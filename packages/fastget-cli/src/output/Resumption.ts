/**
 * Which rows of the input a resumed run is about: what has no outcome in the
 * files yet, and what is to be fetched again. It counts what it leaves out.
 */
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import type { Choice } from "../input/Input.js"
import type * as Journal from "./Journal.js"
import type { RecordFormat } from "./RecordFormat.js"
import { badRowMessage } from "./RecordFormat.js"

/** What the runs before have left. */
export interface Before {
  readonly isEmpty: boolean
  /** Rows of the input that were left out because they are done. */
  readonly skipped: () => number
  /** Outcomes that stay as they are, and how many of them are failures. */
  readonly kept: () => { readonly outcomes: number; readonly failures: number }
  /** Goes through the input from the start again. */
  readonly restart: () => void
}

export const nothingBefore: Before = {
  isEmpty: true,
  skipped: () => 0,
  kept: () => ({ outcomes: 0, failures: 0 }),
  restart: () => {}
}

export interface Options {
  readonly old: Pick<Journal.Before, "again" | "failed" | "outcomes">
  readonly idText: RecordFormat["idText"]
  /** Whether the run is about nothing but what is to be fetched again. */
  readonly onlyAgain: boolean
}

export class Resumption {
  private skipped = 0
  private readonly isEmpty: boolean
  readonly choice: Choice
  readonly before: Before

  constructor(private readonly options: Options) {
    this.isEmpty = options.old.outcomes.size() === 0
    this.choice = {
      entry: (id, url, line, isNumbered) => this.chooseEntry(id, url, line, isNumbered),
      badRow: (line, problem) => this.chooseBadRow(line, problem),
      distinguishes: true
    }
    this.before = {
      isEmpty: this.isEmpty,
      skipped: () => this.skipped,
      kept: () => this.kept(),
      restart: () => this.restart()
    }
  }

  /** The id under which an entry is fetched; undefined where it is not. */
  private chooseEntry(id: EntryId, url: string, line: number, isNumbered: boolean): EntryId | undefined {
    const { idText, old, onlyAgain } = this.options
    if (this.isEmpty) return onlyAgain ? undefined : id
    const verdict = old.outcomes.take({ id, idText: idText(EntryId_.idOf(id)), url, line, isNumbered })
    if (verdict._tag === "Done") this.skipped++
    return verdict._tag === "Done" || (verdict._tag === "New" && onlyAgain) ? undefined : verdict.id
  }

  private chooseBadRow(line: number, problem: string): boolean {
    const { old, onlyAgain } = this.options
    const isDone = old.outcomes.hasBadRow(line, badRowMessage(line, problem))
    if (isDone) this.skipped++
    return !isDone && !onlyAgain
  }

  private kept(): { readonly outcomes: number; readonly failures: number } {
    const { again, failed, outcomes } = this.options.old
    return { outcomes: outcomes.size() - outcomes.takenAgain(), failures: failed + again - outcomes.takenAgain() }
  }

  private restart(): void {
    this.skipped = 0
    this.options.old.outcomes.restart()
  }
}
