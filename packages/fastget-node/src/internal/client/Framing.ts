/**
 * What the headers of an answer say of its body before it comes: that it is
 * larger than it may be, or that its bytes would be coded. Raw headers come in,
 * the reason not to read on goes out.
 */
import type { Reason } from "fastget/FetchError"
import * as BodyCoding from "fastget/platform/BodyCoding"

/**
 * Why the body need not be read, if it need not. One look at the headers of each
 * answer; nothing is made of those that don't matter here.
 */
export const faultOf = (rawHeaders: ReadonlyArray<Buffer>, maxBodyBytes: number): Reason | undefined => {
  let transfer: string | undefined
  let isTooLarge = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    // Most names are not as long as either of these.
    if (name.length === 14) {
      if (is(name, contentLength)) isTooLarge ||= lengthOf(rawHeaders[i + 1]!) > maxBodyBytes
    } else if (name.length === 17 && is(name, transferEncoding)) {
      const value = text(rawHeaders[i + 1]!)
      transfer = transfer === undefined ? value : `${transfer}, ${value}`
    }
  }
  if (transfer !== undefined && transfer !== "chunked" && !BodyCoding.isPlainTransfer(transfer)) {
    return { _tag: "Protocol", detail: BodyCoding.refusedTransfer(transfer) }
  }
  return isTooLarge ? { _tag: "TooLarge", limit: maxBodyBytes, of: "wire" } : undefined
}

/**
 * Whether the headers announce a body, whatever the status.
 */
export const announcesBody = (rawHeaders: ReadonlyArray<Buffer>): boolean => {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 14 && is(name, contentLength) && lengthOf(rawHeaders[i + 1]!) > 0) return true
    if (name.length === 17 && is(name, transferEncoding)) return true
  }
  return false
}

const text = (bytes: Buffer): string => bytes.toString("latin1")

const contentLength = Buffer.from("content-length")
const transferEncoding = Buffer.from("transfer-encoding")

// Byte by byte, because this is asked of each answer: a string made of each name takes ten times as long, half a
// microsecond for the headers of nginx.
const is = (name: Buffer, lowerCase: Buffer): boolean => {
  for (let i = 0; i < lowerCase.length; i++) if ((name[i]! | 0x20) !== lowerCase[i]) return false
  return true
}

/** The parser has made sure that it is a number. */
const lengthOf = (digits: Buffer): number => {
  let length = 0
  for (let i = 0; i < digits.length && digits[i]! >= 0x30 && digits[i]! <= 0x39; i++) {
    length = length * 10 + digits[i]! - 0x30
  }
  return length
}
