/**
 * All entries of a chunk through a client. URLs come in, answers go to the
 * writer as they complete. Each entry starts when its origin has a permit for
 * it: on the quick path where the client has one, else as a fiber. Where the
 * first request does not end in a body that is sent on as it is, `HttpGet` makes
 * the answer, the same for both. When the run is drained, entries that wait for
 * a request leave without an answer. The scope of `getAll` owns all of it.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import type { Answer } from "../../Outcome.js"
import type * as QuickGet from "../../platform/QuickGet.js"
import type * as Target from "../../platform/Target.js"
import type { ChunkContext } from "../http/ChunkContext.js"
import * as DownOrigin from "../http/DownOrigin.js"
import * as EntryAnswer from "../http/EntryAnswer.js"
import * as HttpGet from "../http/HttpGet.js"
import * as RequestEnd from "../http/RequestEnd.js"
import * as RequestHeaders from "../http/RequestHeaders.js"
import type { RequestResult } from "../http/RequestResult.js"
import { decided } from "../http/RequestResult.js"
import * as RequestTimeout from "../http/RequestTimeout.js"
import * as ResponseMeaning from "../http/ResponseMeaning.js"
import * as SingleRequest from "../http/SingleRequest.js"
import type { Ticket } from "../origin/OriginGate.js"
import { down } from "../origin/OriginGate.js"
import * as Answers from "../wire/Answers.js"
import type { WireChunk } from "../wire/Chunk.js"
import type { BatchWriter } from "./BatchWriter.js"
import * as Deadlines from "./Deadlines.js"
import { LongWaits } from "./LongWaits.js"

/** How often, in milliseconds, a chunk of a run that may be drained looks whether it is. */
const drainCheck = 20

/**
 * Gets all entries of a chunk, with no bound but the connections. An entry's
 * fiber is made when its connection is free: to fork all at once, as an
 * unbounded `Effect.forEach` does, and let them wait makes hundreds of
 * fibers that only wait. See docs/decisions/0012.
 */
export const getAll = (
  chunk: WireChunk,
  context: ChunkContext,
  parseUrl: ReturnType<typeof Target.makeParser>,
  quickGet: QuickGet.QuickGet | undefined,
  writer: BatchWriter
): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function*() {
    const runFork = yield* FiberSet.makeRuntime<never>()
    const { keepsLimits, limits } = context
    const allowed = () => Math.min(limits.timeout, limits.deadline) + (limits.kept ? RequestTimeout.grace : 0)
    const deadlines = keepsLimits ? undefined : yield* Deadlines.make(allowed)
    yield* Effect.async<void>((resume) => {
      const requests = new Requests(chunk, context, quickGet, deadlines, writer, runFork, () => resume(Effect.void))
      requests.begin(chunk.urls, parseUrl)
      return Effect.sync(() => requests.cancel())
    })
  }))

type RunFork = <A>(effect: Effect.Effect<A>) => Fiber.RuntimeFiber<A>

/** The requests of a chunk: those that wait for a connection, and those under way. */
class Requests {
  private readonly waiting: LongWaits
  private readonly exchanges = new Map<QuickGet.Exchange, string>()
  private readonly quickHeaders = new Map<WireChunk["settings"]["headers"], ReadonlyArray<string>>()
  private unfinished: number
  private readonly drainTimer: ReturnType<typeof setInterval> | undefined

  constructor(
    chunk: WireChunk,
    private readonly context: ChunkContext,
    private readonly quickGet: QuickGet.QuickGet | undefined,
    private readonly deadlines: Deadlines.Deadlines | undefined,
    private readonly writer: BatchWriter,
    private readonly runFork: RunFork,
    private readonly onEnd: () => void
  ) {
    this.unfinished = chunk.urls.length
    this.waiting = new LongWaits({ isStill: (origin) => context.gate.isStill(origin), onLong: () => writer.started() })
    this.drainTimer = chunk.drainable ? setInterval(() => this.endWaitingIfDrained(), drainCheck) : undefined
  }

  begin(urls: ReadonlyArray<string>, parseUrl: ReturnType<typeof Target.makeParser>): void {
    urls.forEach((url, index) => {
      const target = parseUrl(url)
      if (target._tag === "Right") return this.enqueue(index, target.right)
      this.writer.started()
      this.answered(index, Answers.unanswered(target.left))
    })
    if (this.unfinished === 0) this.end()
  }

  cancel(): void {
    clearInterval(this.drainTimer)
    // First the tickets: a permit that is released below must not go to an entry of this chunk.
    this.waiting.cancel()
    for (const [exchange, origin] of this.exchanges) {
      exchange.cancel()
      this.context.gate.release(origin)
    }
  }

  private enqueue(index: number, target: Target.Target): void {
    let ticket: Ticket | undefined
    ticket = this.context.gate.acquire(target.origin, this.context.bytes, (epoch) => {
      if (ticket === undefined || this.waiting.delete(target.origin, ticket)) this.writer.started()
      this.start(index, target, epoch)
    })
    if (ticket !== undefined) this.waiting.add(target.origin, ticket)
  }

  private start(index: number, target: Target.Target, epoch: number): void {
    if (epoch === down) {
      return this.answered(index, Answers.unanswered(DownOrigin.reasonOf(this.context.gate, target.origin)))
    }
    this.context.budget.requested(target.origin, this.context.settings.retry.budget)
    if (this.quickGet !== undefined && target.authorization === undefined) {
      this.startQuick(this.quickGet, index, target, epoch)
    } else this.startFiber(index, target, epoch)
  }

  /** As the quick path takes them, names and values in turns. */
  private quickHeadersFor(origin: string): ReadonlyArray<string> {
    const headers = this.context.headersFor(origin)
    let flat = this.quickHeaders.get(headers)
    if (flat === undefined) {
      flat = Object.entries(RequestHeaders.make(headers, undefined)).flat()
      this.quickHeaders.set(headers, flat)
    }
    return flat
  }

  private startQuick(get: QuickGet.QuickGet, index: number, target: Target.Target, epoch: number): void {
    const { context } = this
    const startedAt = performance.now()
    const begun = context.bytes.begin()
    const exchange = get(target.origin, target.path, this.quickHeadersFor(target.origin), context.limits, (end) => {
      this.exchanges.delete(exchange)
      const answer = EntryAnswer.ofPlainQuickBody(context, end, startedAt)
      if (answer !== undefined && end._tag === "Answered") {
        context.gate.feedback(
          target.origin,
          new RequestEnd.RequestEnd(epoch, startedAt, 0, end.status, end.headers, undefined)
        )
        this.release(target, begun, answer.held)
        return this.answered(index, answer)
      }
      const first = this.decided(
        target,
        ResponseMeaning.ofQuickGet(target, end, context.settings.maxBodyBytes),
        epoch,
        startedAt
      )
      this.release(target, begun, 0)
      this.complete({ index, target, startedAt }, first)
    })
    this.exchanges.set(exchange, target.origin)
  }

  private startFiber(index: number, target: Target.Target, epoch: number): void {
    const { context } = this
    const startedAt = performance.now()
    const begun = context.bytes.begin()
    const fiber = this.runFork(SingleRequest.send(context, target, context.headersFor(target.origin)))
    const deadline = this.deadlines?.add(fiber)
    fiber.addObserver((exit) => {
      deadline?.clear()
      const ended = Exit.isSuccess(exit)
        ? exit.value
        : deadline?.isOver() === true
        ? RequestTimeout.timedOut(context, target)
        : undefined
      const first = ended === undefined ? undefined : this.decided(target, ended, epoch, startedAt)
      const answer = first === undefined ? undefined : EntryAnswer.ofPlainBody(context, first, startedAt)
      this.release(target, begun, answer?.held ?? 0)
      if (answer !== undefined) this.answered(index, answer)
      else if (first !== undefined) this.complete({ index, target, startedAt }, first)
      else if (Exit.isFailure(exit)) this.answered(index, EntryAnswer.ofCause(exit.cause, 1, startedAt))
    })
  }

  /** Tells the gate how a first request ended, and notes what is to become of its entry if it was refused. */
  private decided(target: Target.Target, first: RequestResult, epoch: number, startedAt: number): RequestResult {
    return decided(first, this.context.gate.feedback(target.origin, RequestEnd.of(first, epoch, startedAt, 0)))
  }

  /** The bytes are counted before the permit is released, because the next one to get it looks at the count. */
  private release(target: Target.Target, begun: number, held: number): void {
    this.context.bytes.end(begun, held)
    this.context.gate.release(target.origin)
  }

  /** From the first request on: redirects, retries, and what is made of the body. */
  private complete(entry: HttpGet.Entry, first: RequestResult): void {
    const { bytes } = this.context
    this.runFork(HttpGet.complete(this.context, entry, first)).addObserver((exit) => {
      if (Exit.isInterrupted(exit) && bytes.isDrained()) return this.leaveOut()
      const answer = Exit.getOrElse(exit, (cause) => EntryAnswer.ofCause(cause, 1, entry.startedAt))
      bytes.add(answer.held)
      this.answered(entry.index, answer)
    })
  }

  private answered(index: number, answer: Answer): void {
    this.writer.add(index, this.context.as === "json" ? Answers.refuseDeep(answer) : answer)
    if (--this.unfinished === 0) this.end()
  }

  /** An entry leaves without an answer, as entries of a drained run may. */
  private leaveOut(): void {
    this.writer.leaveOut()
    if (--this.unfinished === 0) this.end()
  }

  private end(): void {
    clearInterval(this.drainTimer)
    this.onEnd()
  }

  /** The gate gives no permit to a drained run, so entries that wait for one would wait for ever: they leave. */
  private endWaitingIfDrained(): void {
    if (!this.context.bytes.isDrained()) return
    for (let left = this.waiting.cancel(); left > 0; left--) this.leaveOut()
    for (const fiber of this.context.waitingFibers) fiber.unsafeInterruptAsFork(FiberId.none)
    this.context.waitingFibers.clear()
  }
}
