/**
 * One stream at work: reads entries and keeps every worker fed. Entries come in
 * by a `Reader` and wait in the `Backlog`; a `Feeder` for each worker sends them
 * in chunks; what the workers answer goes into the `Outbox`, from which the
 * consumer takes it. The stream's scope owns all of it and a fiber for each
 * chunk that is out; they stop when it closes.
 *
 * The bound: taken from the input and not yet left behind by the consumer are
 * at most `queueMaxSize` entries, wherever they are, and of their bodies
 * `maxBufferedBytes`, beyond which no request begins.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type * as Entry from "../../Entry.js"
import type { Settings } from "../../FastGetConfig.js"
import type { Pool } from "../../FetchPool.js"
import type { As } from "../../Outcome.js"
import * as Target from "../../platform/Target.js"
import type { PoolError } from "../../PoolError.js"
import * as CallerHeaders from "../base/CallerHeaders.js"
import type { WireChunk } from "../wire/Chunk.js"
import * as SharedBytes from "../wire/SharedBytes.js"
import * as Backlog from "./Backlog.js"
import { EntriesOut } from "./EntriesOut.js"
import * as Feeder from "./Feeder.js"
import * as Outbox from "./Outbox.js"
import * as PoisonDetection from "./PoisonDetection.js"
import * as Reader from "./Reader.js"
import * as RunMetrics from "./RunMetrics.js"
import * as Spans from "./Spans.js"

/** What a run is to do. */
export interface Options<Id, A, B, E, R, R2>
  extends Omit<Outbox.Options<Id, A, B, R2>, "buffered" | "limitedBy" | "metrics">
{
  /** A number that no other run of the pool has. */
  readonly runId: number
  readonly pool: Pool
  readonly slots: ReadonlyArray<Feeder.WorkerSlot>
  readonly entries: Entry.Entries<Id, E, R>
  readonly as: As
  readonly withHeaders: boolean
  /** Whether it is told what limited it. The run of a single entry is not: reading that would cost more than it does. */
  readonly logged: boolean
  /** A rate of its own, which its layer does not keep for it. */
  readonly rate?: Settings["rate"]
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
 */
export const stream = <Id, A, B, E, R, R2>(
  options: Options<Id, A, B, E, R, R2>
): Stream.Stream<B, Outbox.Failure<Id, E>, R | R2> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    yield* options.log.start
    const buffered = SharedBytes.make(options.settings.maxBufferedBytes)
    const traffic = () => options.logged ? options.pool.traffic?.() ?? [] : []
    const before = traffic()
    const limitedBy = () => Spans.limitOf(before, traffic())
    const metrics = RunMetrics.make(yield* Effect.metricLabels)
    const outbox = yield* Outbox.make<Id, A, B, E, R2>({ ...options, buffered, limitedBy, metrics })
    const span = yield* Effect.option(Effect.currentSpan)
    if (Option.isSome(span)) {
      yield* Effect.addFinalizer(() => Effect.sync(() => Spans.describe(span.value, outbox.totals(), limitedBy())))
    }
    yield* Effect.forkScoped(
      Effect.scoped(work({ ...options, outbox, buffered, metrics, span: Option.getOrUndefined(span) }))
    )
    return Stream.repeatEffectChunkOption(outbox.pull)
  }))

interface Work<Id, A, B, E, R, R2> extends Options<Id, A, B, E, R, R2> {
  readonly outbox: Outbox.Outbox<Id, A, B, E, R2>
  readonly buffered: SharedBytes.SharedBytes
  readonly metrics: RunMetrics.RunMetrics
  readonly span: Tracer.Span | undefined
}

/** Reads and fetches until the run needs no more. The scope ends all its fibers then. */
const work = <Id, A, B, E, R, R2>(options: Work<Id, A, B, E, R, R2>): Effect.Effect<void, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { buffered, drain, entries, outbox, settings } = options
    const chunks = yield* FiberSet.make<void>()
    const kept = new KeptEntries(options.pool)
    const backlog = yield* Backlog.make<Id>({
      within: settings.chunkWithin,
      reserved: () => kept.reserved(),
      onTaken: () => outbox.wakeReader()
    })
    yield* Effect.acquireRelease(Effect.sync(() => buffered.onFree(backlog.wake)), Effect.sync)
    const { ahead, context, feeding } = feedAll(options, backlog, kept, chunks)
    const reading = Reader.readInto(entries, {
      outbox,
      backlog,
      ahead,
      inputChunkSize: settings.inputChunkSize,
      onAsked: (at) => kept.inputIsAsked(at)
    })
    let reader: Fiber.Fiber<void> | undefined
    if (drain !== undefined) {
      yield* Effect.forkScoped(Effect.zipRight(drain, drained(options, context, chunks, () => reader)))
      // So that one that is complete already is heard first.
      yield* Effect.yieldNow()
    }
    if (!buffered.isDrained()) reader = yield* Effect.forkScoped(orFinish(outbox, reading))
    const all = Effect.all([feeding, kept.release(backlog)], { concurrency: "unbounded", discard: true })
    yield* Effect.forkScoped(orFinish(outbox, all))
    yield* outbox.finished
  })

/** A failure of the work, or a defect in it, is the end of the run. */
const orFinish = <Id, A, B, E, R, R2>(
  outbox: Outbox.Outbox<Id, A, B, E, R2>,
  effect: Effect.Effect<void, PoolError, R>
): Effect.Effect<void, never, R> =>
  Effect.catchAllCause(
    effect,
    (cause: Cause.Cause<PoolError>) => Effect.sync(() => outbox.finish(Exit.failCause(cause)))
  )

/**
 * The first chunk of a worker where an origin has fewer connections than there are workers. These hand a connection on
 * when nothing waits for it in its thread, so entries of one origin better come some at a time.
 */
const chunkOfFewConnections = 64

/** A feeder for each worker. */
const feedAll = <Id, A, B, E, R, R2>(
  options: Work<Id, A, B, E, R, R2>,
  backlog: Backlog.Backlog<Id>,
  kept: KeptEntries,
  chunks: FiberSet.FiberSet<void>
) => {
  const { buffered, outbox, pool, settings, slots } = options
  const workers = pool.workers.length
  // What is adaptive is how many requests are under way at an origin, which its workers find out.
  const concurrency = settings.concurrency === "adaptive" ? Infinity : settings.concurrency
  const most = Math.min(settings.poolSubmitSize, Math.max(1, Math.floor(settings.queueMaxSize / workers)))
  const first = settings.connectionsPerOrigin < workers ? Math.min(most, chunkOfFewConnections) : 1
  let largest = first
  const context: Feeder.Context<Id> = {
    runId: options.runId,
    spans: settings.spans,
    metrics: options.metrics,
    backlog,
    first,
    most,
    buffered,
    out: new EntriesOut(concurrency, workers),
    wireChunk: makeWireChunk(options),
    poison: PoisonDetection.make(),
    entering: new Set(),
    answered: (entries, answers) =>
      settings.spans === "entry"
        ? Effect.zipRight(Spans.ofEntries(entries, answers), outbox.deliver(entries, answers))
        : outbox.deliver(entries, answers),
    onFirst: () => kept.workerWasServed(),
    onSize: (size) => {
      largest = Math.max(largest, size)
      outbox.wakeReader()
    },
    onFailure: (cause) => outbox.finish(Exit.failCause(cause))
  }
  const feeders = slots.map((slot) => Feeder.feed(context, slot, chunks))
  kept.startFor(Math.min(feeders.length, concurrency))
  // A worker that will never be ready leaves its work to the others; the last one leaves its error.
  const feeding = Effect.validateAll(feeders, identity, { concurrency: "unbounded", discard: true }).pipe(
    Effect.mapError((errors) => errors[errors.length - 1]!)
  )
  return { context, feeding, ahead: () => workers * largest }
}

/**
 * Entries that are kept for workers about to be ready, one for each, so that a
 * short input is spread over all of them. Those of a live input don't wait.
 */
class KeptEntries {
  private live = false
  /** Since when the input has been asked for entries; Infinity while it is not. */
  private askedAt = Infinity
  private unserved = 0

  constructor(private readonly pool: Pool) {}

  startFor(workers: number): void {
    this.unserved = workers
  }

  workerWasServed(): void {
    this.unserved--
  }

  inputIsAsked(at: number): void {
    this.isLive()
    this.askedAt = at
  }

  reserved(): number {
    return this.isLive() || !this.pool.isYoung() ? 0 : this.unserved
  }

  private isLive(): boolean {
    return this.live ||= performance.now() - this.askedAt > liveAfter
  }

  /** Has the backlog look again who can take what, as long as entries are kept. */
  release<Id>(backlog: Backlog.Backlog<Id>): Effect.Effect<void> {
    return Effect.suspend(() => {
      backlog.wake()
      return this.pool.isYoung() ? Effect.delay(this.release(backlog), keptCheck) : Effect.void
    })
  }
}

/** Takes no more, begins no more, and ends the run with the last answer of what is under way. */
const drained = <Id, A, B, E, R, R2>(
  { buffered, outbox }: Work<Id, A, B, E, R, R2>,
  { entering }: Feeder.Context<Id>,
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

const makeWireChunk = <Id, A, B, E, R, R2>(
  { as, buffered, drain, rate, runId, settings, span, withHeaders }: Work<Id, A, B, E, R, R2>
) => {
  const { deadline, decodeTimeout, emptyBody, headers, maxBodyBytes, maxRedirects, retry, timeout } = settings
  const headersElsewhere = CallerHeaders.forOtherOrigins(headers, settings.secretHeaders ?? [])
  const common = {
    runId,
    as,
    withHeaders,
    quick: settings.fastPath,
    drainable: drain !== undefined,
    ...(rate === undefined ? undefined : { rate }),
    settings: {
      deadline,
      decodeTimeout,
      emptyBody,
      headers,
      headersElsewhere,
      maxBodyBytes,
      maxRedirects,
      retry,
      timeout,
      ...(span === undefined || settings.propagate.length === 0
        ? undefined
        : { trace: { traceparent: Spans.traceparent(span), origins: settings.propagate } })
    }
  }
  return (chunk: ReadonlyArray<Entry.Entry<Id>>): WireChunk => ({
    ...common,
    buffered: buffered.chunk(),
    urls: chunk.map(([, url]) => Target.urlText(url))
  })
}
