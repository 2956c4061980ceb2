/**
 * The heads of answers, mended before undici's parser gets them. The parser
 * takes a `100 Continue` that nobody asked for to be an error, ends a connection
 * after an interim answer that says `close`, and expects a body after a 204 or a
 * 304 that tells the length of one, though these never have a body. A socket
 * comes in; what it reads goes on to its reader, with these heads in a form that
 * the parser takes. What a head is mended to says `Head`. An end that was a reset
 * goes on as an error.
 */
import type { Socket } from "node:net"
import * as Head from "./Head.js"
import * as PeerReset from "./PeerReset.js"

type Write = (
  chunk: string | Uint8Array,
  encoding?: BufferEncoding,
  callback?: (error?: Error | null) => void
) => boolean

const strayBody = () => Object.assign(new Error("a body came after an answer that has none"), { code: "ECONNRESET" })

export interface AnswerHeads {
  /** Whether the beginning of an answer has come that the parser has not seen yet. */
  readonly isHolding: () => boolean
}

/**
 * Mends the heads that come over a socket. A head that needs it is held until it
 * is whole, or longer than `most` bytes; of all others three bytes are looked at.
 */
export const mend = (socket: Socket, most: number): AnswerHeads => new Mender(socket, most)

class Mender implements AnswerHeads {
  private readonly push: (chunk: Buffer | null) => boolean
  /** Whether an answer is due: since the request was written, and until its last head was seen. */
  private isDue = true
  private held: Buffer | undefined
  /** Whether the last answer announced a body that it may not have. */
  private isClaimed = false

  constructor(private readonly socket: Socket, private readonly most: number) {
    this.push = socket.push.bind(socket)
    const write: Write = socket.write.bind(socket)
    const ask: Write = (chunk, encoding, callback) => {
      this.isDue = true
      return write(chunk, encoding, callback)
    }
    socket.write = ask as typeof socket.write
    socket.push = (chunk: Buffer | null) => this.read(chunk)
  }

  readonly isHolding = (): boolean => this.held !== undefined

  /** Takes what the socket has read. Says whether it may read on, as `push` does. */
  private read(chunk: Buffer | null): boolean {
    const { held } = this
    if (chunk === null && PeerReset.isReset(this.socket)) {
      this.socket.destroy(PeerReset.error())
      return false
    }
    if (!this.isDue || (held === undefined && !this.isClaimed && chunk !== null && Head.isOrdinary(chunk))) {
      this.isDue = false
      return this.push(chunk)
    }
    this.held = undefined
    if (chunk !== null) return this.look(held === undefined ? chunk : Buffer.concat([held, chunk]))
    if (held !== undefined) this.push(held)
    return this.push(null)
  }

  /** Passes on all heads that `bytes` begin with, or holds the last of them until more has come. */
  private look(bytes: Buffer): boolean {
    for (let rest = Head.withoutBreaks(bytes);;) {
      if (Head.isTooShort(rest)) return this.hold(rest)
      const status = Head.statusOf(rest)
      if (this.isClaimed && status === undefined) {
        // What the parser would take for the next answer. That request is sent again over another connection.
        this.socket.destroy(strayBody())
        return false
      }
      this.isClaimed = false
      if (status === undefined || !Head.hasNoBody(status)) return this.release(rest)
      const end = Head.endOf(rest)
      if (end < 0) return rest.length > this.most ? this.release(rest) : this.hold(rest)
      if (status >= 200) return this.releaseWithoutBody(rest, end)
      this.push(Head.interim)
      rest = Head.withoutBreaks(rest.subarray(end))
    }
  }

  private hold(bytes: Buffer): boolean {
    this.held = bytes.length === 0 ? undefined : bytes
    return true
  }

  private release(bytes: Buffer): boolean {
    this.isDue = false
    return this.push(bytes)
  }

  private releaseWithoutBody(bytes: Buffer, end: number): boolean {
    const mended = Head.withoutFraming(bytes, end)
    this.isClaimed = mended !== undefined
    return this.release(mended ?? bytes)
  }
}
