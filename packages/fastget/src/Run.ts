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
import type { Answer, AnswerResult, As, Outcome } from "./Outcome.js"
import type { PoolError } from "./PoolError.js"
import type { RunLog } from "./RunLog.js"
import * as SliceQueue from "./SliceQueue.js"

/**
 * What a run is to do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Id, A, E, R, R2> {
  /** A number no other run of the pool has. */
  readonly run: number
  readonly pool: Pool
  readonly settings: Settings
  readonly log: RunLog
  readonly entries: Entry.Entries<Id, E, R>
  readonly as: As
  readonly withHeaders: boolean
  /** Whether the first failure ends the run. */
  readonly failFast: boolean
  /** What the caller gets of an answer. */
  readonly decode: (result: AnswerResult) => Effect.Effect<A, FetchError.Reason, R2>
}

/** The most outcomes the consumer gets at once: it frees their places when it asks for the next. */
const largestBatch = 1024

/** How often, in milliseconds, a run looks whether entries are still kept for workers to come. */
const keptCheck = 20

/** How a run ended, or will when the consumer has all outcomes. */
type End<Id, E> = Exit.Exit<void, FetchError.FetchError<Id> | PoolError | E>

/**
 * The outcomes of the entries, exactly one for each that was taken, in the
 * order in which they arrive.
 *
 * @since 0.1.0
 * @category running
 */
export const outcomes = <Id, A, E, R, R2>(
  options: Options<Id, A, E, R, R2>
): Stream.Stream<Outcome<Id, A>, FetchError.FetchError<Id> | PoolError | E, R | R2> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    yield* options.log.start
    const state = yield* makeState<Id, A, E>(options)
    yield* Effect.forkScoped(work(options, state))
    return Stream.repeatEffectChunkOption(state.pull)
  }))

/** What reader, feeders and consumer share. */
interface State<Id, A, E> {
  /** Places that are free; the reader waits while there are none. */
  readonly places: () => number
  readonly taken: (entries: number) => void
  /** From now on, `changed` waits until places or the need for entries may have changed. */
  readonly watch: () => void
  readonly changed: Effect.Effect<void>
  readonly wakeReader: () => void
  readonly inputEnded: (exit: Exit.Exit<void, E>) => void
  readonly deliver: (batch: ReadonlyArray<Outcome<Id, A>>) => Effect.Effect<void>
  readonly finish: (end: End<Id, E>) => void
  /** Waits until the run needs no more work. */
  readonly finished: Effect.Effect<void>
  /** The next batch for the consumer, who has left the last one behind by asking. */
  readonly pull: Effect.Effect<
    Chunk.Chunk<Outcome<Id, A>>,
    Option.Option<FetchError.FetchError<Id> | PoolError | E>
  >
}

const makeState = <Id, A, E>(
  { failFast, log, settings }: Pick<Options<Id, A, E, never, never>, "failFast" | "log" | "settings">
) =>
  Effect.gen(function*() {
    const outbox = SliceQueue.make<Outcome<Id, A>>()
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

    const next: State<Id, A, E>["pull"] = Effect.suspend(() => {
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

    const state: State<Id, A, E> = {
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
      deliver: (batch) =>
        Effect.suspend(() => {
          if (end !== undefined || batch.length === 0) return Effect.void
          FetchMetrics.record(batch)
          answered += batch.length
          const errors = batch.flatMap(({ result }) => result._tag === "Left" ? [result.left] : [])
          failures += errors.length
          const out = failFast ? batch.filter(({ result }) => result._tag === "Right") : batch
          outbox.add(out)
          FetchMetrics.add(FetchMetrics.queue, out.length)
          delivered.unsafeOpen()
          if (failFast && errors.length > 0) finish(Exit.fail(errors[0]!))
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
const work = <Id, A, E, R, R2>(options: Options<Id, A, E, R, R2>, state: State<Id, A, E>) =>
  Effect.scoped(Effect.gen(function*() {
    const { pool, settings } = options
    const workers = pool.workers.length
    const chunks = yield* FiberSet.make<void>()
    const backlog = yield* EntryChunk.makeBacklog<Id>({
      within: settings.chunkWithin,
      reserved: pool.expected,
      onTaken: state.wakeReader
    })
    let largest = 1
    const context: Feeder.Context<Id, R2> = {
      run: options.run,
      backlog,
      most: Math.min(settings.poolSubmitSize, Math.max(1, Math.floor(settings.queueMaxSize / workers))),
      wireChunk: makeWireChunk(options),
      answered: (answers) =>
        Effect.flatMap(
          Effect.forEach(answers, ([entry, answer]) => outcomeOf(entry, answer, options.decode)),
          state.deliver
        ),
      onSize: (size) => {
        largest = Math.max(largest, size)
        state.wakeReader()
      },
      onFailure: (cause) => state.finish(Exit.failCause(cause)),
      losses: new Map()
    }
    const feeders = pool.workers.flatMap((worker, index) => {
      const share = shareOf(settings.concurrency, workers, index)
      return share === 0 ? [] : [Feeder.feed(context, worker, share, chunks)]
    })
    // A worker that will never be ready leaves its work to the others; the last one leaves its error.
    const feeding = Effect.validateAll(feeders, identity, { concurrency: "unbounded", discard: true }).pipe(
      Effect.mapError((errors) => errors[errors.length - 1]!)
    )
    const reading = readInto(options, state, backlog, () => workers * largest)
    yield* Effect.all([reading, feeding, releaseKept(pool, backlog)], { concurrency: "unbounded", discard: true }).pipe(
      Effect.catchAllCause((cause) => Effect.sync(() => state.finish(Exit.failCause(cause)))),
      Effect.forkScoped
    )
    yield* state.finished
  }))

/** Reads entries into the backlog while there are places, and no more ahead than `ahead`. */
const readInto = <Id, A, E, R, R2>(
  { entries, settings }: Options<Id, A, E, R, R2>,
  state: State<Id, A, E>,
  backlog: EntryChunk.Backlog<Id>,
  ahead: () => number
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
      const exit = yield* Effect.exit(read(wanted))
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
    return pool.expected() > 0 ? Effect.delay(releaseKept(pool, backlog), keptCheck) : Effect.void
  })

const makeWireChunk = <Id, A, E, R, R2>({ as, pool, run, settings, withHeaders }: Options<Id, A, E, R, R2>) => {
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

const outcomeOf = <Id, A, R2>(
  [id, url]: Entry.Entry<Id>,
  answer: Answer,
  decode: (result: AnswerResult) => Effect.Effect<A, FetchError.Reason, R2>
): Effect.Effect<Outcome<Id, A>, never, R2> => {
  const text = Entry.urlText(url)
  const { attempts, bytes, headers = {}, status } = answer
  const elapsed = Duration.millis(answer.elapsed)
  return Effect.map(Effect.either(decode(answer.result)), (decoded) => ({
    id,
    url: text,
    result: Either.mapLeft(decoded, (reason) => FetchError.make({ id, url: text, reason, attempts, elapsed })),
    status: status === 0 ? undefined : status,
    headers,
    bytes,
    attempts,
    elapsed
  }))
}

/** A worker's part of a bound on all of them; Infinity stays what it is. */
const shareOf = (total: number, parts: number, index: number): number =>
  total === Infinity ? Infinity : Math.floor(total / parts) + (index < total % parts ? 1 : 0)
