/**
 * One entry through an `HttpClient`, from the end of its first request to its
 * answer: attempt; redirected? the next request (`Attempt`); refused? wait
 * (`RetryPolicy`) and again; sent back by its origin's gate? again, at no cost;
 * answered. Nothing fails: what goes wrong is the answer. The first request is
 * made by `ChunkGet`, for most entries without a fiber.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Random from "effect/Random"
import type { Answer } from "../../Outcome.js"
import type { Target } from "../../platform/Target.js"
import * as MonotonicTime from "../base/MonotonicTime.js"
import type { Rank } from "../origin/OriginQueue.js"
import * as Attempt from "./Attempt.js"
import * as BodyResult from "./BodyResult.js"
import type { ChunkContext } from "./ChunkContext.js"
import * as EntryAnswer from "./EntryAnswer.js"
import type { AttemptResult, Redirected, RequestResult } from "./RequestResult.js"
import { isRedirected } from "./RequestResult.js"
import * as RequestTimeout from "./RequestTimeout.js"
import * as RetryPolicy from "./RetryPolicy.js"

/** An entry whose first request has ended. */
export interface Entry {
  readonly target: Target
  /** Where it is in its chunk. */
  readonly index: number
  /** When its first request began, by `performance.now()`. */
  readonly startedAt: number
}

/** From the end of the first request to the answer. Meant for a fiber of its own. */
export const complete = (context: ChunkContext, entry: Entry, first: RequestResult): Effect.Effect<Answer> =>
  Effect.withFiberRuntime((fiber) => new HttpGet(context, entry, fiber).complete(first))

class HttpGet implements Attempt.Observer {
  private attempts = 1
  private sentBack = 0
  /** Whether it was told a time to be asked for again, when it is before all others. */
  private isDue = false
  /** Whether the attempt that comes next is the first one, whose request was sent back. */
  private isFirstAgain = false
  private last: AttemptResult | undefined
  /** Whether no other attempt is made, whatever the reason of the last one: that may be one that others had. */
  private isOver = false

  constructor(
    private readonly context: ChunkContext,
    private readonly entry: Entry,
    private readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  ) {}

  complete(first: RequestResult): Effect.Effect<Answer> {
    const isDone = !isRedirected(first) && first.result._tag === "Right"
    return Effect.flatMap(isDone ? Effect.succeed(first) : this.untilDeadline(first), (attempt) => {
      this.onWaiting(false)
      return Effect.map(
        BodyResult.of(this.context, attempt, this.entry.index),
        (result) => EntryAnswer.make(this.context, attempt, result, this.attempts, this.entry.startedAt)
      )
    }).pipe(
      // A client may interrupt its own fiber. The answer tells the attempts that were made before.
      Effect.catchAllCause((cause) =>
        Effect.sync(() => EntryAnswer.ofCause(cause, this.attempts, this.entry.startedAt))
      )
    )
  }

  onStart(): void {
    if (!this.isFirstAgain) this.attempts++
    this.isFirstAgain = false
  }

  onSentBack(refused: AttemptResult): void {
    this.sentBack++
    this.isDue = refused.again !== 0
    this.last = refused
    this.onWaiting(true)
  }

  onDown(): void {
    this.isOver = true
  }

  refusals(): number {
    return this.sentBack
  }

  rank(): Rank {
    return this.sentBack === 0 ? "fresh" : this.isDue ? "due" : "sentBack"
  }

  onWaiting(isWaiting: boolean): void {
    if (isWaiting) this.context.waitingFibers.add(this.fiber)
    else this.context.waitingFibers.delete(this.fiber)
  }

  /** The attempts, within the entry's `deadline`. When it comes, the last attempt that ended is the result. */
  private untilDeadline(first: RequestResult): Effect.Effect<AttemptResult> {
    const { deadline } = this.context.settings
    if (deadline === Infinity) return this.attemptsFrom(first, () => Infinity)
    return Effect.flatMap(Effect.clock, (clock) => {
      const end = MonotonicTime.now(clock) + deadline - this.elapsed()
      const left = () => end - MonotonicTime.now(clock)
      return Effect.timeoutTo(this.attemptsFrom(first, left), {
        duration: Math.max(0, left()),
        onSuccess: identity,
        onTimeout: () => this.last ?? RequestTimeout.exceeded(this.entry.target, deadline)
      })
    })
  }

  /** Attempt; refused? wait and again. `left` tells how many milliseconds there are until the deadline. */
  private attemptsFrom(first: RequestResult, left: () => number): Effect.Effect<AttemptResult> {
    return Effect.gen(this, function*() {
      let attempt = isRedirected(first) ? yield* this.resumeFirst(first) : first
      for (;;) {
        this.last = attempt
        const wait = attempt.again ?? (yield* this.waitBeforeNext(attempt, left))
        if (wait === undefined) return attempt
        if (attempt.again !== undefined) {
          // The first request of all: those of `Attempt` are made again there.
          this.isFirstAgain = true
          this.onSentBack(attempt)
        }
        this.onWaiting(true)
        if (wait > 0) yield* Effect.sleep(wait)
        attempt = yield* Attempt.start(this.context, this.firstRequest(), this)
      }
    })
  }

  /** How long to wait before the next attempt; undefined where there is none. */
  private waitBeforeNext(attempt: AttemptResult, left: () => number): Effect.Effect<number | undefined> {
    const { budget, settings: { retry } } = this.context
    const { attempts } = this
    if (attempt.result._tag === "Right" || this.isOver) return Effect.succeed(undefined)
    const reason = attempt.result.left
    if (!RetryPolicy.allows(reason, attempts, retry)) return Effect.succeed(undefined)
    return Effect.map(Random.next, (random) => {
      const wait = RetryPolicy.delay(reason, attempts, retry, random)
      // What can't come before the deadline is not waited for.
      return wait < left() && budget.take(this.entry.target.origin, retry.budget) ? wait : undefined
    })
  }

  private resumeFirst(redirected: Redirected): Effect.Effect<AttemptResult> {
    const left = Math.max(1, this.context.settings.timeout - this.elapsed())
    return Attempt.resume(this.context, this.firstRequest(), redirected, left, this)
  }

  private firstRequest() {
    return { target: this.entry.target, callerHeaders: this.context.headersFor(this.entry.target.origin) }
  }

  /** How long the first request took, in milliseconds: it ran where no fiber was, and so by no Clock. */
  private elapsed(): number {
    return performance.now() - this.entry.startedAt
  }
}
