/**
 * One stream at work: reads entries and keeps every worker fed. Entries come in
 * by a reader; what the workers answer goes into the outbox, from which the
 * consumer takes it. The stream's scope owns the reader, a feeder for each
 * worker and a fiber for each chunk that is out; all stop when it closes.
 *
 * The bound: taken from the input and not yet left behind by the consumer are
 * at most `queueMaxSize` entries, wherever they are, and of their bodies
 * `maxBufferedBytes`, beyond which no request begins.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as BufferedBytes from "./BufferedBytes.js"
import * as CallerHeaders from "./CallerHeaders.js"
import * as Entry from "./Entry.js"
import * as EntryChunk from "./EntryChunk.js"
import * as Feeder from "./Feeder.js"
import type * as FetchError from "./FetchError.js"
import type { Pool } from "./FetchPool.js"
import * as Losses from "./Losses.js"
import * as Outbox from "./Outbox.js"
import type { As } from "./Outcome.js"
import type { PoolError } from "./PoolError.js"

/**
 * What a run is to do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Id, A, B, E, R, R2> extends Omit<Outbox.Options<Id, A, B, R2>, "buffered"> {
  /** A number no other run of the pool has. */
  readonly run: number
  readonly pool: Pool
  readonly places: ReadonlyArray<Feeder.Place>
  readonly entries: Entry.Entries<Id, E, R>
  readonly as: As
  readonly withHeaders: boolean
  /**
   * When it completes the run is drained: no more is taken from the input, no
   * request begins, and those under way come to their outcomes, which are the
   * last. All other entries that were taken have none.
   */
  readonly drain?: Effect.Effect<void>
}

/** An input that takes longer than this, in milliseconds, to give its next entries is a live one. */
const liveAfter = 20

/** How often, in milliseconds, a run looks whether entries are still kept for workers to come. */
const keptCheck = 20

/**
 * What there is to emit for the entries, exactly once for each that was taken
 * (if the run is not drained), in the order in which they arrive.
 *
 * @since 0.1.0
 * @category running
 */
export const stream = <Id, A, B, E, R, R2>(
  options: Options<Id, A, B, E, R, R2>
): Stream.Stream<B, FetchError.FetchError<Id> | PoolError | E, R | R2> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    yield* options.log.start
    const buffered = BufferedBytes.make(options.settings.maxBufferedBytes)
    const outbox = yield* Outbox.make<Id, A, B, E, R2>({ ...options, buffered })
    yield* Effect.forkScoped(work(options, outbox, buffered))
    return Stream.repeatEffectChunkOption(outbox.pull)
  }))

/** Reads and fetches until the run needs no more; ends all its fibers then. */
const work = <Id, A, B, E, R, R2>(
  options: Options<Id, A, B, E, R, R2>,
  outbox: Outbox.Outbox<Id, B, E, R2>,
  buffered: BufferedBytes.BufferedBytes
) =>
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
      onTaken: outbox.wakeReader
    })
    yield* Effect.acquireRelease(Effect.sync(() => buffered.onFree(backlog.wake)), Effect.sync)
    let largest = 1
    const context: Feeder.Context<Id> = {
      run: options.run,
      backlog,
      most: Math.min(settings.poolSubmitSize, Math.max(1, Math.floor(settings.queueMaxSize / workers))),
      buffered,
      wireChunk: makeWireChunk(options, buffered),
      losses: Losses.make(),
      entering: new Set(),
      answered: outbox.deliver,
      onFirst: () => {
        unserved--
      },
      onSize: (size) => {
        largest = Math.max(largest, size)
        outbox.wakeReader()
      },
      onFailure: (cause) => outbox.finish(Exit.failCause(cause))
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
    const reading = readInto(options, outbox, backlog, () => workers * largest, () => {
      live = true
    })
    const orFinish = Effect.catchAllCause((cause: Cause.Cause<E | PoolError>) =>
      Effect.sync(() => outbox.finish(Exit.failCause(cause)))
    )
    let reader: Fiber.Fiber<void> | undefined
    if (options.drain !== undefined) {
      yield* Effect.forkScoped(Effect.zipRight(options.drain, drained(outbox, context, chunks, () => reader)))
      // So that one that is complete already is heard first.
      yield* Effect.yieldNow()
    }
    if (!buffered.isDrained()) reader = yield* Effect.forkScoped(orFinish(reading))
    yield* Effect.all([feeding, releaseKept(pool, backlog)], { concurrency: "unbounded", discard: true }).pipe(
      orFinish,
      Effect.forkScoped
    )
    yield* outbox.finished
  }))

/** Takes no more, begins no more, and ends the run with the last answer of what is under way. */
const drained = <Id, B, E, R>(
  outbox: Outbox.Outbox<Id, B, E, R>,
  { buffered, entering }: Feeder.Context<Id>,
  chunks: FiberSet.FiberSet<void>,
  reader: () => Fiber.Fiber<void> | undefined
): Effect.Effect<void> =>
  Effect.gen(function*() {
    buffered.drain()
    for (const visitor of entering) visitor.stepAside()
    const reading = reader()
    if (reading !== undefined) yield* Fiber.interrupt(reading)
    yield* FiberSet.awaitEmpty(chunks)
    outbox.drained()
  })

/** Reads entries into the backlog while there are places, and no more ahead than `ahead`. */
const readInto = <Id, A, B, E, R, R2>(
  { entries, settings }: Options<Id, A, B, E, R, R2>,
  outbox: Outbox.Outbox<Id, B, E, R2>,
  backlog: EntryChunk.Backlog<Id>,
  ahead: () => number,
  onLive: () => void
) =>
  Effect.scoped(Effect.gen(function*() {
    const read = yield* Entry.makeReader(entries)
    while (true) {
      // Before looking, so that no change between the look and the wait is missed.
      outbox.watch()
      const places = outbox.places()
      const wanted = Math.min(places, ahead() - backlog.size(), settings.inputChunkSize)
      // At the bound no more entries come, so that chunks don't wait for them.
      backlog.setOpen(places > 0)
      if (wanted <= 0) {
        yield* outbox.changed
        continue
      }
      const askedAt = performance.now()
      const exit = yield* Effect.exit(read(wanted))
      if (performance.now() - askedAt > liveAfter) onLive()
      if (Exit.isFailure(exit)) {
        backlog.setOpen(false)
        return outbox.inputEnded(Option.match(Cause.flipCauseOption(exit.cause), {
          onNone: () => Exit.void,
          onSome: (cause) => Exit.failCause(cause)
        }))
      }
      outbox.taken(exit.value.length)
      backlog.add(exit.value)
    }
  }))

/** Looks again who can take what, as long as entries are kept for workers to come. */
const releaseKept = <Id>(pool: Pool, backlog: EntryChunk.Backlog<Id>): Effect.Effect<void> =>
  Effect.suspend(() => {
    backlog.wake()
    return pool.isYoung() ? Effect.delay(releaseKept(pool, backlog), keptCheck) : Effect.void
  })

const makeWireChunk = <Id, A, B, E, R, R2>(
  { as, drain, pool, run, settings, withHeaders }: Options<Id, A, B, E, R, R2>,
  buffered: BufferedBytes.BufferedBytes
) => {
  const { deadline, decodeTimeout, emptyBody, headers, maxBodyBytes, maxRedirects, retry, timeout } = settings
  const headersElsewhere = CallerHeaders.forOtherOrigins(headers, settings.secretHeaders ?? [])
  const common = {
    run,
    as,
    withHeaders,
    connections: Math.max(1, Math.floor(settings.connectionsPerOrigin / pool.workers.length)),
    connectionsInAll: Math.max(1, Math.floor(settings.maxConnections / pool.workers.length)),
    quick: settings.fastPath,
    drainable: drain !== undefined,
    settings: {
      deadline,
      decodeTimeout,
      emptyBody,
      headers,
      headersElsewhere,
      maxBodyBytes,
      maxRedirects,
      retry,
      timeout
    }
  }
  return (chunk: ReadonlyArray<Entry.Entry<Id>>): EntryChunk.WireChunk => ({
    ...common,
    buffered: buffered.chunk(),
    urls: chunk.map(([, url]) => Entry.urlText(url))
  })
}

/** A worker's part of a bound on all of them; Infinity stays what it is. */
const shareOf = (total: number, parts: number, index: number): number =>
  total === Infinity ? Infinity : Math.floor(total / parts) + (index < total % parts ? 1 : 0)
