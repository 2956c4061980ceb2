/**
 * Bytes in, lines of text out, with their numbers; `LineEnds` says where they
 * end. A line that is not UTF-8 or too long is reported as bad, and the next one
 * is read.
 */
import { LineEnds } from "./LineEnds.js"
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

const CarriageReturn = 13
const ByteOrderMark = 0xfeff

// The decoder would drop a byte order mark at the start of each piece; only that at the start of a file is one.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const anyBytes = new TextDecoder("utf-8", { ignoreBOM: true })

export const make = (options: Options): Splitter => {
  const splitter = new LineSplitter(options)
  return {
    lines: () => splitter.lines,
    push: (piece) => splitter.push(piece),
    end: () => splitter.end()
  }
}

class LineSplitter {
  lines: number
  private readonly lineEnds = new LineEnds()
  /** The start of a line whose end has not come. */
  private parts: Array<Buffer> = []
  private size = 0
  private isOverlong = false

  constructor(private readonly options: Options) {
    this.lines = options.linesBefore
  }

  push(piece: Buffer): void {
    this.lineEnds.learn(piece)
    // Whether a CR that came last is a whole line break is known only with the bytes after it.
    const bytes = this.lineEnds.isHalf(this.parts.at(-1)) ? this.takeKept(piece) : piece
    const from = this.skipOverlong(bytes)
    if (this.isOverlong) return
    const end = this.lineEnds.last(bytes)
    if (end > from) this.giveAll(this.takeKept(bytes.subarray(from, end)))
    // A copy: the source reads its next bytes into the same buffer.
    this.keep(Buffer.from(bytes.subarray(Math.max(from, end))))
  }

  end(): void {
    if (this.isOverlong) this.endOverlong()
    else if (this.size > 0) this.giveAll(this.takeKept(Buffer.alloc(0)))
  }

  /** Gives whole lines; the last may lack its break. */
  private giveAll(whole: Buffer): void {
    const text = decode(whole)
    if (text !== undefined) return this.lineEnds.each(text, this.give)
    // Latin 1 has a character for each byte, so that an index in it is an index in the bytes.
    let at = 0
    this.lineEnds.each(whole.toString("latin1"), (line, lineBreak) => {
      this.giveBytes(whole.subarray(at, at + line.length), lineBreak)
      at += line.length + lineBreak.length
    })
  }

  private readonly give = (text: string, lineBreak: string): void => {
    const line = ++this.lines
    const [from, to] = this.bounds(text)
    if (from === 0 && to === text.length) this.options.line(text, line, lineBreak)
    else this.options.line(text.slice(from, to), line, text.slice(to) + lineBreak)
  }

  private giveBytes(bytes: Buffer, lineBreak: string): void {
    const valid = decode(bytes)
    if (valid !== undefined) return this.give(valid, lineBreak)
    const line = ++this.lines
    const text = anyBytes.decode(bytes)
    const [from, to] = this.bounds(text)
    this.options.bad(line, Row.notUtf8, text.slice(from, to), text.slice(to) + lineBreak)
  }

  /**
   * Where the text of the current line begins and ends without the byte order
   * mark and the line break. CSV that Python wrote on Windows has several CRs before the LF.
   */
  private bounds(text: string): readonly [from: number, to: number] {
    const isFirst = this.lines === this.options.linesBefore + 1
    const from = isFirst && text.charCodeAt(0) === ByteOrderMark ? 1 : 0
    let to = text.length
    while (to > from && text.charCodeAt(to - 1) === CarriageReturn) to--
    return [from, to]
  }

  private keep(part: Buffer): void {
    this.size += part.length
    if (this.size > Row.longest) {
      this.isOverlong = true
      this.parts = []
    } else if (part.length > 0) this.parts.push(part)
  }

  private takeKept(part: Buffer): Buffer {
    const whole = this.parts.length === 0 ? part : Buffer.concat([...this.parts, part])
    this.forget()
    return whole
  }

  private forget(): void {
    this.parts = []
    this.size = 0
  }

  /** Ends the line that was kept, if these bytes make it too long; how many of them belong to it. */
  private skipOverlong(bytes: Buffer): number {
    const end = this.isOverlong || this.size > 0 ? this.lineEnds.first(bytes) : 0
    if (end === 0 || (!this.isOverlong && this.size + end - 1 <= Row.longest)) return 0
    this.endOverlong()
    return end
  }

  private endOverlong(): void {
    this.options.bad(++this.lines, Row.tooLong, undefined, "")
    this.isOverlong = false
    this.forget()
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
