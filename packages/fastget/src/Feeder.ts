/**
 * Keeps one worker fed for one run: takes chunks out of the backlog whenever the
 * worker has room, and passes on what it answers. The size of the chunks starts
 * at one entry and doubles each time the worker ran dry. What a lost worker had
 * not answered goes back into the backlog.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Stream from "effect/Stream"
import type { Entry } from "./Entry.js"
import type { Backlog, Taker, WireChunk } from "./EntryChunk.js"
import * as FetchMetrics from "./FetchMetrics.js"
import type { PoolWorker, WorkerLost } from "./FetchPool.js"
import type { Answer, WireBatch } from "./Outcome.js"
import * as Outcome from "./Outcome.js"
import type { PoolError } from "./PoolError.js"

/**
 * What the feeders of a run have in common.
 *
 * @since 0.1.0
 * @category models
 */
export interface Context<Id, R> {
  readonly run: number
  readonly backlog: Backlog<Id>
  /** The largest chunk, and how many entries a worker works on before it gets no more. */
  readonly most: number
  readonly wireChunk: (chunk: ReadonlyArray<Entry<Id>>) => WireChunk
  /** Takes the answers of a batch, each of which is its entry's first and last. */
  readonly answered: (answers: ReadonlyArray<readonly [Entry<Id>, Answer]>) => Effect.Effect<void, never, R>
  /** Called when chunks of this size are wanted from now on. */
  readonly onSize: (size: number) => void
  /** Called when a chunk's fiber has failed: the run can't go on. */
  readonly onFailure: (cause: Cause.Cause<PoolError>) => void
  /** How many workers an entry has ended that stood alone in its chunk. */
  readonly losses: Map<Entry<Id>, number>
}

/** How many workers an entry may end before it is given up. */
const mostLosses = 3

/**
 * Feeds a worker for ever. `share` is the most entries the worker may have at
 * once. Fails when the worker will never be ready. Its chunks run in `chunks`.
 *
 * @since 0.1.0
 * @category running
 */
export const feed = <Id, R>(
  context: Context<Id, R>,
  worker: PoolWorker,
  share: number,
  chunks: FiberSet.FiberSet<void>
): Effect.Effect<never, PoolError, R> => {
  const { backlog, most } = context
  let size = 1
  let served = false
  /** Entries at the worker, and those of them that wait for a connection. */
  let out = 0
  let waiting = 0

  const taker: Taker = {
    room: () => {
      if (share !== Infinity) return Math.min(size, share - out)
      // Half a chunk waiting for connections is enough to keep a worker busy.
      return out >= most || waiting > size / 2 ? 0 : size
    },
    idle: () => out === 0,
    served: () => served
  }

  const sent = (count: number): void => {
    served = true
    out += count
    waiting += count
    FetchMetrics.add(FetchMetrics.inFlight, count)
  }

  const settled = (count: number, started: number, wasFull: boolean): void => {
    out -= count
    waiting -= started
    FetchMetrics.add(FetchMetrics.inFlight, -count)
    // The worker ran dry before it could be given more: from now on it gets more at once.
    if (wasFull && waiting === 0 && size < most) context.onSize(size = Math.min(most, size * 2))
    backlog.wake()
  }

  const fetch = (chunk: ReadonlyArray<Entry<Id>>): Effect.Effect<void, PoolError, R> => {
    const open = new Set(chunk.keys())
    const wasFull = chunk.length === size
    let chunkWaiting = chunk.length

    const receive = (batch: WireBatch) => {
      const answers: Array<readonly [Entry<Id>, Answer]> = []
      Outcome.unpack(batch, (index, answer) => {
        if (open.delete(index)) answers.push([chunk[index]!, answer])
      })
      settled(answers.length, chunkWaiting - batch.waiting, wasFull)
      chunkWaiting = batch.waiting
      return context.answered(answers)
    }

    const lost = (reason: WorkerLost) => {
      const unanswered = Array.from(open, (index) => chunk[index]!)
      open.clear()
      settled(unanswered.length, chunkWaiting, false)
      chunkWaiting = 0
      return chunk.length === 1 ? sendAgainOrGiveUp(unanswered, reason) : Effect.sync(() => sendAgain(unanswered))
    }

    sent(chunk.length)
    return Stream.runForEach(worker.execute(context.wireChunk(chunk)), receive).pipe(
      Effect.zipRight(Effect.suspend(() => lost({ _tag: "WorkerLost", cause: "missing" }))),
      Effect.catchTag("WorkerLost", lost),
      Effect.onInterrupt(() => Effect.sync(() => FetchMetrics.add(FetchMetrics.inFlight, -open.size))),
      Effect.withSpan("FastGet.chunk", {
        attributes: { run: context.run, size: chunk.length },
        captureStackTrace: false
      })
    )
  }

  /** In halves, so that an entry that ends workers soon stands alone. */
  const sendAgain = (entries: ReadonlyArray<Entry<Id>>): void => {
    const half = Math.ceil(entries.length / 2)
    for (const part of [entries.slice(0, half), entries.slice(half)]) {
      if (part.length > 0) backlog.putBack(part)
    }
  }

  const sendAgainOrGiveUp = (entries: ReadonlyArray<Entry<Id>>, reason: WorkerLost): Effect.Effect<void, never, R> =>
    Effect.suspend(() => {
      const entry = entries[0]
      if (entry === undefined) return Effect.void
      const count = (context.losses.get(entry) ?? 0) + 1
      context.losses.set(entry, count)
      if (count < mostLosses) return Effect.sync(() => sendAgain(entries))
      context.losses.delete(entry)
      return context.answered([[entry, Outcome.unanswered(reason)]])
    })

  return worker.ready.pipe(
    Effect.zipRight(backlog.take(taker)),
    Effect.flatMap((chunk) =>
      FiberSet.run(
        chunks,
        Effect.catchAllCause(fetch(chunk), (cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.void : Effect.sync(() => context.onFailure(cause)))
      )
    ),
    Effect.forever
  )
}
