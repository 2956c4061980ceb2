/**
 * Between the workers and the consumer: answers come in as they arrive, and go
 * out, decoded, as the consumer asks for them. It knows how many entries are
 * taken and not left behind, and how the run ends.
 *
 * Answers wait as bytes and are decoded when they are taken: what waits is
 * small, and what was made of it does not get old.
 *
 * @since 0.1.0
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
import type * as BufferedBytes from "./BufferedBytes.js"
import * as Entry from "./Entry.js"
import type { Settings } from "./FastGetConfig.js"
import * as FetchError from "./FetchError.js"
import * as FetchMetrics from "./FetchMetrics.js"
import type { Answer, AnswerResult } from "./Outcome.js"
import type { PoolError } from "./PoolError.js"
import type { RunLog } from "./RunLog.js"
import * as RunMetrics from "./RunMetrics.js"

/**
 * How answers become what the consumer gets.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Id, A, B, R> {
  readonly settings: Settings
  readonly log: RunLog
  /** Told of what the consumer has taken. */
  readonly buffered: BufferedBytes.BufferedBytes
  /** Whether the first failure ends the run. */
  readonly failFast: boolean
  /** The value of an answer. Where it is an Either no fiber has to run for it. */
  readonly decode: (result: AnswerResult) => Effect.Effect<A, FetchError.Reason, R>
  /** What the consumer gets of an entry. */
  readonly emit: (id: Id, url: string, result: Either.Either<A, FetchError.FetchError<Id>>, answer: Answer) => B
}

/**
 * How a run ended, or will when the consumer has all there is.
 *
 * @since 0.1.0
 * @category models
 */
export type End<Id, E> = Exit.Exit<void, FetchError.FetchError<Id> | PoolError | E>

/**
 * @since 0.1.0
 * @category models
 */
export interface Outbox<Id, B, E, R> {
  /** Places that are free: how many more entries may be taken. */
  readonly places: () => number
  readonly taken: (entries: number) => void
  /** From now on, `changed` waits until places or the need for entries may have changed. */
  readonly watch: () => void
  readonly changed: Effect.Effect<void>
  readonly wakeReader: () => void
  readonly inputEnded: (exit: Exit.Exit<void, E>) => void
  /** Takes some entries and the answer of each. */
  readonly deliver: (
    entries: ReadonlyArray<Entry.Entry<Id>>,
    answers: ReadonlyArray<Answer>
  ) => Effect.Effect<void>
  readonly finish: (end: End<Id, E>) => void
  /** Tells that no more answers will come, though they were not all. */
  readonly drained: () => void
  /** Waits until the run needs no more work. */
  readonly finished: Effect.Effect<void>
  /** The next batch for the consumer, who has left the last one behind by asking. */
  readonly pull: Effect.Effect<Chunk.Chunk<B>, Option.Option<FetchError.FetchError<Id> | PoolError | E>, R>
}

/** The most the consumer gets at once, in answers and in bytes of their bodies. */
const largestBatch = 1024
const largestBatchBytes = 64 * 1024

/**
 * An empty outbox.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <Id, A, B, E, R>(
  options: Options<Id, A, B, R>
): Effect.Effect<Outbox<Id, B, E, R>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { buffered, failFast, log, settings } = options
    const waiting = makeWaiting<Id>()
    const delivered = yield* Effect.makeLatch(false)
    const change = yield* Effect.makeLatch(false)
    const finished = yield* Deferred.make<void>()
    let taken = 0
    let answered = 0
    let failures = 0
    /** Answers of the batch the consumer has, and of those before. */
    let handed = 0
    let leftBehind = 0
    let inputEnd: Exit.Exit<void, E> | undefined
    let end: End<Id, E> | undefined

    const finish = (exit: End<Id, E>) => {
      if (end !== undefined) return
      end = exit
      delivered.unsafeOpen()
      Deferred.unsafeDone(finished, Exit.void)
    }

    const finishIfDone = () => {
      if (inputEnd !== undefined && answered === taken) finish(inputEnd)
    }

    const drop = (count: number) => {
      RunMetrics.add(FetchMetrics.queue, -count)
      buffered.take(waiting.drop(count))
    }

    const clear = () => drop(waiting.size())

    yield* Effect.addFinalizer(() => Effect.sync(clear))

    /** Failures not counted yet, by reason. */
    const failed = new Map<string, number>()

    const failedWith = (entry: Entry.Entry<Id>, answer: Answer, reason: FetchError.Reason) => {
      failures++
      failed.set(reason._tag, (failed.get(reason._tag) ?? 0) + 1)
      const elapsed = Duration.millis(answer.elapsed)
      return FetchError.make({ id: entry[0], url: Entry.urlText(entry[1]), reason, attempts: answer.attempts, elapsed })
    }

    const deliver: Outbox<Id, B, E, R>["deliver"] = (entries, answers) =>
      Effect.suspend(() => {
        // What nobody will take is not held.
        if (end !== undefined) return Effect.sync(() => answers.forEach(({ held }) => buffered.take(held)))
        answered += answers.length
        let error: FetchError.FetchError<Id> | undefined
        for (let i = 0; i < answers.length; i++) {
          const entry = entries[i]!
          const answer = answers[i]!
          if (failFast && answer.result._tag === "Failure") {
            buffered.take(answer.held)
            error ??= failedWith(entry, answer, answer.result.reason)
          } else {
            waiting.add(entry, answer)
          }
        }
        RunMetrics.record(answers)
        RunMetrics.add(FetchMetrics.queue, answers.length)
        delivered.unsafeOpen()
        if (error !== undefined) finish(Exit.fail(error))
        else finishIfDone()
        return log.progress(answered)
      })

    const takeBatch: Effect.Effect<Chunk.Chunk<B>, never, R> = Effect.suspend(() => {
      const from = waiting.first()
      const count = waiting.sizeOfBatch(largestBatch, largestBatchBytes)
      const batch: Array<B> = []
      const later: Array<Effect.Effect<void, never, R>> = []
      let successes = 0
      let error: FetchError.FetchError<Id> | undefined

      const one = (entry: Entry.Entry<Id>, answer: Answer, decoded: Either.Either<A, FetchError.Reason>) => {
        const url = Entry.urlText(entry[1])
        // A Right is the same whatever its Left would be.
        if (decoded._tag === "Right") {
          successes++
          return void batch.push(options.emit(entry[0], url, decoded as Either.Either<A>, answer))
        }
        const failure = failedWith(entry, answer, decoded.left)
        if (failFast) error ??= failure
        else batch.push(options.emit(entry[0], url, Either.left(failure), answer))
      }

      for (let i = from; i < from + count; i++) {
        const entry = waiting.entries[i]!
        const answer = waiting.answers[i]!
        const decoded = options.decode(answer.result)
        // The guard forgets the types.
        if (Either.isEither(decoded)) one(entry, answer, decoded as Either.Either<A, FetchError.Reason>)
        else later.push(Effect.map(Effect.either(decoded), (decoded) => one(entry, answer, decoded)))
      }
      drop(count)
      handed = count

      const done = Effect.sync(() => {
        RunMetrics.count(successes, failed)
        failed.clear()
        if (error !== undefined) {
          // It arrived before all that still waits, and before what may have ended the run since.
          clear()
          end = undefined
          finish(Exit.fail(error))
        }
        return Chunk.unsafeFromArray(batch)
      })
      return later.length === 0 ? done : Effect.zipRight(Effect.all(later, { discard: true }), done)
    })

    const next: Outbox<Id, B, E, R>["pull"] = Effect.suspend(() => {
      if (waiting.size() > 0) {
        return Effect.flatMap(takeBatch, (batch) => Chunk.isEmpty(batch) ? next : Effect.succeed(batch))
      }
      if (end === undefined) {
        delivered.unsafeClose()
        return Effect.zipRight(delivered.await, next)
      }
      RunMetrics.count(0, failed)
      failed.clear()
      return Effect.zipRight(
        log.end(answered, failures),
        Exit.isSuccess(end) ? Effect.fail(Option.none()) : Effect.failCause(Cause.map(end.cause, Option.some))
      )
    })

    return {
      places: () => settings.queueMaxSize - (taken - leftBehind),
      taken: (entries) => {
        taken += entries
      },
      watch: () => change.unsafeClose(),
      changed: change.await,
      wakeReader: () => change.unsafeOpen(),
      inputEnded: (exit) => {
        inputEnd = exit
        finishIfDone()
      },
      deliver,
      finish,
      drained: () => finish(inputEnd ?? Exit.void),
      finished: Deferred.await(finished),
      pull: Effect.suspend(() => {
        leftBehind += handed
        handed = 0
        change.unsafeOpen()
        return next
      })
    }
  })

/** Answers that wait, oldest first: two arrays side by side, so that no pair is made for each. */
const makeWaiting = <Id>() => {
  const entries: Array<Entry.Entry<Id>> = []
  const answers: Array<Answer | undefined> = []
  // What is before it has left; it is cut off when it is half of the arrays.
  let head = 0
  const drop = (count: number) => {
    let held = 0
    for (let i = head; i < head + count; i++) held += answers[i]!.held
    // Their bodies are not to wait for the cut.
    answers.fill(undefined, head, head + count)
    head += count
    if (head * 2 >= answers.length) {
      entries.splice(0, head)
      answers.splice(0, head)
      head = 0
    }
    return held
  }
  return {
    entries,
    answers,
    /** The first so many leave; returns what they held. */
    drop,
    first: () => head,
    size: () => answers.length - head,
    add: (entry: Entry.Entry<Id>, answer: Answer) => {
      entries.push(entry)
      answers.push(answer)
    },
    /** How many of the first make a batch: as many as the limits allow, and one at least. */
    sizeOfBatch: (most: number, mostBytes: number) => {
      let bytes = 0
      let count = 0
      while (count < most && head + count < answers.length && bytes < mostBytes) bytes += answers[head + count++]!.bytes
      return count
    }
  }
}
