/**
 * Bytes in, lines of text out, with their numbers. A line ends with LF or CRLF;
 * in a file whose first line ends with a CR alone, as old Macs wrote it, with a
 * CR as well. Elsewhere such a CR is a character. A line that is not UTF-8 or
 * too long is said to be bad, and the next one is read.
 */
import * as Row from "./Row.js"

export interface Options {
  /** A line, and the line break after it: a field in quotes keeps it as it is. */
  readonly line: (text: string, line: number, lineBreak: string) => void
  /** A line that can't be read. Its text has a replacement for each wrong byte; undefined where it is too long. */
  readonly bad: (line: number, problem: string, text: string | undefined, lineBreak: string) => void
  /** How many lines came before, in other files. */
  readonly linesBefore: number
}

export interface Splitter extends Row.Parser {
  /** Lines so far, with those before. */
  readonly lines: () => number
}

const LineFeed = 10
const CarriageReturn = 13

// A byte order mark is ours to drop, at the start of a file only.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const anyBytes = new TextDecoder("utf-8", { ignoreBOM: true })

export const make = (options: Options): Splitter => {
  const lineEnds = lineEndsOf()
  let lines = options.linesBefore
  /** The start of a line whose end has not come. */
  let parts: Array<Buffer> = []
  let size = 0
  let overlong = false

  /** Where a line begins and ends without the mark and the break. More than one CR before LF: CSV of Python on Windows. */
  const bounds = (text: string): readonly [from: number, to: number] => {
    const from = lines === options.linesBefore + 1 && text.charCodeAt(0) === 0xfeff ? 1 : 0
    let to = text.length
    while (to > from && text.charCodeAt(to - 1) === CarriageReturn) to--
    return [from, to]
  }

  const give = (text: string, lineBreak: string) => {
    lines++
    const [from, to] = bounds(text)
    if (from === 0 && to === text.length) options.line(text, lines, lineBreak)
    else options.line(text.slice(from, to), lines, text.slice(to) + lineBreak)
  }

  const giveBytes = (bytes: Buffer, lineBreak: string) => {
    const valid = decode(bytes)
    if (valid !== undefined) return give(valid, lineBreak)
    lines++
    const text = anyBytes.decode(bytes)
    const [from, to] = bounds(text)
    options.bad(lines, Row.notUtf8, text.slice(from, to), text.slice(to) + lineBreak)
  }

  /** Whole lines; the last may lack its break. */
  const giveAll = (whole: Buffer) => {
    const text = decode(whole)
    if (text !== undefined) return lineEnds.each(text, give)
    // Latin 1 has a character for each byte, so that places in it are places in the bytes.
    let at = 0
    lineEnds.each(whole.toString("latin1"), (line, lineBreak) => {
      giveBytes(whole.subarray(at, at + line.length), lineBreak)
      at += line.length + lineBreak.length
    })
  }

  const keep = (part: Buffer) => {
    size += part.length
    if (size > Row.longest) {
      overlong = true
      parts = []
    } else if (part.length > 0) parts.push(part)
  }

  const takeKept = (part: Buffer): Buffer => {
    const whole = parts.length === 0 ? part : Buffer.concat([...parts, part])
    parts = []
    size = 0
    return whole
  }

  const endOverlong = () => {
    options.bad(++lines, Row.tooLong, undefined, "")
    overlong = false
    parts = []
    size = 0
  }

  /** Ends the line that was kept, if these bytes make it too long; how many of them belong to it. */
  const skipOverlong = (bytes: Buffer): number => {
    const end = overlong || size > 0 ? lineEnds.first(bytes) : 0
    if (end === 0 || (!overlong && size + end - 1 <= Row.longest)) return 0
    endOverlong()
    return end
  }

  return {
    lines: () => lines,
    push: (piece) => {
      lineEnds.learn(piece)
      // A CR that came last is a line break, or the first half of one.
      const bytes = lineEnds.isHalf(parts.at(-1)) ? takeKept(piece) : piece
      const from = skipOverlong(bytes)
      if (overlong) return
      const end = lineEnds.last(bytes)
      if (end > from) giveAll(takeKept(bytes.subarray(from, end)))
      // The bytes are the reader's, who reads into them again.
      keep(Buffer.from(bytes.subarray(Math.max(from, end))))
    },
    end: () => {
      if (overlong) endOverlong()
      else if (size > 0) giveAll(takeKept(Buffer.alloc(0)))
    }
  }
}

/** How the lines of a file end, which its first line break tells. */
const lineEndsOf = () => {
  let withCr: boolean | undefined
  /** Nothing but CRs has come since the first line. */
  let undecided = false

  const last = (bytes: Buffer): number =>
    withCr === true
      // What follows the very last byte is not known.
      ? Math.max(bytes.lastIndexOf(LineFeed), bytes.subarray(0, -1).lastIndexOf(CarriageReturn)) + 1
      : bytes.lastIndexOf(LineFeed) + 1

  return {
    learn: (bytes: Buffer): void => {
      if (withCr !== undefined || bytes.length === 0) return
      let at = undecided ? 0 : firstOf(bytes.indexOf(LineFeed), bytes.indexOf(CarriageReturn))
      if (at < 0) return
      while (bytes[at] === CarriageReturn) at++
      undecided = at === bytes.length
      if (!undecided) withCr = bytes[at] !== LineFeed
    },
    /** Whether a part ends with what may be half of a line break. */
    isHalf: (part: Buffer | undefined): boolean => withCr === true && part?.at(-1) === CarriageReturn,
    /** Where the first line ends, after its break; 0 where it does not. */
    first: (bytes: Buffer): number => {
      const feed = bytes.indexOf(LineFeed)
      return (withCr === true ? firstOf(feed, bytes.indexOf(CarriageReturn)) : feed) + 1
    },
    /** Where the last whole line ends, after its break; 0 where none does. */
    last,
    /** Calls with each line and its break; the last may have none. */
    each: (text: string, give: (line: string, lineBreak: string) => void): void => {
      if (withCr === true) {
        const each = text.split(/(\r\n?|\n)/)
        for (let i = 0; i < each.length; i += 2) {
          if (each[i] !== "" || i + 1 < each.length) give(each[i]!, each[i + 1] ?? "")
        }
        return
      }
      const each = text.split("\n")
      const rest = each.pop()!
      for (const line of each) give(line, "\n")
      if (rest !== "") give(rest, "")
    }
  }
}

/** The lower of two places, where -1 is none. */
const firstOf = (a: number, b: number): number => a < 0 || b < 0 ? Math.max(a, b) : Math.min(a, b)

const decode = (bytes: Buffer): string | undefined => {
  // Bad bytes are data here and not an error; a fiber for each chunk would only slow it down.
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
