/**
 * Keeps one worker fed for one run: takes chunks out of the backlog whenever the
 * worker has room (`WorkerLoad`), sends them, and passes on what it answers
 * (`SentChunk`). Its fiber and those of its chunks belong to the run.
 *
 * What a lost worker had not answered is sent again, before all else.
 * `PoisonDetection` says what of it is suspect: that goes by itself
 * (`ExclusiveAccess`). Of a run that is drained nothing is sent any more, and
 * what has no answer stays so.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Stream from "effect/Stream"
import type { Entry } from "../../Entry.js"
import type { Settings } from "../../FastGetConfig.js"
import type { PoolWorker, WorkerLost } from "../../FetchPool.js"
import type { Answer } from "../../Outcome.js"
import type { PoolError } from "../../PoolError.js"
import * as Answers from "../wire/Answers.js"
import type { WireBatch } from "../wire/Batch.js"
import type { WireChunk } from "../wire/Chunk.js"
import type * as SharedBytes from "../wire/SharedBytes.js"
import type { Backlog } from "./Backlog.js"
import type { EntriesOut } from "./EntriesOut.js"
import type { ExclusiveAccess, Visitor } from "./ExclusiveAccess.js"
import type { PoisonDetection } from "./PoisonDetection.js"
import type { RunMetrics } from "./RunMetrics.js"
import { SentChunk } from "./SentChunk.js"
import * as Spans from "./Spans.js"
import { WorkerLoad } from "./WorkerLoad.js"

/** What the feeders of a run have in common. */
export interface Context<Id> {
  readonly runId: number
  readonly spans: Settings["spans"]
  readonly metrics: RunMetrics
  readonly backlog: Backlog<Id>
  readonly buffered: SharedBytes.SharedBytes
  /** The largest chunk, and how many entries a worker works on before it gets no more. */
  readonly most: number
  /** The size of a worker's first chunk. */
  readonly first: number
  /** The entries that are with the workers. */
  readonly out: EntriesOut
  readonly wireChunk: (chunk: ReadonlyArray<Entry<Id>>) => WireChunk
  readonly poison: PoisonDetection<Id>
  /** Chunks that wait for access to their workers. */
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

/** A worker of the pool, and who may be with it. All runs share it. */
export interface WorkerSlot {
  readonly worker: PoolWorker
  readonly access: ExclusiveAccess
}

/** Feeds a worker for ever. Fails when the worker will never be ready. Its chunks run in `chunks`. */
export const feed = <Id>(
  context: Context<Id>,
  slot: WorkerSlot,
  chunks: FiberSet.FiberSet<void>
): Effect.Effect<never, PoolError> => {
  const feeder = new Feeder(context, slot)
  return slot.worker.ready.pipe(
    Effect.zipRight(context.backlog.take(feeder.load)),
    Effect.flatMap((chunk) =>
      FiberSet.run(
        chunks,
        Effect.catchAllCause(feeder.send(chunk), (cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.void : Effect.sync(() => context.onFailure(cause)))
      )
    ),
    Effect.forever,
    Effect.onError(() => Effect.sync(() => feeder.end()))
  )
}

class Feeder<Id> {
  readonly load: WorkerLoad<Id>
  /** Whether the worker will never be ready again. */
  private isOver = false

  constructor(private readonly context: Context<Id>, private readonly slot: WorkerSlot) {
    const { buffered, first, most, out } = context
    this.load = new WorkerLoad({ out, first, most, isHeldBack: buffered.isSpent })
  }

  /** Sends a chunk, and ends when each of its entries has its answer or goes another way. */
  send(entries: ReadonlyArray<Entry<Id>>): Effect.Effect<void, PoolError> {
    const { buffered, entering, runId, spans, wireChunk } = this.context
    const chunk = new SentChunk(entries, buffered, wireChunk, this.load.isAlone())
    const wasFull = this.load.isFull(entries.length)
    this.sent(entries.length)
    const sent = Effect.withFiberRuntime<void, WorkerLost | PoolError>((fiber) => {
      chunk.fiber = fiber
      if (buffered.isDrained()) return Effect.void
      entering.add(chunk)
      return this.slot.access.use(chunk.isAlone, chunk)(Effect.suspend(() => {
        entering.delete(chunk)
        return Stream.runForEach(this.slot.worker.execute(chunk.wire), (batch) => this.receive(chunk, batch, wasFull))
      }))
    }).pipe(
      Effect.zipRight(Effect.fail(missing)),
      Effect.catchTag("WorkerLost", (loss) => Effect.uninterruptible(this.lost(chunk, loss))),
      Effect.onInterrupt(() => Effect.sync(() => this.interrupted(chunk)))
    )
    if (spans === "run") return sent
    const attributes = { "fastget.run": runId, "fastget.chunk.entries": entries.length }
    return Spans.ofChunk(sent, attributes, () => chunk.unanswered())
  }

  /** The worker will never be ready: what it was to have goes to the others. */
  end(): void {
    this.isOver = true
    if (!this.load.served()) this.context.onFirst()
    for (const chunk of this.load.takeSuspects()) this.context.backlog.putBack(chunk)
  }

  private sent(entries: number): void {
    if (!this.load.served()) this.context.onFirst()
    this.load.sent(entries)
    this.context.metrics.sent(entries)
  }

  private settled(entries: number, started: number, wasFull = false): void {
    const grown = this.load.settled(entries, started, wasFull)
    this.context.metrics.sent(-entries)
    if (grown !== undefined) this.context.onSize(grown)
    this.context.backlog.wake()
  }

  /** What was unpacked is delivered, even if the chunk is called back at that moment. */
  private receive(chunk: SentChunk<Id>, batch: WireBatch, wasFull: boolean): Effect.Effect<void> {
    return Effect.uninterruptible(Effect.suspend(() => {
      const { answers, entries, started } = chunk.receive(batch)
      this.settled(answers.length, started, wasFull)
      return this.context.answered(entries, answers)
    }))
  }

  private lost(chunk: SentChunk<Id>, loss: WorkerLost): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.context.buffered.isDrained()) return Effect.sync(() => this.calledBack(chunk))
      const { entries, verdict, waiting } = chunk.lost(loss, this.context.poison)
      const { givenUp, innocent, suspect } = verdict
      if (innocent.length > 0) this.context.backlog.putBack(innocent)
      for (const suspects of suspect) {
        if (this.isOver) this.context.backlog.putBack(suspects)
        else this.load.suspect(suspects)
      }
      this.settled(entries, waiting)
      return this.context.answered(givenUp, givenUp.map(() => Answers.unanswered(reasonOf(loss))))
    })
  }

  /** What has no answer goes on when its consumer does, if ever. */
  private calledBack(chunk: SentChunk<Id>): void {
    const { entries, waiting } = chunk.callBack()
    if (entries.length > 0) {
      if (chunk.isAlone && !this.isOver) this.load.suspectFirst(entries)
      else this.context.backlog.putBack(entries)
    }
    this.settled(entries.length, waiting)
  }

  private interrupted(chunk: SentChunk<Id>): void {
    this.context.entering.delete(chunk)
    if (chunk.isCalledBack()) this.calledBack(chunk)
    else this.context.metrics.sent(-chunk.unanswered())
  }
}

/** A worker that ended its stream and left entries out, as it may only where the run is drained. */
const missing: WorkerLost = { _tag: "WorkerLost", cause: "missing" }

/** What an entry is told of a loss. */
const reasonOf = ({ cause, exitCode }: WorkerLost): WorkerLost => ({
  _tag: "WorkerLost",
  cause,
  ...(exitCode === undefined ? undefined : { exitCode })
})
