/**
 * What goes out: everything known about an entry, and what a worker found out
 * about it, whose body is decoded when the consumer takes it.
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
      return Either.right(result.body.byteLength === result.body.buffer.byteLength ? result.body : result.body.slice())
    }
  }
}

const textOf = (result: Extract<AnswerResult, { readonly _tag: "Body" }>): Either.Either<string, Reason> => {
  if (result.text !== undefined) return Either.right(result.text)
  const text = Json.decodeText(result.body)
  if (result.isOurs === true) Discard.buffers([result.body.buffer as ArrayBuffer])
  return text
}
