/**
 * Keeps one worker fed for one run: takes chunks out of the backlog whenever the
 * worker has room, and passes on what it answers. The size of the chunks starts
 * at one entry and doubles each time the worker ran dry.
 *
 * What a lost worker had not answered is sent again, before all else. `Losses`
 * says what of it is suspect: that goes by itself, nothing beside it. Of a run
 * that is drained nothing is sent any more, and what has no answer stays so.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Stream from "effect/Stream"
import * as BufferedBytes from "./BufferedBytes.js"
import type { Entry } from "./Entry.js"
import type { Backlog, Taker, WireChunk } from "./EntryChunk.js"
import * as FetchMetrics from "./FetchMetrics.js"
import type { PoolWorker, WorkerLost } from "./FetchPool.js"
import type { Losses } from "./Losses.js"
import type { Answer, WireBatch } from "./Outcome.js"
import * as Outcome from "./Outcome.js"
import type { PoolError } from "./PoolError.js"
import * as RunMetrics from "./RunMetrics.js"
import type { Turnstile, Visitor } from "./Turnstile.js"

/**
 * What the feeders of a run have in common.
 *
 * @since 0.1.0
 * @category models
 */
export interface Context<Id> {
  readonly run: number
  readonly backlog: Backlog<Id>
  readonly buffered: BufferedBytes.BufferedBytes
  /** The largest chunk, and how many entries a worker works on before it gets no more. */
  readonly most: number
  readonly wireChunk: (chunk: ReadonlyArray<Entry<Id>>) => WireChunk
  readonly losses: Losses<Id>
  /** Chunks that are not with their workers yet. */
  readonly entering: Set<Visitor>
  /** Takes some entries and the answer of each, which is its first and last. */
  readonly answered: (
    entries: ReadonlyArray<Entry<Id>>,
    answers: ReadonlyArray<Answer>
  ) => Effect.Effect<void>
  /** Called when a feeder has its first chunk, or will have none. */
  readonly onFirst: () => void
  /** Called when chunks of this size are wanted from now on. */
  readonly onSize: (size: number) => void
  /** Called when a chunk's fiber has failed: the run can't go on. */
  readonly onFailure: (cause: Cause.Cause<PoolError>) => void
}

/**
 * A worker, and who may be with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Place {
  readonly worker: PoolWorker
  readonly turnstile: Turnstile
}

/**
 * Feeds a worker for ever. `share` is the most entries the worker may have at
 * once. Fails when the worker will never be ready. Its chunks run in `chunks`.
 *
 * @since 0.1.0
 * @category running
 */
export const feed = <Id>(
  context: Context<Id>,
  { turnstile, worker }: Place,
  share: number,
  chunks: FiberSet.FiberSet<void>
): Effect.Effect<never, PoolError> => {
  const { backlog, buffered, most } = context
  let size = 1
  let served = false
  /** Entries at the worker, and those of them that wait for a connection. */
  let out = 0
  let waiting = 0
  /** Chunks to send again, one at a time, and whether one is out. */
  const suspects: Array<ReadonlyArray<Entry<Id>>> = []
  let suspectOut = false
  /** Whether the worker will never be ready again. */
  let over = false

  const taker: Taker<Id> = {
    own: () => {
      if (out > 0 || suspects.length === 0 || buffered.isSpent()) return undefined
      suspectOut = true
      return suspects.shift()
    },
    room: () => {
      // What may not begin is better kept here than in a worker.
      if (suspectOut || suspects.length > 0 || buffered.isSpent()) return 0
      if (share !== Infinity) return Math.min(size, share - out)
      // Half a chunk waiting for connections is enough to keep a worker busy.
      return out >= most || waiting > size / 2 ? 0 : size
    },
    idle: () => out === 0,
    served: () => served
  }

  const sent = (count: number): void => {
    if (!served) context.onFirst()
    served = true
    out += count
    waiting += count
    RunMetrics.add(FetchMetrics.inFlight, count)
  }

  const settled = (count: number, started: number, wasFull: boolean): void => {
    out -= count
    waiting -= started
    if (out === 0) suspectOut = false
    RunMetrics.add(FetchMetrics.inFlight, -count)
    // The worker ran dry before it could be given more: from now on it gets more at once.
    if (wasFull && waiting === 0 && size < most) context.onSize(size = Math.min(most, size * 2))
    backlog.wake()
  }

  const fetch = (chunk: ReadonlyArray<Entry<Id>>, alone: boolean): Effect.Effect<void, PoolError> => {
    /** A 1 for each entry that has its answer. */
    const done = new Uint8Array(chunk.length)
    let open = chunk.length
    const wasFull = chunk.length === size
    let chunkWaiting = chunk.length
    const wire = context.wireChunk(chunk)
    /** What came of the chunk's count of bytes. */
    let arrived = 0

    const receive = (batch: WireBatch) => {
      const entries: Array<Entry<Id>> = []
      const answers: Array<Answer> = []
      Outcome.unpack(batch, (index, answer) => {
        arrived += answer.held
        if (done[index] !== 0) return buffered.take(answer.held)
        done[index] = 1
        entries.push(chunk[index]!)
        answers.push(answer)
      })
      open -= answers.length
      settled(answers.length, chunkWaiting - batch.waiting, wasFull)
      chunkWaiting = batch.waiting
      return context.answered(entries, answers)
    }

    const lost = (loss: WorkerLost) => {
      const unanswered = chunk.flatMap((_, index) => done[index] === 0 ? [index] : [])
      done.fill(1)
      open = 0
      buffered.take(BufferedBytes.close(wire.buffered, arrived))
      const { givenUp, innocent, suspect } = context.losses.judge(chunk, unanswered, loss, alone)
      if (innocent.length > 0) backlog.putBack(innocent)
      for (const entries of suspect) {
        if (over) backlog.putBack(entries)
        else suspects.push(entries)
      }
      settled(unanswered.length, chunkWaiting, false)
      chunkWaiting = 0
      return context.answered(givenUp, givenUp.map(() => Outcome.unanswered(reasonOf(loss))))
    }

    /** Back with what has no answer, once its requests are told to end: it goes on when its consumer does, if ever. */
    const calledBack = () => {
      const rest = chunk.filter((_, index) => done[index] === 0)
      done.fill(1)
      open = 0
      buffered.take(BufferedBytes.close(wire.buffered, arrived))
      if (rest.length > 0 && alone && !over) suspects.unshift(rest)
      else if (rest.length > 0) backlog.putBack(rest)
      settled(rest.length, chunkWaiting, false)
      chunkWaiting = 0
    }

    let fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
    let isCalledBack = false
    let lastOpen = -1
    const visitor: Visitor = {
      isStalled: () => {
        const isStill = open === lastOpen
        lastOpen = open
        return isStill && buffered.isSpent() && !buffered.isDrained()
      },
      stepAside: () => {
        isCalledBack = true
        fiber?.unsafeInterruptAsFork(FiberId.none)
      }
    }
    // What was unpacked is delivered, even if the chunk is called back at that moment.
    const receiveAll = (batch: WireBatch) => Effect.uninterruptible(Effect.suspend(() => receive(batch)))

    sent(chunk.length)
    return Effect.withFiberRuntime<void, WorkerLost | PoolError>((current) => {
      fiber = current
      if (buffered.isDrained()) return Effect.void
      context.entering.add(visitor)
      return turnstile.pass(alone, visitor)(Effect.suspend(() => {
        context.entering.delete(visitor)
        return Stream.runForEach(worker.execute(wire), receiveAll)
      }))
    }).pipe(
      Effect.zipRight(Effect.fail(missing)),
      Effect.catchTag(
        "WorkerLost",
        (loss) =>
          Effect.uninterruptible(Effect.suspend(() => buffered.isDrained() ? Effect.sync(calledBack) : lost(loss)))
      ),
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          context.entering.delete(visitor)
          if (isCalledBack) calledBack()
          else RunMetrics.add(FetchMetrics.inFlight, -open)
        })
      ),
      Effect.withSpan("FastGet.chunk", {
        attributes: { run: context.run, size: chunk.length },
        captureStackTrace: false
      })
    )
  }

  const leaveToOthers = Effect.sync(() => {
    over = true
    if (!served) context.onFirst()
    for (const chunk of suspects.splice(0)) backlog.putBack(chunk)
  })

  return worker.ready.pipe(
    Effect.zipRight(backlog.take(taker)),
    Effect.flatMap((chunk) =>
      FiberSet.run(
        chunks,
        Effect.catchAllCause(fetch(chunk, suspectOut), (cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.void : Effect.sync(() => context.onFailure(cause)))
      )
    ),
    Effect.forever,
    Effect.onError(() => leaveToOthers)
  )
}

/** A worker that ended its stream and left entries out, as it may only where the run is drained. */
const missing: WorkerLost = { _tag: "WorkerLost", cause: "missing" }

/** What an entry is told of a loss. */
const reasonOf = ({ cause, exitCode }: WorkerLost): WorkerLost => ({
  _tag: "WorkerLost",
  cause,
  ...(exitCode === undefined ? undefined : { exitCode })
})
