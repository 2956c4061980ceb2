/**
 * Answers on their way to the consumer's thread. Whatever is complete is packed
 * into one buffer, a fixed header for each answer and the bodies behind them,
 * which is transferred and not copied. `unpack` gives the answers again.
 */
import * as Json from "../../Json.js"
import type { Answer, AnswerResult } from "../../Outcome.js"
import type { Reason } from "../../Reason.js"

/** Answers in the form that crosses threads. */
export interface WireBatch {
  /** Entries of the chunk that have not been started yet. */
  readonly waiting: number
  readonly count: number
  /** `count` headers of `headerWords` 32-bit words each, then the bodies. */
  readonly buffer: ArrayBuffer
  /** Bodies that are large and have a buffer of their own: it is sent as it is. */
  readonly large: ReadonlyArray<ArrayBuffer>
  /** By index in the chunk: reasons, values, headers. Mostly empty. */
  readonly extras: ReadonlyArray<readonly [index: number, extra: Extra]>
  /** Whether its buffers were transferred, so that nobody else has them. */
  readonly moved?: true
}

interface Extra {
  readonly reason?: Reason
  readonly value?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

// The words of a header: index in the chunk, kind and status, attempts,
// elapsed microseconds, bytes on the wire, length of the body, units held.
const headerWords = 7
const kinds = ["Body", "Value", "Failure", "Large"] as const
const maxWord = 0xffffffff

/** From this size on, in bytes, a copy of a body costs more than a buffer of its own. */
const largeBytes = 64 * 1024

const kindOf = (result: AnswerResult): (typeof kinds)[number] =>
  result._tag === "Body" && result.body.length >= largeBytes && ownsBuffer(result.body) ? "Large" : result._tag

const ownsBuffer = (body: Uint8Array): body is Uint8Array<ArrayBuffer> =>
  body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength

const extraOf = (result: AnswerResult, headers: Answer["headers"]): Extra => ({
  ...(result._tag === "Value" ? { value: result.value } : undefined),
  ...(result._tag === "Failure" ? { reason: result.reason } : undefined),
  ...(headers === undefined ? undefined : { headers })
})

/** Packs answers. The buffers belong to the caller, who transfers them. */
export const pack = (answers: ReadonlyArray<readonly [index: number, answer: Answer]>, waiting: number): WireBatch => {
  const head = answers.length * headerWords
  let length = head * 4
  for (const [, { result }] of answers) {
    if (result._tag === "Body" && kindOf(result) === "Body") length += result.body.length
  }
  const buffer = new ArrayBuffer(length)
  const words = new Uint32Array(buffer, 0, head)
  const bytes = new Uint8Array(buffer)
  const large: Array<ArrayBuffer> = []
  const extras: Array<readonly [number, Extra]> = []
  let offset = head * 4
  let word = 0
  for (const [index, { attempts, bytes: received, elapsed, headers, held, result, status }] of answers) {
    words[word++] = index
    const kind = kindOf(result)
    words[word++] = kinds.indexOf(kind) << 16 | status
    words[word++] = attempts
    words[word++] = Math.min(maxWord, elapsed * 1000)
    words[word++] = Math.min(maxWord, received)
    words[word++] = result._tag === "Body" ? result.body.length : 0
    words[word++] = held
    if (result._tag === "Body") {
      if (kind === "Large") large.push(result.body.buffer as ArrayBuffer)
      else {
        bytes.set(result.body, offset)
        offset += result.body.length
      }
    }
    if (result._tag !== "Body" || headers !== undefined) extras.push([index, extraOf(result, headers)])
  }
  return { waiting, count: answers.length, buffer, large, extras }
}

/**
 * Unpacks a batch: calls back with each answer and its index in the chunk. A
 * body is a view of the batch's buffer.
 */
export const unpack = (batch: WireBatch, each: (index: number, answer: Answer) => void): void => {
  const head = batch.count * headerWords
  const words = new Uint32Array(batch.buffer, 0, head)
  const extras = batch.extras.length === 0 ? undefined : new Map(batch.extras)
  const start = head * 4
  const bodies = new PackedBodies(batch.buffer, start, batch.count)
  let offset = start
  let large = 0
  for (let word = 0; word < head; word += headerWords) {
    const index = words[word]!
    const kind = kinds[words[word + 1]! >>> 16]
    const length = words[word + 5]!
    const extra = extras?.get(index)
    const result: AnswerResult = kind === "Body"
      ? new PackedBody(bodies, offset, length)
      : kind === "Large"
      ? { _tag: "Body", body: new Uint8Array(batch.large[large++]!), ...(batch.moved === true ? ours : undefined) }
      : kind === "Value"
      ? { _tag: "Value", value: extra?.value }
      : { _tag: "Failure", reason: extra!.reason! }
    if (kind === "Body") offset += length
    each(index, {
      result,
      status: words[word + 1]! & 0xffff,
      headers: extra?.headers,
      attempts: words[word + 2]!,
      elapsed: words[word + 3]! / 1000,
      bytes: words[word + 4]!,
      held: words[word + 6]!
    })
  }
}

/** The same answers under other indices, which are written into its buffer. */
export const renumber = (batch: WireBatch, indexOf: (index: number) => number): WireBatch => {
  const head = batch.count * headerWords
  const words = new Uint32Array(batch.buffer, 0, head)
  for (let word = 0; word < head; word += headerWords) words[word] = indexOf(words[word]!)
  return { ...batch, extras: batch.extras.map(([index, extra]) => [indexOf(index), extra] as const) }
}

/** What the answers of a batch count for together while they wait for the consumer, in units of `SharedBytes`. */
export const heldBy = (batch: WireBatch): number => {
  const head = batch.count * headerWords
  const words = new Uint32Array(batch.buffer, 0, head)
  let held = 0
  for (let word = headerWords - 1; word < head; word += headerWords) held += words[word]!
  return held
}

const ours = { isOurs: true } as const

/** On average, bodies up to this size in bytes are made text together. */
const smallBody = 1024

/** The bodies of a batch. They stay bytes until the consumer takes one, because text would need more memory. */
class PackedBodies {
  private text: string | undefined
  private isRead: boolean

  constructor(readonly buffer: ArrayBuffer, private readonly start: number, count: number) {
    const length = buffer.byteLength - start
    this.isRead = length === 0 || length > count * smallBody
  }

  /**
   * The text of a small body, if all of the batch is ASCII: then an offset in the buffer is the same offset in one
   * text of all bodies, and a slice of that costs less than to decode each.
   */
  textOf(offset: number, length: number): string | undefined {
    if (!this.isRead) {
      this.isRead = true
      const bytes = new Uint8Array(this.buffer, this.start)
      const text = Json.decodeText(bytes)
      if (text._tag === "Right" && text.right.length === bytes.length) this.text = text.right
    }
    return this.text?.slice(offset - this.start, offset - this.start + length)
  }
}

/** A body in a batch. */
class PackedBody {
  readonly _tag = "Body"

  constructor(
    private readonly bodies: PackedBodies,
    private readonly offset: number,
    private readonly length: number
  ) {}

  get body(): Uint8Array {
    return new Uint8Array(this.bodies.buffer, this.offset, this.length)
  }

  get text(): string | undefined {
    return this.bodies.textOf(this.offset, this.length)
  }
}
