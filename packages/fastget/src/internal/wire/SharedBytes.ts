/**
 * The bytes of a run: bodies its workers have received and its consumer has not
 * taken, wherever they are, and for each that is under way as much as is to be
 * expected. Workers add to the count and look whether it is spent, the
 * consumer's side takes from it. It lies in memory that the threads share, so it
 * is true at any moment and no message is needed for it. One for each run. The
 * bytes of a run that is drained (`RunSignal`) count as spent, so that no request
 * of it begins. See docs/decisions/0015-buffered-bytes.md and 0019-drained-runs.md.
 */
import type { Settings } from "../../FastGetConfig.js"
import type { Answer, AnswerResult } from "../../Outcome.js"
import * as Discard from "../../platform/Discard.js"
import * as ValueSize from "../base/ValueSize.js"
import * as RunSignal from "./RunSignal.js"

/** A run's count, as its chunks take it along. The numbers are in units. */
export interface Wire {
  /** What is held, over all workers; what the next body is expected to be; the limit of the first; and the `RunSignal`. */
  readonly held: Int32Array
  /** What this chunk has added in all; only its worker writes it. It says what is lost with a worker. */
  readonly added: Int32Array
}

/** The count on the consumer's side. */
export interface SharedBytes {
  readonly isSpent: () => boolean
  /** From now on, and for ever, the count is spent: no request of the run begins. */
  readonly drain: () => void
  readonly isDrained: () => boolean
  /** What is held, in units. */
  readonly held: () => number
  /** What one more chunk takes along. */
  readonly chunk: () => Wire
  readonly take: (units: number) => void
  /** Calls back when the count is not spent any more, until the returned function is called. */
  readonly onFree: (listener: () => void) => () => void
}

/** The count in a worker, for one chunk. */
export interface Share {
  /** The stream's number. */
  readonly runId: number
  /** Its own rate at each origin, where it is lower than that of its layer. */
  readonly rate?: Settings["rate"]
  readonly isSpent: () => boolean
  readonly isDrained: () => boolean
  /** A request begins: counts what its body is expected to be, and returns that for `end`. */
  readonly begin: () => number
  /** Its body is there, and held from now on; 0 where there is none or it was counted by `add`. */
  readonly end: (begun: number, units: number) => void
  readonly add: (units: number) => void
  /** Expects bodies like this one. */
  readonly learn: (units: number) => void
  /** As that of the consumer's side, where both are in one thread; else it is never called. */
  readonly onFree: (listener: () => void) => () => void
}

/** Bytes of a unit: an Int32 of them is 128 GiB. Small bodies count for no less than the objects they come with. */
const unit = 64

/** How many bytes a consumer that holds the workers back takes until the engine is to collect what it left behind. */
const collectedAfter = 16 * 1024 * 1024

/** How many bodies it takes, about, until those of another size are expected. */
const learnSteps = 8

/** Bytes in units, rounded up. */
export const unitsOf = (bytes: number): number => Math.ceil(bytes / unit)

/**
 * What an answer counts for while it waits for the consumer, in units: its body
 * or value, and its headers.
 */
export const heldBy = (result: AnswerResult, headers: Answer["headers"]): number => {
  let bytes = 0
  if (result._tag === "Body") bytes = result.body.length
  else if (result._tag === "Value") bytes = ValueSize.estimate(result.value)
  for (const name in headers) bytes += name.length + headers[name]!.length
  return unitsOf(bytes)
}

/** By `held`: what a thread shares with itself needs no polling. */
const listeners = new WeakMap<Int32Array, Set<() => void>>()

const listen = (held: Int32Array) => (listener: () => void) => {
  let known = listeners.get(held)
  if (known === undefined) listeners.set(held, known = new Set())
  known.add(listener)
  return () => void known.delete(listener)
}

/** Platforms that have no shared memory have no threads here either. */
const makeCounts = (count: number): Int32Array =>
  new Int32Array(
    typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(4 * count) : new SharedArrayBuffer(4 * count)
  )

/** The words of `held`: the count itself, what the next body is expected to be, the limit, the signal of the run. */
const signalWord = 3

const isDrained = (held: Int32Array): boolean => RunSignal.isDrained(held, signalWord)

const isSpent = (held: Int32Array): boolean => Atomics.load(held, 0) >= Atomics.load(held, 2) || isDrained(held)

/** A count of nothing, spent when it reaches `limitBytes`. */
export const make = (limitBytes: number): SharedBytes => {
  const limit = unitsOf(limitBytes)
  const held = makeCounts(signalWord + RunSignal.words)
  held[2] = limit
  let takenSlowly = 0
  return {
    isSpent: () => isSpent(held),
    drain: () => RunSignal.drain(held, signalWord),
    isDrained: () => isDrained(held),
    held: () => Atomics.load(held, 0),
    chunk: () => ({ held, added: makeCounts(1) }),
    take: (units) => {
      if (units === 0) return
      const before = Atomics.sub(held, 0, units)
      if (before < limit) return
      takenSlowly += units
      if (takenSlowly * unit >= collectedAfter) {
        takenSlowly = 0
        Discard.values()
      }
      if (before - units >= limit) return
      // A copy, because a listener that is called may remove itself and add itself again.
      const told = [...listeners.get(held) ?? []]
      for (const listener of told) listener()
    },
    onFree: listen(held)
  }
}

/** The count of a chunk, in its worker. */
export const join = (runId: number, { added, held }: Wire, rate?: Settings["rate"]): Share => {
  const add = (units: number) => {
    if (units === 0) return
    // In this order: a thread that is ended between the two has counted too little for its chunk. In the other order it
    // would have counted bytes that nobody ever takes.
    if (Atomics.add(added, 0, units) > closed / 2) Atomics.add(held, 0, units)
  }
  // Written by all workers without a lock: it is a guess, and a lost step of it does no harm.
  const learn = (units: number) => {
    held[1]! += Math.ceil((units - held[1]!) / learnSteps)
  }
  return {
    runId,
    rate,
    isSpent: () => isSpent(held),
    isDrained: () => isDrained(held),
    begin: () => {
      const expected = held[1]!
      add(expected)
      return expected
    },
    end: (begun, units) => {
      if (units > 0) learn(units)
      add(units - begun)
    },
    add,
    learn,
    onFree: listen(held)
  }
}

/** Far below what a chunk can have added: from there on nothing of it counts. */
const closed = -(2 ** 30)

/**
 * What a chunk has added beyond what came from it: to be taken when it was lost
 * with its worker, or called back. Whatever its worker adds later is not counted,
 * and the second time it is 0.
 */
export const close = ({ added }: Wire, arrived: number): number => {
  const units = Atomics.exchange(added, 0, closed)
  return units > closed / 2 ? units - arrived : 0
}
