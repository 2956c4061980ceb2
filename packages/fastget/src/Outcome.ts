/**
 * What goes out, and its form on the wire. In a worker a `BatchWriter` collects
 * answers and packs whatever is complete into a `WireBatch`: one buffer with a
 * fixed header per outcome and the bodies behind it, which is transferred and
 * not copied. On the main thread `unpack` gives the answers again.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { FetchError, Reason } from "./FetchError.js"
import * as Json from "./Json.js"
import * as Discard from "./platform/Discard.js"

/**
 * How a body is wanted.
 *
 * @since 0.1.0
 * @category models
 */
export type As = "json" | "text" | "bytes"

/**
 * Everything known about one entry when it is done. `status` and `headers` are
 * of the last answer, if there was one (lines of a list are joined with commas,
 * those of Set-Cookie and of what is no list with line feeds); `bytes` counts the body as it came over
 * the wire; `attempts` the requests made; `elapsed` runs from the first of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outcome<out Id, out A> {
  readonly id: Id
  /** As it was given, so not redacted. */
  readonly url: string
  readonly result: Either.Either<A, FetchError<Id>>
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
  readonly attempts: number
  readonly elapsed: Duration.Duration
}

/**
 * What a worker found out about one entry.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly result: AnswerResult
  readonly status: number
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly bytes: number
  readonly attempts: number
  /** In milliseconds. */
  readonly elapsed: number
  /** What it counts for while it waits for the consumer, in units of `SharedBytes`. */
  readonly held: number
}

/**
 * A body still in bytes (with its text, where that is known), a value made by a worker's own `decode`, or why there
 * is neither.
 *
 * @since 0.1.0
 * @category models
 */
export type AnswerResult =
  | {
    readonly _tag: "Body"
    readonly body: Uint8Array
    readonly text?: string | undefined
    /** Whether nobody else has its buffer, so that it goes when a text was made of it. */
    readonly isOurs?: true
  }
  | { readonly _tag: "Value"; readonly value: unknown }
  | { readonly _tag: "Failure"; readonly reason: Reason }

/**
 * Outcomes on their way to the main thread.
 *
 * @since 0.1.0
 * @category wire
 */
export interface WireBatch {
  /** Entries of the chunk that have not been started yet. */
  readonly waiting: number
  readonly count: number
  /** `count` headers of `headerWords` 32-bit words each, then the bodies. */
  readonly buffer: ArrayBuffer
  /** Bodies that are large and have a buffer of their own: it is sent as it is. */
  readonly large: ReadonlyArray<ArrayBuffer>
  /** By place in the chunk: reasons, values, headers. Mostly empty. */
  readonly extras: ReadonlyArray<readonly [index: number, extra: Extra]>
  /** Whether its buffers were transferred, so that nobody else has them. */
  readonly moved?: true
}

interface Extra {
  readonly reason?: Reason
  readonly value?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

// The words of a header: place in the chunk, kind and status, attempts,
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

/**
 * Packs answers. The buffers belong to the caller, who transfers them.
 *
 * @since 0.1.0
 * @category wire
 */
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
      if (kind === "Large") {
        large.push(result.body.buffer as ArrayBuffer)
      } else {
        bytes.set(result.body, offset)
        offset += result.body.length
      }
    }
    if (result._tag !== "Body" || headers !== undefined) {
      extras.push([index, {
        ...(result._tag === "Value" ? { value: result.value } : undefined),
        ...(result._tag === "Failure" ? { reason: result.reason } : undefined),
        ...(headers === undefined ? undefined : { headers })
      }])
    }
  }
  return { waiting, count: answers.length, buffer, large, extras }
}

/**
 * Unpacks a batch: calls back with each answer and its place in the chunk. A
 * body is a view of the batch's buffer.
 *
 * @since 0.1.0
 * @category wire
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

const ours = { isOurs: true } as const

/** On average, bodies up to this size in bytes are made text together. */
const smallBody = 1024

/** The bodies of a batch. Nothing is made of them before the consumer takes one: what waits is bytes. */
class PackedBodies {
  private text: string | undefined
  private isRead: boolean

  constructor(readonly buffer: ArrayBuffer, private readonly start: number, count: number) {
    const length = buffer.byteLength - start
    this.isRead = length === 0 || length > count * smallBody
  }

  /**
   * The text of a small body, if all of the batch is ASCII: then places in one text for all of them are places in the
   * buffer, and a slice of it costs less than to decode each.
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

/**
 * The value of an answer in the form that was asked for.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (result: AnswerResult, as: As): Either.Either<unknown, Reason> => {
  switch (result._tag) {
    case "Failure":
      return Either.left(result.reason)
    case "Value":
      return Either.right(result.value)
    case "Body": {
      // An empty body gets here only where emptyBody is "null".
      if (as === "json") {
        return result.body.length === 0
          ? Either.right(null)
          : Either.flatMap(textOf(result), Json.parse)
      }
      if (as === "text") return textOf(result)
      // A copy, so that a small body does not keep its whole batch alive.
      return Either.right(ownsBuffer(result.body) ? result.body : result.body.slice())
    }
  }
}

const textOf = (result: Extract<AnswerResult, { readonly _tag: "Body" }>): Either.Either<string, Reason> => {
  if (result.text !== undefined) return Either.right(result.text)
  const text = Json.decodeText(result.body)
  if (result.isOurs === true) Discard.buffers([result.body.buffer as ArrayBuffer])
  return text
}

/**
 * Refuses a body of JSON that is nested too deep. For a worker to ask, before
 * the body goes to the main thread, which parses it unasked.
 *
 * @since 0.1.0
 * @category decoding
 */
export const refuseDeep = (answer: Answer): Answer => {
  const tooDeep = answer.result._tag === "Body" ? Json.checkDepth(answer.result.body) : undefined
  return tooDeep === undefined ? answer : { ...answer, result: { _tag: "Failure", reason: tooDeep } }
}

/**
 * An answer that no attempt was made for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unanswered = (reason: Reason): Answer => ({
  result: { _tag: "Failure", reason },
  status: 0,
  headers: undefined,
  bytes: 0,
  attempts: 0,
  elapsed: 0,
  held: 0
})
