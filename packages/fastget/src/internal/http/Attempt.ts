/**
 * One attempt at an entry: a request and the redirects it leads to, all within
 * the time for one attempt. Each request waits for a permit of its origin; the
 * wait is not part of that time. Time is of Effect's Clock, because fibers wait
 * for it.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Target } from "../../platform/Target.js"
import * as MonotonicTime from "../base/MonotonicTime.js"
import { down } from "../origin/OriginGate.js"
import type { Rank } from "../origin/OriginQueue.js"
import type { ChunkContext } from "./ChunkContext.js"
import * as DownOrigin from "./DownOrigin.js"
import { withPermit } from "./Permit.js"
import * as Redirects from "./Redirects.js"
import * as RequestEnd from "./RequestEnd.js"
import type { AttemptResult, Redirected, RequestResult } from "./RequestResult.js"
import { decided, failed, isRedirected } from "./RequestResult.js"
import * as RequestTimeout from "./RequestTimeout.js"
import * as SingleRequest from "./SingleRequest.js"

/** Who is told how an attempt goes on. */
export interface Observer {
  /** The first request of the attempt has its permit, and is sent. */
  readonly onStart: () => void
  /** Whether the attempt waits for its next request, and has none under way. */
  readonly onWaiting: (isWaiting: boolean) => void
  /** A request was refused in a way that costs nothing: it is made again. */
  readonly onSentBack: (refused: AttemptResult) => void
  /** Its origin is down: nothing was asked, and no other attempt is to be made. */
  readonly onDown: () => void
  /** How often requests of the entry were sent back, and where the next one waits for that. */
  readonly refusals: () => number
  readonly rank: () => Rank
}

/** A whole attempt. */
export const start = (
  context: ChunkContext,
  first: Redirects.Request,
  observer: Observer
): Effect.Effect<AttemptResult> =>
  Effect.flatMap(
    Effect.clock,
    (clock) => new Attempt(context, observer, clock, context.settings.timeout).follow(first)
  )

/** The rest of an attempt whose first request was made before and was redirected. `left` is its time, in milliseconds. */
export const resume = (
  context: ChunkContext,
  first: Redirects.Request,
  redirected: Redirected,
  left: number,
  observer: Observer
): Effect.Effect<AttemptResult> =>
  Effect.flatMap(Effect.clock, (clock) => new Attempt(context, observer, clock, left).resume(first, redirected))

class Attempt {
  private readonly trail = Redirects.makeTrail()
  private hasStarted = false

  constructor(
    private readonly context: ChunkContext,
    private readonly observer: Observer,
    private readonly clock: Clock.Clock,
    private left: number
  ) {}

  resume(first: Redirects.Request, redirected: Redirected): Effect.Effect<AttemptResult> {
    this.trail.add(first.target)
    return this.next(first, redirected)
  }

  /** Request; redirected? the next one; else the end. */
  follow(request: Redirects.Request): Effect.Effect<AttemptResult> {
    this.trail.add(request.target)
    return Effect.flatMap(
      this.send(request),
      (result) => isRedirected(result) ? this.next(request, result) : Effect.succeed(result)
    )
  }

  private next(request: Redirects.Request, { location }: Redirected): Effect.Effect<AttemptResult> {
    const { headersElsewhere, maxRedirects } = this.context.settings
    const to = Redirects.next(location, request.target, this.trail, maxRedirects)
    return to._tag === "Left"
      ? Effect.succeed(failed(request.target, to.left))
      : this.follow(Redirects.requestAfter(request, to.right, headersElsewhere))
  }

  /** Makes a request, and again each time it is sent back. */
  private send(request: Redirects.Request): Effect.Effect<RequestResult> {
    return Effect.flatMap(this.sendOnce(request), (result) => {
      if (isRedirected(result) || result.again === undefined) return Effect.succeed(result)
      this.observer.onSentBack(result)
      return Effect.zipRight(waitFor(result.again), this.send(request))
    })
  }

  private sendOnce({ callerHeaders, target }: Redirects.Request): Effect.Effect<RequestResult> {
    const { bytes, gate } = this.context
    this.observer.onWaiting(true)
    return withPermit(gate, target.origin, bytes, this.observer.rank())((epoch) => {
      if (epoch === down) {
        this.observer.onDown()
        return Effect.succeed(failed(target, DownOrigin.reasonOf(gate, target.origin)))
      }
      // The run was drained after the permit was given: the fiber is interrupted in a moment, and sends nothing.
      if (bytes.isDrained()) return Effect.never
      this.observer.onWaiting(false)
      if (!this.hasStarted && this.trail.requests() === 1) this.observer.onStart()
      this.hasStarted = true
      return this.timed(target, SingleRequest.send(this.context, target, callerHeaders), epoch)
    })
  }

  /** The request, within the time that is left; its end is told to the gate. */
  private timed(
    target: Target,
    request: Effect.Effect<RequestResult>,
    epoch: number
  ): Effect.Effect<RequestResult> {
    const { bytes, gate } = this.context
    const began = MonotonicTime.now(this.clock)
    const startedAt = performance.now()
    const expected = bytes.begin()
    const { left } = this
    return RequestTimeout.within(this.context, target, request, left).pipe(
      Effect.map((result) => {
        const end = RequestEnd.of(result, epoch, startedAt, this.observer.refusals())
        return decided(result, gate.feedback(target.origin, end))
      }),
      Effect.ensuring(Effect.sync(() => {
        bytes.end(expected, 0)
        this.left = Math.max(1, left - (MonotonicTime.now(this.clock) - began))
      })),
      // To be refused takes no time of the attempt.
      Effect.tap((result) => {
        if (!isRedirected(result) && result.again !== undefined) this.left = left
        return Effect.void
      })
    )
  }
}

const waitFor = (millis: number): Effect.Effect<void> => millis > 0 ? Effect.sleep(millis) : Effect.void
