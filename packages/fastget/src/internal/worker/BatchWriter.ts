/**
 * Collects the answers of a chunk into batches: whatever is complete leaves
 * together, soon. Answers come in one by one, packed batches go out.
 */
import type { Answer } from "../../Outcome.js"
import type { WireBatch } from "../wire/Batch.js"
import * as Batch from "../wire/Batch.js"
import type { Departures } from "./Departures.js"

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
 * A writer for a chunk of so many entries, whose batches leave with those of its
 * thread; what completes the chunk leaves at once.
 */
export const make = (entries: number, departures: Departures, send: (batch: WireBatch) => void): BatchWriter => {
  let answers: Array<readonly [index: number, answer: Answer]> = []
  let bytes = 0
  let waiting = entries
  let unfinished = entries
  const flush = (): number => {
    const count = answers.length
    if (count === 0 && waiting > 0) return 0
    const batch = Batch.pack(answers, waiting)
    answers = []
    bytes = 0
    send(batch)
    return count
  }
  const close = () => departures.remove(flush)
  const flushNow = () => {
    close()
    flush()
  }
  return {
    close,
    started: () => {
      if (--waiting === 0) departures.addSoon(flush)
    },
    add: (index: number, answer: Answer) => {
      answers.push([index, answer])
      bytes += answer.bytes
      if (--unfinished === 0 || bytes > batchBytes) flushNow()
      else departures.add(flush)
    },
    leaveOut: () => {
      if (--unfinished === 0) flushNow()
    }
  }
}
