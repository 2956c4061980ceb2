/** The input of a case: an iterable or a stream that may fail, and what it saw of its reader. */
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Entry } from "fastget/Entry"
import type { Case } from "./LawCase.js"

/** The input's own failure. */
export class InputFailure extends Data.TaggedError("InputFailure") {}

/** Ids are compared by identity. */
export interface Id {
  readonly id: number
}

export interface LawInput {
  readonly entries: Stream.Stream<Entry<Id>, InputFailure> | Iterable<Entry<Id>>
  readonly taken: () => number
  /** Whether the input knows that nobody reads it any more. */
  readonly closed: () => boolean
}

export const make = (
  { entries, input }: Case,
  entryOf: (key: number) => Entry<Id>,
  onTaken: () => void
): LawInput => {
  const end = Math.min(entries.length, input.failsAfter ?? Infinity)
  const fails = input.failsAfter !== undefined && input.failsAfter <= entries.length
  let taken = 0
  let closed = false
  const take = (): Entry<Id> => {
    const entry = entryOf(taken++)
    onTaken()
    return entry
  }

  const iterator: Iterator<Entry<Id>> = {
    next: () => {
      if (taken < end) return { done: false, value: take() }
      closed = true
      if (fails) throw new InputFailure()
      return { done: true, value: undefined }
    },
    return: () => {
      closed = true
      return { done: true, value: undefined }
    }
  }

  const pull = Effect.suspend(() => {
    if (taken === end) return Effect.fail(fails ? Option.some(new InputFailure()) : Option.none())
    return Effect.succeed(Chunk.fromIterable(Array.from({ length: Math.min(input.chunk, end - taken) }, take)))
  })
  const stream = Stream.ensuring(
    Stream.repeatEffectChunkOption(pull),
    Effect.sync(() => {
      closed = true
    })
  )

  return {
    entries: input.form === "iterable" ? { [Symbol.iterator]: () => iterator } : stream,
    taken: () => taken,
    closed: () => closed
  }
}
