/**
 * Between the workers and the consumer: answers come in as they arrive, and go
 * out, decoded, as the consumer asks for them. It knows how many entries are
 * taken and not left behind, and how the run ends. The run's scope owns it.
 *
 * Answers wait as bytes and are decoded when they are taken: what waits is
 * small, and what is made of it is young when the consumer gets it.
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Entry from "../../Entry.js"
import type { Settings } from "../../FastGetConfig.js"
import * as FetchError from "../../FetchError.js"
import type { Answer, AnswerResult } from "../../Outcome.js"
import * as Target from "../../platform/Target.js"
import type { PoolError } from "../../PoolError.js"
import type * as SharedBytes from "../wire/SharedBytes.js"
import { FailureCount } from "./FailureCount.js"
import { QueueBound } from "./QueueBound.js"
import type { RunLog } from "./RunLog.js"
import type { RunMetrics } from "./RunMetrics.js"
import type { RunTotals } from "./RunTotals.js"
import { WaitingAnswers } from "./WaitingAnswers.js"

/** How answers become what the consumer gets. */
export interface Options<Id, A, B, R> {
  readonly settings: Settings
  readonly log: RunLog
  readonly metrics: RunMetrics
  /** The server that slowed the run most, if one did. */
  readonly limitedBy: () => string | undefined
  /** Told of what the consumer has taken. */
  readonly buffered: SharedBytes.SharedBytes
  /** Whether the first failure ends the run. */
  readonly failFast: boolean
  /** The value of an answer. Where it is an Either no fiber has to run for it. */
  readonly decode: (result: AnswerResult) => Effect.Effect<A, FetchError.Reason, R>
  /** What the consumer gets of an entry. */
  readonly emit: (id: Id, url: string, result: Either.Either<A, FetchError.FetchError<Id>>, answer: Answer) => B
}

/** Why a run may fail. */
export type Failure<Id, E> = FetchError.FetchError<Id> | PoolError | E

/** How a run ended, or will when the consumer has all there is. */
export type End<Id, E> = Exit.Exit<void, Failure<Id, E>>

/** The most the consumer gets at once, in answers and in bytes of their bodies. */
const largestBatch = 1024
const largestBatchBytes = 64 * 1024

/** An empty outbox. */
export const make = <Id, A, B, E, R>(
  options: Options<Id, A, B, R>
): Effect.Effect<Outbox<Id, A, B, E, R>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const latches = { delivered: yield* Effect.makeLatch(false), changed: yield* Effect.makeLatch(false) }
    const outbox = new Outbox<Id, A, B, E, R>(options, latches, yield* Deferred.make<void>())
    yield* Effect.addFinalizer(() => Effect.sync(() => outbox.clear()))
    return outbox
  })

interface Latches {
  /** Open when there is something for the consumer: answers, or the end. */
  readonly delivered: Effect.Latch
  /** Open when the reader is to look again whether it may read. */
  readonly changed: Effect.Latch
}

export class Outbox<Id, A, B, E, R> {
  private readonly bound: QueueBound
  private readonly waiting = new WaitingAnswers<Id>()
  private readonly failures = new FailureCount()
  private requests = 0
  private bytes = 0
  private inputEnd: Exit.Exit<void, E> | undefined
  private end: End<Id, E> | undefined
  /** Waits until the run needs no more work. */
  readonly finished: Effect.Effect<void>
  /** Waits until `room`, or the need for entries, may have changed since `watch`. */
  readonly changed: Effect.Effect<void>
  /** The next batch for the consumer, who has left the last one behind by asking. */
  readonly pull: Effect.Effect<Chunk.Chunk<B>, Option.Option<Failure<Id, E>>, R>

  constructor(
    private readonly options: Options<Id, A, B, R>,
    private readonly latches: Latches,
    private readonly done: Deferred.Deferred<void>
  ) {
    this.bound = new QueueBound(options.settings.queueMaxSize)
    this.finished = Deferred.await(done)
    this.changed = latches.changed.await
    this.pull = Effect.suspend(() => {
      this.bound.leaveBehind()
      latches.changed.unsafeOpen()
      return this.next
    })
  }

  // --- the reader's side

  /** How many more entries may be taken. */
  room(): number {
    return this.bound.room()
  }

  taken(entries: number): void {
    this.bound.take(entries)
  }

  watch(): void {
    this.latches.changed.unsafeClose()
  }

  wakeReader(): void {
    this.latches.changed.unsafeOpen()
  }

  inputEnded(exit: Exit.Exit<void, E>): void {
    this.inputEnd = exit
    this.finishIfAllAnswered()
  }

  // --- the workers' side

  /** Takes some entries and the answer of each. */
  deliver(entries: ReadonlyArray<Entry.Entry<Id>>, answers: ReadonlyArray<Answer>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { buffered, failFast, log, metrics } = this.options
      // After the end nobody will take it, so it is not held.
      if (this.end !== undefined) return Effect.sync(() => answers.forEach(({ held }) => buffered.take(held)))
      this.bound.answer(answers.length)
      let error: FetchError.FetchError<Id> | undefined
      for (let i = 0; i < answers.length; i++) {
        const entry = entries[i]!
        const answer = answers[i]!
        if (failFast && answer.result._tag === "Failure") {
          buffered.take(answer.held)
          error ??= this.failed(entry, answer, answer.result.reason)
        } else {
          this.waiting.add(entry, answer)
        }
      }
      const { bytes, requests } = metrics.record(answers)
      this.requests += requests
      this.bytes += bytes
      metrics.queued(answers.length)
      this.latches.delivered.unsafeOpen()
      if (error !== undefined) this.finish(Exit.fail(error))
      else this.finishIfAllAnswered()
      return log.progress(this.bound.answeredSoFar())
    })
  }

  /** The run needs no more work; what waits is still for the consumer. Only the first end counts. */
  finish(end: End<Id, E>): void {
    if (this.end !== undefined) return
    this.end = end
    this.latches.delivered.unsafeOpen()
    Deferred.unsafeDone(this.done, Exit.void)
  }

  /** No more answers will come, though some entries have none. */
  drained(): void {
    this.finish(this.inputEnd ?? Exit.void)
  }

  private finishIfAllAnswered(): void {
    if (this.inputEnd !== undefined && this.bound.isAllAnswered()) this.finish(this.inputEnd)
  }

  private failed(entry: Entry.Entry<Id>, answer: Answer, reason: FetchError.Reason): FetchError.FetchError<Id> {
    this.failures.add(reason._tag)
    const elapsed = Duration.millis(answer.elapsed)
    return FetchError.make({ id: entry[0], url: Target.urlText(entry[1]), reason, attempts: answer.attempts, elapsed })
  }

  // --- the consumer's side

  /** Gives up what waits. */
  clear(): void {
    this.drop(this.waiting.size())
  }

  totals(): RunTotals {
    const { bytes, failures, requests } = this
    return { outcomes: this.bound.answeredSoFar(), failures, requests, bytes }
  }

  private drop(count: number): void {
    this.options.metrics.queued(-count)
    this.options.buffered.take(this.waiting.drop(count))
  }

  private readonly next: Effect.Effect<Chunk.Chunk<B>, Option.Option<Failure<Id, E>>, R> = Effect.suspend(() => {
    if (this.waiting.size() > 0) {
      return Effect.flatMap(this.takeBatch, (batch) => Chunk.isEmpty(batch) ? this.next : Effect.succeed(batch))
    }
    if (this.end === undefined) {
      this.latches.delivered.unsafeClose()
      return Effect.zipRight(this.latches.delivered.await, this.next)
    }
    this.failures.flush((byReason) => this.options.metrics.count(0, byReason))
    return Effect.zipRight(
      this.options.log.end(this.totals(), this.options.limitedBy),
      Exit.isSuccess(this.end) ? Effect.fail(Option.none()) : Effect.failCause(Cause.map(this.end.cause, Option.some))
    )
  })

  private readonly takeBatch: Effect.Effect<Chunk.Chunk<B>, never, R> = Effect.suspend(() => {
    const count = this.waiting.sizeOfBatch(largestBatch, largestBatchBytes)
    const batch = new Batch(this.options, (entry, answer, reason) => this.failed(entry, answer, reason))
    for (let i = 0; i < count; i++) batch.add(this.waiting.entryAt(i), this.waiting.answerAt(i))
    this.drop(count)
    this.bound.hand(count)
    const { later } = batch
    const taken = Effect.sync(() => this.handOver(batch))
    return later.length === 0 ? taken : Effect.zipRight(Effect.all(later, { discard: true }), taken)
  })

  private handOver({ emitted, error, successes }: Batch<Id, A, B, R>): Chunk.Chunk<B> {
    this.failures.flush((byReason) => this.options.metrics.count(successes, byReason))
    if (error !== undefined) {
      // It arrived before all that still waits, and before what may have ended the run since.
      this.clear()
      this.end = undefined
      this.finish(Exit.fail(error))
    }
    return Chunk.unsafeFromArray(emitted)
  }
}

/** What the consumer gets of the answers it takes at once. */
class Batch<Id, A, B, R> {
  readonly emitted: Array<B> = []
  /** Decoding that needs a fiber: these have to run before the batch is complete. */
  readonly later: Array<Effect.Effect<void, never, R>> = []
  successes = 0
  /** The failure that ends the run, where the first one does. */
  error: FetchError.FetchError<Id> | undefined

  constructor(
    private readonly options: Options<Id, A, B, R>,
    private readonly failed: (
      entry: Entry.Entry<Id>,
      answer: Answer,
      reason: FetchError.Reason
    ) => FetchError.FetchError<Id>
  ) {}

  add(entry: Entry.Entry<Id>, answer: Answer): void {
    const decoded = this.options.decode(answer.result)
    // The guard forgets the types.
    if (Either.isEither(decoded)) this.emit(entry, answer, decoded as Either.Either<A, FetchError.Reason>)
    else this.later.push(Effect.map(Effect.either(decoded), (decoded) => this.emit(entry, answer, decoded)))
  }

  private emit(entry: Entry.Entry<Id>, answer: Answer, decoded: Either.Either<A, FetchError.Reason>): void {
    const { emit, failFast } = this.options
    const url = Target.urlText(entry[1])
    // A Right is the same whatever its Left would be.
    if (decoded._tag === "Right") {
      this.successes++
      return void this.emitted.push(emit(entry[0], url, decoded as Either.Either<A>, answer))
    }
    const failure = this.failed(entry, answer, decoded.left)
    if (failFast) this.error ??= failure
    else this.emitted.push(emit(entry[0], url, Either.left(failure), answer))
  }
}
