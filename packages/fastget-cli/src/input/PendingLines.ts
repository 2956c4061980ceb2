/**
 * Lines that no record has yet, in their order. Indexes count from the first of
 * them. To drop lines at the start costs as much as there are dropped, however
 * many wait behind them.
 */

/** A line of the input. */
export interface Line {
  /** Undefined where it is too long to be kept. */
  readonly text: string | undefined
  readonly line: number
  readonly lineBreak: string
  /** What makes a bad row of it. */
  readonly problem: string | undefined
}

interface Pending extends Line {
  /** How many characters came before it. */
  readonly offset: number
}

export class PendingLines {
  private lines: Array<Pending> = []
  /** The lines before it are dropped, and taken out of the array when they are half of it. */
  private head = 0
  private length = 0

  size(): number {
    return this.lines.length - this.head
  }

  add(line: Line): void {
    this.lines.push({ ...line, offset: this.length })
    this.length += (line.text?.length ?? 0) + line.lineBreak.length
  }

  at(index: number): Line {
    return this.lines[this.head + index]!
  }

  /** How many characters there are from the start of the first line to the end of the one at `index`. */
  spanTo(index: number): number {
    const { lineBreak, offset, text } = this.lines[this.head + index]!
    return offset + (text?.length ?? 0) + lineBreak.length - this.lines[this.head]!.offset
  }

  first(count: number): ReadonlyArray<Line> {
    return this.lines.slice(this.head, this.head + count)
  }

  drop(count: number): void {
    this.head += count
    if (this.head * 2 < this.lines.length) return
    this.lines = this.lines.slice(this.head)
    this.head = 0
  }
}
