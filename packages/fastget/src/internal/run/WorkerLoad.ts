/**
 * How much of a run a worker has, and how much more it may be given. The size of
 * its chunks starts at one entry, or a few, and doubles each time the worker ran dry. Chunks
 * that may have ended a worker wait here: each goes by itself, nothing of the
 * run beside it.
 */
import type { Entry } from "../../Entry.js"
import type { Taker } from "./Backlog.js"
import type { EntriesOut } from "./EntriesOut.js"

type Chunk<Id> = ReadonlyArray<Entry<Id>>

export interface Options {
  /** What all workers of the run have, within `concurrency`. */
  readonly out: EntriesOut
  /** The largest chunk, and how many entries the worker has before it gets no more where `concurrency` is no number. */
  readonly most: number
  /** The size of the first chunk; 1 unless told. */
  readonly first?: number
  /** Whether no request of the run may begin: what may not begin is better kept than sent. */
  readonly isHeldBack: () => boolean
}

export class WorkerLoad<Id> implements Taker<Id> {
  /** The size of the next chunk. */
  private size: number
  private hasHadOne = false
  private entriesOut = 0
  /** Of the entries out, those that wait for a connection. */
  private waiting = 0
  private readonly suspects: Array<Chunk<Id>> = []
  private isSuspectOut = false

  constructor(private readonly options: Options) {
    this.size = options.first ?? 1
  }

  readonly own = (): Chunk<Id> | undefined => {
    const { isHeldBack, out } = this.options
    if (this.entriesOut > 0 || this.suspects.length === 0 || isHeldBack()) return undefined
    if (this.suspects[0]!.length > out.left()) return undefined
    this.isSuspectOut = true
    return this.suspects.shift()
  }

  readonly room = (): number => {
    const { isHeldBack, most, out } = this.options
    if (this.isSuspectOut || this.suspects.length > 0 || isHeldBack()) return 0
    if (out.limit !== Infinity) return Math.min(this.size, out.mostAtOnce())
    // Half a chunk waiting for connections is enough to keep a worker busy.
    return this.entriesOut >= most || this.waiting > this.size / 2 ? 0 : this.size
  }

  readonly took = (entries: number): void => this.options.out.take(entries)

  readonly idle = (): boolean => this.entriesOut === 0

  readonly served = (): boolean => this.hasHadOne

  /** Whether the chunk that was taken last is suspect, and so goes alone. */
  isAlone(): boolean {
    return this.isSuspectOut
  }

  /** Whether a chunk of this length is as large as chunks are now. */
  isFull(length: number): boolean {
    return length === this.size
  }

  sent(entries: number): void {
    this.hasHadOne = true
    this.entriesOut += entries
    this.waiting += entries
  }

  /**
   * Entries have their answers, or are back; `started` have left the wait for a
   * connection. If they are of a full chunk and nothing waits any more, the
   * worker ran dry before it could be given more, and the next chunk is twice as
   * large. Returns the new size, if it has grown.
   */
  settled(entries: number, started: number, wasFull: boolean): number | undefined {
    this.entriesOut -= entries
    this.options.out.settle(entries)
    this.waiting -= started
    if (this.entriesOut === 0) this.isSuspectOut = false
    if (!wasFull || this.waiting !== 0 || this.size >= this.options.most) return undefined
    this.size = Math.min(this.options.most, this.size * 2)
    return this.size
  }

  suspect(chunk: Chunk<Id>): void {
    this.suspects.push(chunk)
  }

  /** The chunk goes before the other suspects. */
  suspectFirst(chunk: Chunk<Id>): void {
    this.suspects.unshift(chunk)
  }

  /** Empties the list of suspects and returns it. */
  takeSuspects(): ReadonlyArray<Chunk<Id>> {
    return this.suspects.splice(0)
  }
}
