/**
 * The body of an answer while it comes in. Parts go in, one buffer comes out. A
 * large body whose length is known goes straight into a buffer of that length,
 * and its parts are freed at once: a thread would hold twice what it has
 * received, and its allocator would keep that. See
 * docs/decisions/0015-buffered-bytes.md.
 */
import * as Discard from "fastget/platform/Discard"

/** From this size on, in bytes, a body or a part of one is worth freeing at once. */
const largeBody = 65_536
const largePart = 16_384

/**
 * A buffer of the length that the headers tell is made when an eighth of the body is there, so that a false header costs
 * at most eight times the memory of what was sent.
 */
const mostAhead = 8

/**
 * The parts of a body that came in more than one. A part that is all of its
 * buffer is freed when the next one is there: undici has done with it then.
 */
export class BodyParts {
  private parts: Array<Buffer>
  private bytes: number
  private whole: Buffer | undefined
  private last: Buffer | undefined

  /** `length` is what the headers say of the body's. */
  constructor(first: Buffer, private readonly length: number | undefined) {
    this.parts = [first]
    this.bytes = first.length
  }

  add(part: Buffer): void {
    const begin = this.bytes
    this.bytes += part.length
    if (this.whole === undefined) {
      this.parts.push(part)
      if (this.bytes > largeBody) this.makeWhole()
    } else if (this.bytes <= this.whole.length) {
      this.whole.set(part, begin)
      if (this.last !== undefined) discard([this.last])
    } else {
      // Longer than the headers told. Undici makes an error of it, if it is one.
      this.parts = [this.whole.subarray(0, begin), part]
      this.whole = undefined
    }
    this.last = part
  }

  /** All of them as one. Nothing is to be added any more. */
  join(): Uint8Array {
    if (this.whole !== undefined) return this.whole.subarray(0, this.bytes)
    const whole = Buffer.concat(this.parts, this.bytes)
    if (this.bytes > largeBody) discard(this.parts.slice(0, -1))
    return whole
  }

  private makeWhole(): void {
    const { length } = this
    if (length === undefined || !Number.isInteger(length) || length < this.bytes || length > this.bytes * mostAhead) {
      return
    }
    this.whole = Buffer.allocUnsafeSlow(length)
    let offset = 0
    for (const part of this.parts) {
      this.whole.set(part, offset)
      offset += part.length
    }
    discard(this.parts.slice(0, -1))
    this.parts = []
  }
}

/** Frees parts. What lies in a buffer with something else, headers above all, may still be read there. */
const discard = (parts: ReadonlyArray<Buffer>): void => {
  const unneeded: Array<ArrayBuffer> = []
  for (const { buffer, length } of parts) {
    if (length >= largePart && length === buffer.byteLength) unneeded.push(buffer as ArrayBuffer)
  }
  if (unneeded.length > 0) Discard.buffers(unneeded)
}
