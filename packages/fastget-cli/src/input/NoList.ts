/**
 * Recognizes by its first bytes an input that is no list (an archive, a workbook,
 * UTF-16 …) and says what to do about it in one sentence; else every line of it
 * would be a bad row. A list with some lines that are not UTF-8 is still a list.
 */
import * as FirstLine from "./FirstLine.js"

/** How bzip2 begins, by level: with a first block, or with the end at once. */
const bzip2 = Array.from({ length: 9 }, (_, level) => [`BZh${level + 1}1AY&SY`, `BZh${level + 1}\x17rE8P\x90`]).flat()

/** How binary files begin. A start with letters has other bytes after them, so that it is no word of a text. */
const signatures: ReadonlyArray<readonly [what: string, ...starts: ReadonlyArray<string>]> = [
  ["it is a zip archive or a workbook such as .xlsx; unpack it, or save it as CSV", "PK\x03\x04", "PK\x05\x06"],
  ["it is an old workbook or document of Office; save it as CSV", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["it is gzip in gzip; unpack it once", "\x1f\x8b"],
  ["it is bzip2; unpack it first", ...bzip2],
  ["it is zstd; unpack it first", "\x28\xb5\x2f\xfd"],
  ["it is xz; unpack it first", "\xfd7zXZ\0"],
  ["it is lzip; unpack it first", "LZIP\x01"],
  ["it is lz4; unpack it first", "\x04\x22\x4d\x18"],
  ["it is compressed (.Z); unpack it first", "\x1f\x9d", "\x1f\xa0"],
  ["it is a 7z archive; unpack it first", "7z\xbc\xaf\x27\x1c"],
  ["it is a rar archive; unpack it first", "Rar!\x1a\x07"],
  ["it is an SQLite database; export the rows as CSV", "SQLite format 3\0"],
  ["it is Parquet; export the rows as CSV or NDJSON", "PAR1\x15"],
  ["it is Avro; export the rows as NDJSON", "Obj\x01"],
  ["it is an image and no text", "\x89PNG\r", "\xff\xd8\xff"]
]

/** How files begin that are text and no list. */
const patterns: ReadonlyArray<readonly [what: string, start: RegExp]> = [
  ["it is PDF and no list", /^%PDF-\d/],
  ["it is RTF and no plain text", /^\{\\rtf\d/],
  ["it is HTML and no list", /^<(?:!doctype html|html)[\s>]/i],
  ["it is XML and no list", /^<\?xml\s/]
]

export const binary = "it is binary and no text"

const utf16 = "it is UTF-16; convert it to UTF-8"
const utf32 = "it is UTF-32; convert it to UTF-8"

/** Why an input can't be read, by its start, which has its first line unless that is too long; undefined for a list. */
export const problem = (start: Buffer): string | undefined => {
  const bytes = start.toString("latin1", 0, 64)
  // UTF-32 first: its byte order mark begins with that of UTF-16.
  if (bytes.startsWith("\xff\xfe\0\0") || bytes.startsWith("\0\0\xfe\xff")) return utf32
  if (bytes.startsWith("\xff\xfe") || bytes.startsWith("\xfe\xff")) return utf16
  const line = FirstLine.of(start)
  return signatures.find(([, ...starts]) => starts.some((text) => bytes.startsWith(text)))?.[0] ??
    patterns.find(([, pattern]) => pattern.test(line.toString("latin1", 0, 64)))?.[0] ??
    (isTar(start) ? "it is a tar archive; unpack it first" : undefined) ??
    (line.includes(0) ? wideText(start) ?? binary : undefined) ??
    json(line, start)
}

/** UTF-16 and UTF-32 without a byte order mark: most characters of a list are ASCII, whose other bytes are 0. */
const wideText = (start: Buffer): string | undefined => {
  const size = Math.min(start.length, 400)
  const zeros = [0, 0, 0, 0]
  for (let at = 0; at < size; at++) if (start[at] === 0) zeros[at % 4]!++
  const [a, b, c, d] = zeros.map((count) => count * 4 > size * 0.5) as [boolean, boolean, boolean, boolean]
  if (b && c && a !== d) return utf32
  return (a && c && !b && !d) || (b && d && !a && !c) ? utf16 : undefined
}

const isTar = (start: Buffer): boolean => start.toString("latin1", 257, 262) === "ustar"

const jsonAdvice = "not one object a line; convert it to NDJSON (with jq: .[])"

/** A JSON document, on one line or over many. */
const json = (line: Buffer, start: Buffer): string | undefined => {
  const next = afterLine(line, start)
  const text = line.toString("utf8").trim()
  if (text === "{") return /^["}]/.test(next) ? "it is a JSON object over several lines; make it one line" : undefined
  if (!text.startsWith("[")) return undefined
  // An array before rows of NDJSON is only a bad row.
  const isArray = isJson(text) ? !next.startsWith("{") : /^\[\s*(?:[{"]|$)/.test(text) || isJson(`${text}0]`)
  return isArray ? `it is a JSON array, ${jsonAdvice}` : undefined
}

/** Whether the next line is needed to tell a JSON document from a bad row of NDJSON. */
export const needsNextLine = (start: Buffer): boolean => {
  const line = FirstLine.of(start)
  const text = line.toString("utf8").trim()
  return afterLine(line, start) === "" && (text === "{" || (text.startsWith("[") && isJson(text)))
}

/** The character after the first line that is no white space; empty where there is none yet. */
const afterLine = (line: Buffer, start: Buffer): string => {
  const end = line.byteOffset - start.byteOffset + line.length
  return start.toString("utf8", end).trimStart().slice(0, 1)
}

const isJson = (text: string): boolean => {
  // A text that is no JSON is an expected answer, not an error.
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** How much of a text is looked at, in bytes. */
const looked = 8192

/** A function to be called with the pieces of a text, in order: true once so many control characters came that it is binary. */
export const binaryTest = (): (piece: Buffer) => boolean => {
  let size = 0
  let controls = 0
  return (piece) => {
    if (size >= looked) return false
    const part = piece.subarray(0, looked - size)
    size += part.length
    for (const byte of part) if (isControl(byte)) controls++
    // Random bytes have 10 % of them, text has none.
    return controls >= 8 && controls * 50 > size
  }
}

/** Control characters without white space and escape, which is in coloured text. */
const isControl = (byte: number): boolean => byte < 32 ? !(byte >= 7 && byte <= 13) && byte !== 27 : byte === 127
