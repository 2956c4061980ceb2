/**
 * Lines in, records out. A record is mostly a line; where a quote is open at the
 * end of one it goes on, until the quote is closed. If that never happens, or
 * text follows the closing quote, its first line is bad, and no more: the lines
 * after it are records of their own.
 *
 * Each line is parsed at most twice: from its start, and as what may follow an
 * open quote. The second result is the same for whichever line the quote was
 * opened in, so it is kept when the first line is given up. Without that the time
 * would grow with the square of the lines where each of them opens a quote.
 */
import type { Line } from "./PendingLines.js"
import { PendingLines } from "./PendingLines.js"
import type { Alone, Dialect, Further } from "./QuotedFields.js"

export interface Target {
  /** The fields of a record, and its first and last line. */
  readonly record: (fields: ReadonlyArray<string>, first: number, last: number) => void
  readonly bad: (first: number, last: number, problem: string) => void
}

/** How much a record may span before its open quote is taken for a mistake, in characters. */
const longestOpen = 1024 * 1024

export class RecordLines {
  /** The first of them has a quote that is open. */
  private readonly pending = new PendingLines()
  /** What the first pending line is by itself; undefined before it was looked at. */
  private alone: "open" | "openFirst" | undefined
  /** The first pending line that may close the quote: those between the first and it leave a quote open. */
  private candidate = 1
  /** What the candidate makes of an open quote; undefined before it was looked at. */
  private verdict: Exclude<Further, "open"> | undefined

  constructor(
    private readonly dialect: Dialect,
    private readonly target: Target,
    private readonly longest: number = longestOpen
  ) {}

  line(line: Line): void {
    // Nearly all lines are records by themselves.
    if (this.pending.size() === 0) {
      this.alone = this.takeAlone(line)
      if (this.alone === undefined) return
    }
    this.pending.add(line)
    this.settle(false)
  }

  /** The end of the file: what is open now is not closed any more. */
  end(): void {
    this.settle(true)
  }

  /** Takes a line that is a record or a bad row by itself; else says which quote it leaves open. */
  private takeAlone({ line, problem, text }: Line): "open" | "openFirst" | undefined {
    const { bad, record } = this.target
    if (text === undefined) return void bad(line, line, problem!)
    if (this.dialect.blank(text)) return undefined
    const found: Alone = this.dialect.alone(text)
    if (found === "open" || found === "openFirst") return found
    if (problem !== undefined) bad(line, line, problem)
    else if (found === "broken") bad(line, line, "there is text after a closing quote")
    else record(found, line, line)
  }

  /** Takes all pending lines whose record is known. */
  private settle(hasEnded: boolean): void {
    while (this.pending.size() > 0) {
      this.alone ??= this.takeAlone(this.pending.at(0))
      if (this.alone === undefined) {
        this.drop(1)
        continue
      }
      this.findCandidate()
      const { alone, verdict } = this
      if (verdict !== undefined && this.isInReach()) {
        if (verdict === "closed" || (verdict === "closedFirst" && alone === "openFirst")) this.takeJoined()
        else this.giveUp(whyBroken(this.pending.at(this.candidate)))
      } else if (hasEnded || !this.isInReach()) this.giveUp("")
      else return
    }
  }

  private findCandidate(): void {
    while (this.verdict === undefined && this.candidate < this.pending.size() && this.isInReach()) {
      const { text } = this.pending.at(this.candidate)
      const found = text === undefined ? "broken" : this.dialect.further(text)
      if (found === "open") this.candidate++
      else this.verdict = found
    }
  }

  /** Whether the record of the first line may be so long that the candidate belongs to it. */
  private isInReach(): boolean {
    return this.pending.spanTo(this.candidate - 1) <= this.longest
  }

  /** The record from the first line to the candidate. */
  private takeJoined(): void {
    const lines = this.pending.first(this.candidate + 1)
    const first = lines[0]!.line
    const last = lines[lines.length - 1]!
    this.drop(lines.length)
    const wrong = lines.find(({ problem }) => problem !== undefined)
    if (wrong !== undefined) return this.target.bad(first, last.line, `${wrong.problem}, in line ${wrong.line}`)
    const text = lines.map((each) => each === last ? each.text! : each.text! + each.lineBreak).join("")
    this.target.record(this.dialect.joined(text), first, last.line)
  }

  /** Gives up the record of the first line: its quote is a mistake. */
  private giveUp(why: string): void {
    const { line, problem, text } = this.pending.at(0)
    const fields = problem === undefined ? this.dialect.unclosed(text!) : undefined
    this.drop(1)
    if (fields === undefined) this.target.bad(line, line, problem ?? `a quote is not closed${why}`)
    else this.target.record(fields, line, line)
  }

  /** Drops lines at the start. What is known of the candidate stays known as long as it is not the first line. */
  private drop(count: number): void {
    this.pending.drop(count)
    this.alone = undefined
    this.candidate -= count
    if (this.candidate > 0) return
    this.candidate = 1
    this.verdict = undefined
  }
}

const whyBroken = ({ line, text }: Line): string =>
  text === undefined ? ` before line ${line}, which is too long` : `: the next one, in line ${line}, has text after it`
