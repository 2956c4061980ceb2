/**
 * One stream at work: reads entries, keeps every worker fed, hands outcomes to
 * the consumer. Entries come in by a reader; batches of outcomes go out as the
 * consumer asks for them. The stream's scope owns the reader, a feeder for each
 * worker and a fiber for each chunk that is out; all stop when it closes.
 *
 * The bound: taken from the input and not yet left behind by the consumer are
 * at most `queueMaxSize` entries, wherever they are.
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
import * as FiberSet from "effect/FiberSet"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Entry from "./Entry.js"
import * as EntryChunk from "./EntryChunk.js"
import type { Settings } from "./FastGetConfig.js"
import * as Feeder from "./Feeder.js"
import * as FetchError from "./FetchError.js"
import * as FetchMetrics from "./FetchMetrics.js"
import type { Pool } from "./FetchPool.js"
import type { Answer, AnswerResult, As } from "./Outcome.js"
import type { PoolError } from "./PoolError.js"
import type { RunLog } from "./RunLog.js"
import * as SliceQueue from "./SliceQueue.js"

/**
 * What a run is to do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Id, A, B, E, R, R2> {
  /** A number no other run of the pool has. */
  readonly run: number
  readonly pool: Pool
  readonly places: ReadonlyArray<Feeder.Place>
  readonly settings: Settings
  readonly log: RunLog
  readonly entries: Entry.Entries<Id, E, R>
  readonly as: As
  readonly withHeaders: boolean
  /** Whether the first failure ends the run. */
  readonly failFast: boolean
  /** The value of an answer. Where it is an Either no fiber has to run for it. */
  readonly decode: (result: AnswerResult) => Effect.Effect<A, FetchError.Reason, R2>
  /** What the consumer gets of an entry. */
  readonly emit: (id: Id, url: string, result: Either.Either<A, FetchError.FetchError<Id>>, answer: Answer) => B
}

/** The most outcomes the consumer gets at once: it frees their places when it asks for the next. */
const largestBatch = 1024

/** An input that takes longer than this, in milliseconds, to give its next entries is a live one. */
const liveAfter = 20

/** How often, in milliseconds, a run looks whether entries are still kept for workers to come. */
const keptCheck = 20

/** How a run ended, or will when the consumer has all outcomes. */
type End<Id, E> = Exit.Exit<void, FetchError.FetchError<Id> | PoolError | E>

/**
 * What there is to emit for the entries, exactly once for each that was taken,
 * in the order in which they arrive.
 *
 * @since 0.1.0
 * @category running
 */
export const stream = <Id, A, B, E, R, R2>(
  options: Options<Id, A, B, E, R, R2>
): Stream.Stream<B, FetchError.FetchError<Id> | PoolError | E, R | R2> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    yield* options.log.start
    const state = yield* makeState<Id, B, E>(options.settings, options.log)
    yield* Effect.forkScoped(work(options, state))
    return Stream.repeatEffectChunkOption(state.pull)
  }))

/** What reader, feeders and consumer share. */
interface State<Id, B, E> {
  /** Places that are free; the reader waits while there are none. */
  readonly places: () => number
  readonly taken: (entries: number) => void
  /** From now on, `changed` waits until places or the need for entries may have changed. */
  readonly watch: () => void
  readonly changed: Effect.Effect<void>
  readonly wakeReader: () => void
  readonly inputEnded: (exit: Exit.Exit<void, E>) => void
  /** Takes what there is to emit for `answers` entries, `failed` of which have failed, and the run's end if it is one. */
  readonly deliver: (
    batch: ReadonlyArray<B>,
    answers: number,
    failed: number,
    end: End<Id, E> | undefined
  ) => Effect.Effect<void>
  readonly finish: (end: End<Id, E>) => void
  /** Waits until the run needs no more work. */
  readonly finished: Effect.Effect<void>
  /** The next batch for the consumer, who has left the last one behind by asking. */
  readonly pull: Effect.Effect<
    Chunk.Chunk<B>,
    Option.Option<FetchError.FetchError<Id> | PoolError | E>
  >
}

const makeState = <Id, B, E>(settings: Settings, log: RunLog) =>
  Effect.gen(function*() {
    const outbox = SliceQueue.make<B>()
    const delivered = yield* Effect.makeLatch(false)
    const change = yield* Effect.makeLatch(false)
    const finished = yield* Deferred.make<void>()
    let taken = 0
    let answered = 0
    let failures = 0
    /** Outcomes of the batch the consumer has, and of those before. */
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

    const next: State<Id, B, E>["pull"] = Effect.suspend(() => {
      if (outbox.size() > 0) {
        const batch = outbox.take(largestBatch)
        handed = batch.length
        FetchMetrics.add(FetchMetrics.queue, -handed)
        return Effect.succeed(Chunk.unsafeFromArray(batch))
      }
      if (end === undefined) {
        delivered.unsafeClose()
        return Effect.zipRight(delivered.await, next)
      }
      return Effect.zipRight(
        log.end(answered, failures),
        Exit.isSuccess(end) ? Effect.fail(Option.none()) : Effect.failCause(Cause.map(end.cause, Option.some))
      )
    })

    yield* Effect.addFinalizer(() => Effect.sync(() => FetchMetrics.add(FetchMetrics.queue, -outbox.size())))

    const state: State<Id, B, E> = {
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
      deliver: (batch, answers, failed, endsWith) =>
        Effect.suspend(() => {
          if (end !== undefined) return Effect.void
          answered += answers
          failures += failed
          outbox.add(batch)
          FetchMetrics.add(FetchMetrics.queue, batch.length)
          delivered.unsafeOpen()
          if (endsWith !== undefined) finish(endsWith)
          else finishIfDone()
          return log.progress(answered)
        }),
      finish,
      finished: Deferred.await(finished),
      pull: Effect.suspend(() => {
        leftBehind += handed
        handed = 0
        change.unsafeOpen()
        return next
      })
    }
    return state
  })

/** Reads and fetches until the run needs no more; ends all its fibers then. */
const work = <Id, A, B, E, R, R2>(options: Options<Id, A, B, E, R, R2>, state: State<Id, B, E>) =>
  Effect.scoped(Effect.gen(function*() {
    const { places, pool, settings } = options
    const workers = pool.workers.length
    const chunks = yield* FiberSet.make<void>()
    // While the input gives entries at once some are kept for workers to come; those of a live input don't wait.
    let live = false
    let unserved = 0
    const backlog = yield* EntryChunk.makeBacklog<Id>({
      within: settings.chunkWithin,
      reserved: () => live || !pool.isYoung() ? 0 : unserved,
      onTaken: state.wakeReader
    })
    let largest = 1
    const context: Feeder.Context<Id, R2> = {
      run: options.run,
      backlog,
      most: Math.min(settings.poolSubmitSize, Math.max(1, Math.floor(settings.queueMaxSize / workers))),
      wireChunk: makeWireChunk(options),
      answered: (entries, answers) => settle(options, state, entries, answers),
      onFirst: () => {
        unserved--
      },
      onSize: (size) => {
        largest = Math.max(largest, size)
        state.wakeReader()
      },
      onFailure: (cause) => state.finish(Exit.failCause(cause))
    }
    const feeders = places.flatMap((place, index) => {
      const share = shareOf(settings.concurrency, workers, index)
      return share === 0 ? [] : [Feeder.feed(context, place, share, chunks)]
    })
    unserved = feeders.length
    // A worker that will never be ready leaves its work to the others; the last one leaves its error.
    const feeding = Effect.validateAll(feeders, identity, { concurrency: "unbounded", discard: true }).pipe(
      Effect.mapError((errors) => errors[errors.length - 1]!)
    )
    const reading = readInto(options, state, backlog, () => workers * largest, () => {
      live = true
    })
    yield* Effect.all([reading, feeding, releaseKept(pool, backlog)], { concurrency: "unbounded", discard: true }).pipe(
      Effect.catchAllCause((cause) => Effect.sync(() => state.finish(Exit.failCause(cause)))),
      Effect.forkScoped
    )
    yield* state.finished
  }))

/** Reads entries into the backlog while there are places, and no more ahead than `ahead`. */
const readInto = <Id, A, B, E, R, R2>(
  { entries, settings }: Options<Id, A, B, E, R, R2>,
  state: State<Id, B, E>,
  backlog: EntryChunk.Backlog<Id>,
  ahead: () => number,
  onLive: () => void
) =>
  Effect.scoped(Effect.gen(function*() {
    const read = yield* Entry.makeReader(entries)
    while (true) {
      // Before looking, so that no change between the look and the wait is missed.
      state.watch()
      const places = state.places()
      const wanted = Math.min(places, ahead() - backlog.size(), settings.inputChunkSize)
      // At the bound no more entries come, so that chunks don't wait for them.
      backlog.setOpen(places > 0)
      if (wanted <= 0) {
        yield* state.changed
        continue
      }
      const askedAt = performance.now()
      const exit = yield* Effect.exit(read(wanted))
      if (performance.now() - askedAt > liveAfter) onLive()
      if (Exit.isFailure(exit)) {
        backlog.setOpen(false)
        return state.inputEnded(Option.match(Cause.flipCauseOption(exit.cause), {
          onNone: () => Exit.void,
          onSome: (cause) => Exit.failCause(cause)
        }))
      }
      state.taken(exit.value.length)
      backlog.add(exit.value)
    }
  }))

/** Looks again who can take what, as long as entries are kept for workers to come. */
const releaseKept = <Id>(pool: Pool, backlog: EntryChunk.Backlog<Id>): Effect.Effect<void> =>
  Effect.suspend(() => {
    backlog.wake()
    return pool.isYoung() ? Effect.delay(releaseKept(pool, backlog), keptCheck) : Effect.void
  })

const makeWireChunk = <Id, A, B, E, R, R2>({ as, pool, run, settings, withHeaders }: Options<Id, A, B, E, R, R2>) => {
  const { emptyBody, headers, maxBodyBytes, maxRedirects, retry, timeout } = settings
  const common = {
    run,
    as,
    withHeaders,
    connections: Math.max(1, Math.floor(settings.connectionsPerOrigin / pool.workers.length)),
    quick: settings.fastPath,
    settings: { emptyBody, headers, maxBodyBytes, maxRedirects, retry, timeout }
  }
  return (chunk: ReadonlyArray<Entry.Entry<Id>>): EntryChunk.WireChunk => ({
    ...common,
    urls: chunk.map(([, url]) => Entry.urlText(url))
  })
}

/** Decodes the answers of a batch and delivers them together. */
const settle = <Id, A, B, E, R, R2>(
  { decode, emit, failFast }: Options<Id, A, B, E, R, R2>,
  state: State<Id, B, E>,
  entries: ReadonlyArray<Entry.Entry<Id>>,
  answers: ReadonlyArray<Answer>
): Effect.Effect<void, never, R2> =>
  Effect.suspend(() => {
    const batch: Array<B> = []
    const failures = new Map<string, number>()
    let firstError: FetchError.FetchError<Id> | undefined
    let failed = 0

    const one = ([id, url]: Entry.Entry<Id>, answer: Answer, decoded: Either.Either<A, FetchError.Reason>) => {
      const text = Entry.urlText(url)
      // A Right is the same whatever its Left would be.
      if (decoded._tag === "Right") return void batch.push(emit(id, text, decoded as Either.Either<A>, answer))
      const { attempts, elapsed } = answer
      const reason = decoded.left
      const error = FetchError.make({ id, url: text, reason, attempts, elapsed: Duration.millis(elapsed) })
      firstError ??= error
      failed++
      failures.set(reason._tag, (failures.get(reason._tag) ?? 0) + 1)
      if (!failFast) batch.push(emit(id, text, Either.left(error), answer))
    }

    const later: Array<Effect.Effect<void, never, R2>> = []
    for (let i = 0; i < answers.length; i++) {
      const entry = entries[i]!
      const answer = answers[i]!
      const decoded = decode(answer.result)
      // The guard forgets the types.
      if (Either.isEither(decoded)) one(entry, answer, decoded as Either.Either<A, FetchError.Reason>)
      else later.push(Effect.map(Effect.either(decoded), (decoded) => one(entry, answer, decoded)))
    }

    const deliver = Effect.suspend(() => {
      FetchMetrics.record(answers, failures)
      const end = failFast && firstError !== undefined ? Exit.fail(firstError) : undefined
      return state.deliver(batch, answers.length, failed, end)
    })
    return later.length === 0 ? deliver : Effect.zipRight(Effect.all(later, { discard: true }), deliver)
  })

/** A worker's part of a bound on all of them; Infinity stays what it is. */
const shareOf = (total: number, parts: number, index: number): number =>
  total === Infinity ? Infinity : Math.floor(total / parts) + (index < total % parts ? 1 : 0)
