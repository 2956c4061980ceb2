/**
 * Collects the answers of a chunk into batches: whatever is complete leaves
 * together, soon. Answers come in one by one, packed batches go out.
 */
import type { Answer } from "../../Outcome.js"
import type { WireBatch } from "../wire/Batch.js"
import * as Batch from "../wire/Batch.js"

/** How long, in milliseconds, a complete outcome waits for others to go with it. */
const batchWithin = 4

/** A batch that is this large, in bytes, leaves at once. */
const batchBytes = 1024 * 1024

export interface BatchWriter {
  readonly close: () => void
  /** An entry has got its connection. When all have, the library is told: it may send more. */
  readonly started: () => void
  readonly add: (index: number, answer: Answer) => void
  /** An entry goes back without an answer. */
  readonly leaveOut: () => void
}

/**
 * A writer for a chunk of so many entries. It keeps a timer of its own: an
 * Effect.sleep would cost a fiber for each batch.
 */
export const make = (entries: number, send: (batch: WireBatch) => void): BatchWriter => {
  let answers: Array<readonly [index: number, answer: Answer]> = []
  let bytes = 0
  let waiting = entries
  let unfinished = entries
  let timer: ReturnType<typeof setTimeout> | undefined
  const close = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const flush = () => {
    close()
    if (answers.length === 0 && waiting > 0) return
    const batch = Batch.pack(answers, waiting)
    answers = []
    bytes = 0
    send(batch)
  }
  const flushSoon = () => {
    timer ??= setTimeout(flush, batchWithin)
  }
  return {
    close,
    started: () => {
      if (--waiting === 0) flushSoon()
    },
    add: (index: number, answer: Answer) => {
      answers.push([index, answer])
      bytes += answer.bytes
      if (--unfinished === 0 || bytes > batchBytes) flush()
      else flushSoon()
    },
    leaveOut: () => {
      if (--unfinished === 0) flush()
    }
  }
}
