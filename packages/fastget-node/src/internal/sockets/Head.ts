/**
 * The head of one answer as bytes: what of it can be known before it is parsed,
 * and how it is mended. `AnswerHeads` says which heads have to be, and why.
 */
const H = 0x48
const One = 0x31
const Four = 0x34
const LineFeed = 0x0a
const CarriageReturn = 0x0d

/** The most bytes of the headers of an answer, where no other number is asked for: as Node has it. */
export const defaultMaxHeaderBytes = 16_384

/** In place of any interim answer: the parser tells that there was one, and nobody reads its headers. */
export const interim = Buffer.from("HTTP/1.1 102 Processing\r\n\r\n", "latin1")

/** `HTTP/1.1 200` and what ends the status. */
const statusLength = 13

/** A name that undici does not know, and that no server sends. */
const mark = "!"

const framing = /(\n)(content-length|transfer-encoding)(?=:)/gi
const announcesBody = /\n(?:content-length: *0*[1-9]|transfer-encoding:)/i

/** Whether the bytes begin a head that goes on as it is; false where that takes a closer look. */
export const isOrdinary = (bytes: Buffer): boolean =>
  bytes.length >= statusLength && bytes[0] === H && bytes[9] !== One && bytes[11] !== Four

/** The parser skips line breaks before a head, too. */
export const withoutBreaks = (bytes: Buffer): Buffer => {
  let from = 0
  while (bytes[from] === CarriageReturn || bytes[from] === LineFeed) from++
  return from === 0 ? bytes : bytes.subarray(from)
}

/** Whether more has to come until the status is known; not so where no head begins. */
export const isTooShort = (bytes: Buffer): boolean => {
  if (bytes.length >= statusLength) return false
  const text = bytes.toString("latin1")
  return text.startsWith("HTTP/") || "HTTP/".startsWith(text)
}

export const statusOf = (bytes: Buffer): number | undefined => {
  const match = /^HTTP\/\d\.\d (\d{3})[ \r\n]/.exec(bytes.toString("latin1", 0, statusLength))
  return match === null ? undefined : Number(match[1])
}

/** 101 is none of them: what follows it is another protocol. */
export const hasNoBody = (status: number): boolean =>
  (status >= 100 && status < 200 && status !== 101) || status === 204 || status === 304

/** Where a head ends, or -1; of an interim one also where its lines end without a carriage return. */
export const endOf = (bytes: Buffer): number => {
  const match = /\r?\n\r?\n/.exec(bytes.toString("latin1"))
  return match === null ? -1 : match.index + match[0].length
}

/**
 * The bytes with a head, which ends at `end`, that tells the parser of no body any more; none if it told of none.
 * Undici 8 closes the connection of a 304 with a `Transfer-Encoding`.
 */
export const withoutFraming = (bytes: Buffer, end: number): Buffer | undefined => {
  const head = bytes.toString("latin1", 0, end)
  if (!announcesBody.test(head)) return undefined
  return Buffer.concat([Buffer.from(head.replace(framing, `$1${mark}$2`), "latin1"), bytes.subarray(end)])
}

/** The headers of a 204 or a 304 as the server sent them, before `withoutFraming`. */
export const restored = (rawHeaders: ReadonlyArray<Buffer>): ReadonlyArray<Buffer> =>
  rawHeaders.map((text, i) => i % 2 === 0 && text[0] === mark.charCodeAt(0) ? text.subarray(1) : text)
