/**
 * Bytes in, lines of text out, with their numbers. A line ends with LF or CRLF.
 * A line that is not UTF-8 or too long is said to be bad, and the next one is
 * read.
 */
import * as Row from "./Row.js"

export interface Options {
  readonly line: (text: string, line: number) => void
  readonly bad: (line: number, problem: string) => void
  /** How many lines came before, in other files. */
  readonly linesBefore: number
}

export interface Splitter extends Row.Parser {
  /** Lines so far, with those before. */
  readonly lines: () => number
}

const LineFeed = 10

// A byte order mark is ours to drop, at the start of a file only.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const make = (options: Options): Splitter => {
  let lines = options.linesBefore
  /** The start of a line whose end has not come. */
  let parts: Array<Buffer> = []
  let size = 0
  let overlong = false

  const give = (text: string) => {
    lines++
    const from = lines === options.linesBefore + 1 && text.startsWith("\ufeff") ? 1 : 0
    const to = text.endsWith("\r") ? text.length - 1 : text.length
    options.line(from === 0 && to === text.length ? text : text.slice(from, to), lines)
  }

  const oneByOne = (whole: Buffer) => {
    for (let at = 0; at < whole.length;) {
      const end = whole.indexOf(LineFeed, at)
      const text = decode(whole.subarray(at, end < 0 ? whole.length : end))
      if (text === undefined) options.bad(++lines, Row.notUtf8)
      else give(text)
      at = end < 0 ? whole.length : end + 1
    }
  }

  /** Whole lines; the last may lack its line feed. */
  const giveAll = (whole: Buffer) => {
    const text = decode(whole)
    if (text === undefined) return oneByOne(whole)
    const each = text.split("\n")
    if (each[each.length - 1] === "") each.pop()
    for (const line of each) give(line)
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
    options.bad(++lines, Row.tooLong)
    overlong = false
    size = 0
  }

  return {
    lines: () => lines,
    push: (bytes) => {
      let from = 0
      if (overlong) {
        const end = bytes.indexOf(LineFeed)
        if (end < 0) return
        endOverlong()
        from = end + 1
      }
      const last = bytes.lastIndexOf(LineFeed)
      if (last >= from) {
        giveAll(takeKept(bytes.subarray(from, last + 1)))
        from = last + 1
      }
      // The bytes are the reader's, who reads into them again.
      keep(Buffer.from(bytes.subarray(from)))
    },
    end: () => {
      if (overlong) endOverlong()
      else if (size > 0) giveAll(takeKept(Buffer.alloc(0)))
    }
  }
}

const decode = (bytes: Buffer): string | undefined => {
  // Bad bytes are data here and not an error; a fiber for each chunk would only slow it down.
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
