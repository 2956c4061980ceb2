/**
 * Lines in, records out. A record is mostly a line; where a quote is open at the
 * end of one it goes on, until the quote is closed. If that never happens, or
 * text follows the closing quote, its first line is bad, and no more: the lines
 * after it are records of their own.
 *
 * So each line is looked at from its start, and as what may go on with an open
 * quote, each once at most. What the second look finds is the same for whichever
 * line the quote was opened in: for all lines up to `seen` it is known that they
 * leave it open. Without that a quote in each of many lines takes forever.
 */
import type { Alone, Dialect, Further } from "./QuotedFields.js"

/** A line of the input. */
export interface Line {
  /** Undefined where it is too long to be kept. */
  readonly text: string | undefined
  readonly line: number
  readonly lineBreak: string
  /** What makes a bad row of it. */
  readonly problem: string | undefined
}

export interface Target {
  /** The fields of a record, and its first and last line. */
  readonly record: (fields: ReadonlyArray<string>, first: number, last: number) => void
  readonly bad: (first: number, last: number, problem: string) => void
}

/** How much a record may span before its open quote is taken for a mistake, in characters. */
const longestOpen = 1024 * 1024

/** A line that waits for the end of its record, and where it begins. */
interface Pending extends Line {
  readonly at: number
}

const whyBroken = ({ line, text }: Line): string =>
  text === undefined ? ` before line ${line}, which is too long` : `: the next one, in line ${line}, has text after it`

export const make = (dialect: Dialect, { bad, record }: Target, longest = longestOpen) => {
  /** Lines that no record has yet, from `head` on. The first of them has a quote that is open. */
  let pending: Array<Pending> = []
  let head = 0
  /** What `pending[head]` is by itself; undefined before it was looked at. */
  let alone: "open" | "openFirst" | undefined
  /** Lines before this one, and after `head`, leave a quote open. */
  let seen = 1
  /** What the line at `seen` makes of it, if it does not leave it open. */
  let verdict: Exclude<Further, "open"> | undefined
  /** Characters of all lines that were pending. */
  let length = 0

  /** A line by itself; what it waits for, if it is none. */
  const takeAlone = ({ line, problem, text }: Line): "open" | "openFirst" | undefined => {
    if (text === undefined) return void bad(line, line, problem!)
    if (dialect.blank(text)) return undefined
    const found: Alone = dialect.alone(text)
    if (found === "open" || found === "openFirst") return found
    if (problem !== undefined) bad(line, line, problem)
    else if (found === "broken") bad(line, line, "there is text after a closing quote")
    else record(found, line, line)
  }

  const next = (count: number) => {
    head += count
    alone = undefined
    if (head >= seen) verdict = undefined
    seen = Math.max(seen, head + 1)
    if (head * 2 < pending.length) return
    pending = pending.slice(head)
    seen -= head
    head = 0
  }

  /** Gives up the record of the first line. */
  const giveUp = (why: string) => {
    const { line, problem, text } = pending[head]!
    const fields = problem === undefined ? dialect.unclosed(text!) : undefined
    next(1)
    if (fields === undefined) bad(line, line, problem ?? `a quote is not closed${why}`)
    else record(fields, line, line)
  }

  const takeJoined = () => {
    const lines = pending.slice(head, seen + 1)
    const first = lines[0]!.line
    const last = lines[lines.length - 1]!
    next(lines.length)
    const wrong = lines.find(({ problem }) => problem !== undefined)
    if (wrong !== undefined) return bad(first, last.line, `${wrong.problem}, in line ${wrong.line}`)
    const text = lines.map((each) => each === last ? each.text! : each.text! + each.lineBreak).join("")
    record(dialect.joined(text), first, last.line)
  }

  /** Whether the open quote of the first line may go on in the line at `seen`. */
  const reaches = (): boolean => {
    const last = pending[seen - 1]!
    return last.at + last.text!.length + last.lineBreak.length - pending[head]!.at <= longest
  }

  const look = () => {
    while (verdict === undefined && seen < pending.length && reaches()) {
      const { text } = pending[seen]!
      const found = text === undefined ? "broken" : dialect.further(text)
      if (found === "open") seen++
      else verdict = found
    }
  }

  /** Takes all lines whose record is known. */
  const settle = (ended: boolean) => {
    while (head < pending.length) {
      alone ??= takeAlone(pending[head]!)
      if (alone === undefined) {
        next(1)
        continue
      }
      look()
      if (verdict !== undefined && reaches()) {
        if (verdict === "closed" || (verdict === "closedFirst" && alone === "openFirst")) takeJoined()
        else giveUp(whyBroken(pending[seen]!))
      } else if (ended || !reaches()) giveUp("")
      else return
    }
  }

  return {
    line: (line: Line): void => {
      // Nearly all lines are records by themselves.
      if (pending.length === 0) {
        alone = takeAlone(line)
        if (alone === undefined) return
      }
      pending.push({ ...line, at: length })
      length += (line.text?.length ?? 0) + line.lineBreak.length
      settle(false)
    },
    /** The end of the file: what is open now is not closed any more. */
    end: (): void => settle(true)
  }
}
