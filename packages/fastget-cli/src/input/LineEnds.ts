/**
 * Where the lines of a file end: after LF or CRLF; in a file whose first line
 * ends with a CR alone, as old Macs wrote it, after a CR as well. Elsewhere such
 * a CR is a character of the line.
 */

const LineFeed = 10
const CarriageReturn = 13

export class LineEnds {
  /** Whether a CR alone ends a line; undefined before the end of the first line has come. */
  private withCr: boolean | undefined
  /** All bytes since the first line were CRs: an LF may still follow them. */
  private hasOnlyCrs = false

  /** To be given each piece of a file before it is looked at: the first line break decides for all. */
  learn(bytes: Buffer): void {
    if (this.withCr !== undefined || bytes.length === 0) return
    let at = this.hasOnlyCrs ? 0 : firstOf(bytes.indexOf(LineFeed), bytes.indexOf(CarriageReturn))
    if (at < 0) return
    while (bytes[at] === CarriageReturn) at++
    this.hasOnlyCrs = at === bytes.length
    if (!this.hasOnlyCrs) this.withCr = bytes[at] !== LineFeed
  }

  /** Whether a part of a line ends with a CR that may be the first half of a CRLF. */
  isHalf(part: Buffer | undefined): boolean {
    return this.withCr === true && part?.at(-1) === CarriageReturn
  }

  /** The index after the break of the first line; 0 where no line ends. */
  first(bytes: Buffer): number {
    const feed = bytes.indexOf(LineFeed)
    return (this.withCr === true ? firstOf(feed, bytes.indexOf(CarriageReturn)) : feed) + 1
  }

  /** The index after the break of the last whole line; 0 where no line ends. */
  last(bytes: Buffer): number {
    return this.withCr === true
      // An LF may follow a CR that is the very last byte.
      ? Math.max(bytes.lastIndexOf(LineFeed), bytes.subarray(0, -1).lastIndexOf(CarriageReturn)) + 1
      : bytes.lastIndexOf(LineFeed) + 1
  }

  /** Calls with each line and its break; the last may have none. */
  each(text: string, give: (line: string, lineBreak: string) => void): void {
    if (this.withCr === true) return eachWithCr(text, give)
    const lines = text.split("\n")
    const rest = lines.pop()!
    for (const line of lines) give(line, "\n")
    if (rest !== "") give(rest, "")
  }
}

const eachWithCr = (text: string, give: (line: string, lineBreak: string) => void): void => {
  const parts = text.split(/(\r\n?|\n)/)
  for (let i = 0; i < parts.length; i += 2) {
    if (parts[i] !== "" || i + 1 < parts.length) give(parts[i]!, parts[i + 1] ?? "")
  }
}

/** The lower of two indexes, where -1 is none. */
const firstOf = (a: number, b: number): number => a < 0 || b < 0 ? Math.max(a, b) : Math.min(a, b)
