/**
 * The heads of answers, mended before undici's parser gets them. It takes an
 * unasked `100 Continue` for an error, ends a connection after an interim answer
 * that says `close`, and holds a 204 or a 304 to the length of a body that these
 * have not. A socket comes in; what it reads goes on to its reader, with these
 * heads in a form that the parser takes.
 *
 * @since 0.1.0
 */
import type { Socket } from "node:net"

const H = 0x48
const One = 0x31
const Four = 0x34
const LineFeed = 0x0a
const CarriageReturn = 0x0d

type Write = (
  chunk: string | Uint8Array,
  encoding?: BufferEncoding,
  callback?: (error?: Error | null) => void
) => boolean

/** In place of any interim answer: the parser tells that there was one, and nobody reads its headers. */
const interim = Buffer.from("HTTP/1.1 102 Processing\r\n\r\n", "latin1")

/** `HTTP/1.1 200` and what ends the status. */
const statusLength = 13

const strayBody = () => Object.assign(new Error("a body came after an answer that has none"), { code: "ECONNRESET" })

/**
 * @since 0.1.0
 * @category models
 */
export interface AnswerHeads {
  /** Whether the beginning of an answer has come that the parser has not seen yet. */
  readonly isHolding: () => boolean
}

/**
 * Mends the heads that come over a socket. A head that needs it is held until it
 * is whole, or longer than `most` bytes; of all others three bytes are looked at.
 *
 * @since 0.1.0
 * @category constructors
 */
export const mend = (socket: Socket, most: number): AnswerHeads => {
  const push = socket.push.bind(socket)
  const write: Write = socket.write.bind(socket)
  /** Whether an answer is due: since the request was written, and until its last head was seen. */
  let due = true
  let held: Buffer | undefined
  /** Whether the last answer announced a body that it may not have. */
  let claimed = false

  const hold = (bytes: Buffer): boolean => {
    held = bytes.length === 0 ? undefined : bytes
    return true
  }

  const release = (bytes: Buffer): boolean => {
    due = false
    return push(bytes)
  }

  const withoutBody = (bytes: Buffer, end: number): boolean => {
    const head = bytes.toString("latin1", 0, end)
    claimed = announcesBody.test(head)
    if (!claimed) return release(bytes)
    return release(
      Buffer.concat([Buffer.from(head.replace(contentLength, `$1${mark}$2`), "latin1"), bytes.subarray(end)])
    )
  }

  const look = (bytes: Buffer): boolean => {
    for (let rest = withoutBreaks(bytes);;) {
      if (rest.length < statusLength && begins(rest)) return hold(rest)
      const status = statusOf(rest)
      if (claimed && status === undefined) {
        // What the parser would take for the next answer. That request is sent again over another connection.
        socket.destroy(strayBody())
        return false
      }
      claimed = false
      if (status === undefined || !hasNoBody(status)) return release(rest)
      const end = endOfHead(rest)
      if (end < 0) return rest.length > most ? release(rest) : hold(rest)
      if (status >= 200) return withoutBody(rest, end)
      push(interim)
      rest = withoutBreaks(rest.subarray(end))
    }
  }

  const ask: Write = (chunk, encoding, callback) => {
    due = true
    return write(chunk, encoding, callback)
  }
  socket.write = ask as typeof socket.write

  socket.push = (chunk: Buffer | null) => {
    if (!due || (held === undefined && !claimed && chunk !== null && isOrdinary(chunk))) {
      due = false
      return push(chunk)
    }
    const before = held
    held = undefined
    if (chunk !== null) return look(before === undefined ? chunk : Buffer.concat([before, chunk]))
    if (before !== undefined) push(before)
    return push(null)
  }

  return { isHolding: () => held !== undefined }
}

/** A name that undici does not know, and that no server sends. */
const mark = "!"

const contentLength = /(\n)(content-length)(?=:)/gi
const announcesBody = /\n(?:content-length: *0*[1-9]|transfer-encoding:)/i

/**
 * The headers of a 204 or a 304 as the server sent them.
 *
 * @since 0.1.0
 * @category conversions
 */
export const restored = (rawHeaders: ReadonlyArray<Buffer>): ReadonlyArray<Buffer> =>
  rawHeaders.map((text, i) => i % 2 === 0 && text[0] === mark.charCodeAt(0) ? text.subarray(1) : text)

/** Whether the bytes begin a head that goes on as it is; false where that takes a closer look. */
const isOrdinary = (bytes: Buffer): boolean =>
  bytes.length >= statusLength && bytes[0] === H && bytes[9] !== One && bytes[11] !== Four

/** The parser skips line breaks before a head, too. */
const withoutBreaks = (bytes: Buffer): Buffer => {
  let from = 0
  while (bytes[from] === CarriageReturn || bytes[from] === LineFeed) from++
  return from === 0 ? bytes : bytes.subarray(from)
}

const begins = (bytes: Buffer): boolean => {
  const text = bytes.toString("latin1")
  return text.startsWith("HTTP/") || "HTTP/".startsWith(text)
}

const statusOf = (bytes: Buffer): number | undefined => {
  const match = /^HTTP\/\d\.\d (\d{3})[ \r\n]/.exec(bytes.toString("latin1", 0, statusLength))
  return match === null ? undefined : Number(match[1])
}

/** 101 is none of them: what follows it is another protocol. */
const hasNoBody = (status: number): boolean =>
  (status >= 100 && status < 200 && status !== 101) || status === 204 || status === 304

/** Where a head ends; of an interim one also where its lines end without a carriage return. */
const endOfHead = (bytes: Buffer): number => {
  const match = /\r?\n\r?\n/.exec(bytes.toString("latin1"))
  return match === null ? -1 : match.index + match[0].length
}
