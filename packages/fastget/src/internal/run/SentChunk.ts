/**
 * One chunk with a worker, from its sending to its last answer: it knows which
 * of its entries have their answer, and what becomes of the others when the
 * worker is lost or the chunk is called back.
 */
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type { Entry } from "../../Entry.js"
import type { WorkerLost } from "../../FetchPool.js"
import type { Answer } from "../../Outcome.js"
import type { WireBatch } from "../wire/Batch.js"
import * as Batch from "../wire/Batch.js"
import type { WireChunk } from "../wire/Chunk.js"
import * as SharedBytes from "../wire/SharedBytes.js"
import type { Visitor } from "./ExclusiveAccess.js"
import type { PoisonDetection } from "./PoisonDetection.js"

/** What a chunk's worker has answered: each entry's first answer. */
export interface Received<Id> {
  readonly entries: ReadonlyArray<Entry<Id>>
  readonly answers: ReadonlyArray<Answer>
  /** How many of the chunk's entries left the wait for a connection since the batch before. */
  readonly started: number
}

/** What is left of a chunk that has no worker any more. */
export interface Returned<Id> {
  readonly entries: ReadonlyArray<Entry<Id>>
  /** How many of them were still waiting for a connection. */
  readonly waiting: number
}

/** What becomes of what a lost worker left without an answer. */
export interface Lost<Id> {
  readonly verdict: ReturnType<PoisonDetection<Id>["judge"]>
  readonly entries: number
  readonly waiting: number
}

export class SentChunk<Id> implements Visitor {
  readonly wire: WireChunk
  /** A 1 for each entry that has its answer. */
  private readonly done: Uint8Array
  private open: number
  private waiting: number
  /** What came of the chunk's count of bytes, in its units. */
  private arrived = 0
  /** The fiber that waits for the answers. */
  fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
  private hasSteppedAside = false
  private openAtLastLook = -1

  constructor(
    private readonly entries: ReadonlyArray<Entry<Id>>,
    private readonly buffered: SharedBytes.SharedBytes,
    wireChunk: (entries: ReadonlyArray<Entry<Id>>) => WireChunk,
    /** Whether it is suspect, and so alone with its worker. */
    readonly isAlone: boolean
  ) {
    this.wire = wireChunk(entries)
    this.done = new Uint8Array(entries.length)
    this.open = entries.length
    this.waiting = entries.length
  }

  /** How many entries have no answer yet. */
  unanswered(): number {
    return this.open
  }

  /** Unpacks a batch. The second answer of an entry is left out: only the first counts. */
  receive(batch: WireBatch): Received<Id> {
    const entries: Array<Entry<Id>> = []
    const answers: Array<Answer> = []
    Batch.unpack(batch, (index, answer) => {
      this.arrived += answer.held
      if (this.done[index] !== 0) return this.buffered.take(answer.held)
      this.done[index] = 1
      entries.push(this.entries[index]!)
      answers.push(answer)
    })
    this.open -= answers.length
    const started = this.waiting - batch.waiting
    this.waiting = batch.waiting
    return { entries, answers, started }
  }

  /** The worker is lost: nothing more is taken of it. */
  lost(loss: WorkerLost, detection: PoisonDetection<Id>): Lost<Id> {
    const unanswered = this.entries.flatMap((_, index) => this.done[index] === 0 ? [index] : [])
    const { waiting } = this.close()
    return {
      verdict: detection.judge(this.entries, unanswered, loss, this.isAlone),
      entries: unanswered.length,
      waiting
    }
  }

  /** The chunk is called back: its requests have been told to end, and what has no answer returns. */
  callBack(): Returned<Id> {
    const entries = this.entries.filter((_, index) => this.done[index] === 0)
    return { entries, waiting: this.close().waiting }
  }

  private close(): { readonly waiting: number } {
    const { waiting } = this
    this.done.fill(1)
    this.open = 0
    this.waiting = 0
    this.buffered.take(SharedBytes.close(this.wire.buffered, this.arrived))
    return { waiting }
  }

  isCalledBack(): boolean {
    return this.hasSteppedAside
  }

  readonly isStalled = (): boolean => {
    const isStill = this.open === this.openAtLastLook
    this.openAtLastLook = this.open
    return isStill && this.buffered.isSpent() && !this.buffered.isDrained()
  }

  readonly stepAside = (): void => {
    this.hasSteppedAside = true
    this.fiber?.unsafeInterruptAsFork(FiberId.none)
  }
}
