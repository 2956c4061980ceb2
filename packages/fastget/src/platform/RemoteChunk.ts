/**
 * What a pool needs whose workers share no memory with the program, because they
 * are on other machines: the answers of a chunk as messages, and the chunk's
 * count of bytes, which stays with the program.
 *
 * @since 0.1.0
 */
import * as Batch from "../internal/wire/Batch.js"
import type { WireBatch } from "../internal/wire/Batch.js"
import type { WireChunk } from "../internal/wire/Chunk.js"
import * as SharedBytes from "../internal/wire/SharedBytes.js"
import type { Answer } from "../Outcome.js"

/**
 * Packs answers, each with its index in the chunk. `waiting` says how many
 * entries of the chunk have not been started yet.
 *
 * @since 0.1.0
 * @category wire
 */
export const pack: (
  answers: ReadonlyArray<readonly [index: number, answer: Answer]>,
  waiting: number
) => WireBatch = Batch.pack

/**
 * The same answers under other indices, which are written into the batch's
 * buffer: where a chunk was divided, the parts have indices of their own.
 *
 * @since 0.1.0
 * @category wire
 */
export const renumber: (batch: WireBatch, indexOf: (index: number) => number) => WireBatch = Batch.renumber

/**
 * What the answers of a batch count for together, in units of `RunBytes`.
 *
 * @since 0.1.0
 * @category wire
 */
export const heldBy: (batch: WireBatch) => number = Batch.heldBy

/**
 * The bytes of the run that a chunk belongs to: what it has received and its
 * consumer has not taken.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunBytes {
  /** Whether no more is to be received until the consumer takes some. */
  readonly isSpent: () => boolean
  /** Whether the run is drained: none of its requests is to begin. Its bytes count as spent then. */
  readonly isDrained: () => boolean
  /** Counts the units of a batch, before it is handed to the run. */
  readonly add: (units: number) => void
  /** Calls back when the bytes are not spent any more, until the returned function is called. */
  readonly onFree: (listener: () => void) => () => void
}

/**
 * The bytes of a chunk's run, as the pool that serves the chunk counts them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const runBytes = ({ buffered, runId }: Pick<WireChunk, "buffered" | "runId">): RunBytes =>
  SharedBytes.join(runId, buffered)
