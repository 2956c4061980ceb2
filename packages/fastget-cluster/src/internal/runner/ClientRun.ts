/**
 * A client's stream at a runner, or a job: one run of the runner's own FastGet,
 * which all chunks of it join, whichever of the runner's origins they are for. When
 * unanswered chunks are taken out (their origins go to another runner, or their
 * client is gone) the run ends and begins anew without them, because only its
 * end stops requests for certain; what else it had under way is asked for again.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as FastGet from "fastget/FastGet"
import type { StreamOptions } from "fastget/FastGetConfig"
import type { Answer, As } from "fastget/Outcome"
import type { Room, RunChunk } from "./RunChunk.js"

/** What all chunks of a run have in common. */
export interface RunRequest {
  readonly options: StreamOptions
  readonly as: As
  readonly withHeaders: boolean
}

/** An entry of the run: its chunk, and its index there. */
type Place = readonly [chunk: RunChunk, index: number]

/** Bytes of answers that wait in the chunks. With more than this the run gets no further ones, and in turn asks for none. */
const mostWaiting = 32 * 1024 * 1024

/** A chunk that its client did not ask for in so many milliseconds has no client any more. */
const forgottenAfter = 60_000

/** A run without chunks is kept for so many milliseconds. */
const keptFor = 2000

/** How long, in milliseconds, a run that was stopped waits until it begins anew: chunks are often taken out one after another. */
const beginAfter = 50

/** The run; its fibers and its chunks end with the scope. */
export const make = (
  service: FastGet.Service,
  request: RunRequest
): Effect.Effect<ClientRun, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const drained = yield* Deferred.make<void>()
    const run = new ClientRun(service, request, scope, drained, yield* Effect.makeLatch(true))
    // Runs when its fibers have ended, since they were forked later.
    yield* Effect.addFinalizer(() => Effect.sync(() => run.close()))
    yield* run.begin
    return run
  })

export class ClientRun {
  private readonly chunks = new Map<number, RunChunk>()
  private waiting = 0
  private usedAt = performance.now()
  /** Where entries go; undefined while the run is stopped. */
  private entries: Mailbox.Mailbox<readonly [Place, string]> | undefined
  /** What runs now, or ran last. */
  private fiber: Fiber.RuntimeFiber<void, unknown> | undefined
  private isToBegin = false
  private over = false
  private isFull = false
  private readonly chunkRoom: Room = {
    giveBack: (bytes) => this.count(-bytes),
    isRoomy: () => !this.isFull
  }

  constructor(
    private readonly service: FastGet.Service,
    private readonly request: RunRequest,
    private readonly scope: Scope.Scope,
    private readonly drained: Deferred.Deferred<void>,
    /** Open while more answers may wait. */
    private readonly latch: Effect.Latch
  ) {}

  /** Begins the run, with what is unanswered. */
  readonly begin: Effect.Effect<void> = Effect.gen(this, function*() {
    const entries = yield* Mailbox.make<readonly [Place, string]>()
    const { as, options, withHeaders } = this.request
    this.isToBegin = false
    this.fiber = yield* this.service.run({
      ...raw,
      entries: Mailbox.toStream(entries),
      options,
      as,
      withHeaders,
      drain: Deferred.await(this.drained)
    }).pipe(
      Stream.runForEachChunk((batch) => {
        for (const [[chunk, index], answer] of batch) this.receive(chunk, index, answer)
        return this.latch.await
      }),
      Effect.onExit((exit) => Effect.sync(() => Exit.isInterrupted(exit) || this.endAll())),
      // Whoever begins it may be uninterruptible, and a fiber inherits that.
      Effect.interruptible,
      Effect.forkIn(this.scope)
    )
    this.entries = entries
    for (const chunk of this.chunks.values()) this.offer(chunk)
  })

  /** Whether it has ended for good: it was drained, its pool has ended, or its scope was closed. What is added then has no answers. */
  isOver(): boolean {
    return this.over
  }

  /** Keeps it from counting as unused for a while, for whoever is about to add a chunk. */
  keep(): void {
    this.usedAt = performance.now()
  }

  /** Begins a chunk, or finds the one of this number that has begun, which is of the same kind. */
  add<Chunk extends RunChunk>(number: number, make: (room: Room) => Chunk): Chunk {
    this.keep()
    const known = this.chunks.get(number)
    if (known !== undefined) return known as Chunk
    const chunk = make(this.chunkRoom)
    this.chunks.set(number, chunk)
    if (this.over) chunk.end()
    else this.offer(chunk)
    return chunk
  }

  chunk(number: number): RunChunk | undefined {
    return this.chunks.get(number)
  }

  /**
   * Takes chunks out. Where one of them has entries without an answer, the
   * requests for them have ended when the effect has, whoever else takes out
   * some at the same time.
   */
  remove(numbers: Iterable<number>): Effect.Effect<void> {
    return Effect.suspend(() => {
      let isUnanswered = false
      for (const number of numbers) {
        const chunk = this.chunks.get(number)
        if (chunk === undefined) continue
        isUnanswered ||= !chunk.isAnswered()
        chunk.drop()
        this.chunks.delete(number)
        this.keep()
      }
      return isUnanswered && !this.over ? Effect.zipRight(this.stop, this.beginSoon) : Effect.void
    })
  }

  /** Ends what runs, and waits for its end, also where another one ends it already. */
  private readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    this.entries = undefined
    return this.fiber === undefined ? Effect.void : Effect.asVoid(Fiber.interrupt(this.fiber))
  })

  private readonly beginSoon: Effect.Effect<void> = Effect.suspend(() => {
    if (this.isToBegin) return Effect.void
    this.isToBegin = true
    return Effect.asVoid(Effect.forkIn(Effect.interruptible(Effect.delay(this.begin, beginAfter)), this.scope))
  })

  /** No further request begins. */
  drain(): void {
    Deferred.unsafeDone(this.drained, Exit.void)
  }

  /** Chunks whose client has not asked for them for so long that it is gone. */
  abandoned(): ReadonlyArray<number> {
    return [...this.chunks].flatMap(([number, chunk]) => chunk.isAbandoned(forgottenAfter) ? [number] : [])
  }

  /** Whether it has had no chunk for a while. */
  isUnused(): boolean {
    return this.chunks.size === 0 && performance.now() - this.usedAt > keptFor
  }

  private offer(chunk: RunChunk): void {
    this.entries?.unsafeOfferAll(chunk.open().map((index) => [[chunk, index], chunk.urls[index]!] as const))
  }

  private receive(chunk: RunChunk, index: number, answer: Answer): void {
    this.count(chunk.add(index, answer))
  }

  private count(bytes: number): void {
    this.waiting += bytes
    const isFull = this.waiting >= mostWaiting
    if (isFull === this.isFull) return
    this.isFull = isFull
    if (!isFull) return this.latch.unsafeOpen()
    this.latch.unsafeClose()
    // Each of them may have too little to let it go by itself, and all of them together what fills the run.
    for (const chunk of this.chunks.values()) chunk.look()
  }

  /** The run is over: what has no answer will have none. */
  private endAll(): void {
    this.over = true
    this.entries = undefined
    for (const chunk of this.chunks.values()) chunk.end()
  }

  /** Nobody will find its chunks any more. */
  close(): void {
    this.endAll()
    for (const chunk of this.chunks.values()) chunk.drop()
    this.chunks.clear()
  }
}

/** What a run of answers as they are has instead of values. */
const raw = {
  failFast: false,
  logged: false,
  decode: Either.right,
  emit: (place: Place, _url: string, _result: unknown, answer: Answer) => [place, answer] as const
}
