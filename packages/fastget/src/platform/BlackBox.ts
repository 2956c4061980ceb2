/**
 * What a thread tells of itself without sending a message, in memory it shares
 * with the pool: that it is alive, which entry's code runs in it now, and that
 * it ends of its own accord. Read when the thread says nothing any more.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * An entry by its chunk and its place in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Running {
  readonly chunk: number
  readonly entry: number
}

// The words of the memory. The chunk is 0 while no entry's code runs.
const beats = 0
const chunk = 1
const entry = 2
const ending = 3
const words = 4

/**
 * Both sides of the memory: the thread writes, the pool reads.
 *
 * @since 0.1.0
 * @category models
 */
export class BlackBox {
  private readonly words: Int32Array
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(words * 4)) {
    this.words = new Int32Array(memory)
  }

  /** Of the thread: its event loop turns. */
  beat(): void {
    Atomics.add(this.words, beats, 1)
  }

  /** Of the thread: from here on it runs code that the user wrote, for this entry. Chunks count from 1. */
  enter(inChunk: number, place: number): void {
    Atomics.store(this.words, entry, place)
    Atomics.store(this.words, chunk, inChunk)
  }

  /** Of the thread: the user's code gave it back. Between two entries the event loop may not turn, so this is a beat. */
  leave(): void {
    Atomics.store(this.words, chunk, 0)
    Atomics.add(this.words, beats, 1)
  }

  /** Of the thread: it ends by itself. A thread that someone else terminates can't say so. */
  end(): void {
    Atomics.store(this.words, ending, 1)
  }

  /** How often the thread gave a sign of life; 0 if it never does. */
  beats(): number {
    return Atomics.load(this.words, beats)
  }

  /** The entry whose code runs in the thread, or ran when it ended. */
  running(): Running | undefined {
    const inChunk = Atomics.load(this.words, chunk)
    return inChunk === 0 ? undefined : { chunk: inChunk, entry: Atomics.load(this.words, entry) }
  }

  /** Whether the thread ended by itself. */
  endedItself(): boolean {
    return Atomics.load(this.words, ending) === 1
  }
}

/**
 * The black box of this thread, where it has one.
 *
 * @since 0.1.0
 * @category tags
 */
export class CurrentBlackBox extends Context.Reference<CurrentBlackBox>()("fastget/platform/BlackBox", {
  defaultValue: (): BlackBox | undefined => undefined
}) {}
