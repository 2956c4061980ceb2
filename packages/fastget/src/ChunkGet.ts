/**
 * All entries of a chunk through a client. URLs come in, answers go to the
 * writer as they complete. Each entry starts when its origin has a connection
 * for it: on the quick path where the client has one, else as a fiber. What does
 * not end in a body there goes on in `HttpGet`, the same for both. When the run
 * is drained, entries that wait for a request go back without an answer. The
 * scope of `getAll` owns all of it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import type { BatchWriter } from "./BatchWriter.js"
import type * as Entry from "./Entry.js"
import * as HttpGet from "./HttpGet.js"
import type { Ticket } from "./internal/origin/OriginGate.js"
import type { WireChunk } from "./internal/wire/Chunk.js"
import type { Answer } from "./Outcome.js"
import * as Outcome from "./Outcome.js"
import type * as QuickGet from "./QuickGet.js"

/** How often, in milliseconds, a chunk of a run that may be drained looks whether it is. */
const drainCheck = 20

/**
 * Gets all entries of a chunk, with no bound but the connections. An entry's
 * fiber is made when its connection is free: to fork all at once, as an
 * unbounded `Effect.forEach` does, and let them wait makes hundreds of
 * fibers that only wait. See docs/decisions/0012.
 *
 * @since 0.1.0
 * @category getting
 */
export const getAll = (
  chunk: WireChunk,
  context: HttpGet.Context,
  parseUrl: ReturnType<typeof Entry.makeParser>,
  quickGet: QuickGet.QuickGet | undefined,
  writer: BatchWriter
): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function*() {
    const runFork = yield* FiberSet.makeRuntime<never>()
    const deadlines = context.keepsLimits ? undefined : yield* makeDeadlines(context)
    const quickHeaders = Object.entries(HttpGet.requestHeaders(chunk.settings.headers, undefined)).flat()
    yield* Effect.async<void>((resume) => {
      const { gate, run, settings: { retry } } = context
      const lines = new Set<Ticket>()
      const exchanges = new Map<QuickGet.Exchange, string>()
      let unfinished = chunk.urls.length

      const end = () => {
        clearInterval(timer)
        resume(Effect.void)
      }

      const answered = (index: number, answer: Answer) => {
        writer.add(index, context.as === "json" ? Outcome.refuseDeep(answer) : answer)
        if (--unfinished === 0) end()
      }

      const goBack = () => {
        writer.leaveOut()
        if (--unfinished === 0) end()
      }

      /** The gate lets nobody of a drained run in; here those leave who wait. */
      const look = () => {
        if (!run.isDrained()) return
        for (const ticket of lines) {
          ticket.cancel()
          goBack()
        }
        lines.clear()
        for (const fiber of context.waiting) fiber.unsafeInterruptAsFork(FiberId.none)
        context.waiting.clear()
      }
      const timer = chunk.drainable ? setInterval(look, drainCheck) : undefined

      /** Counted before the place is given on: who gets it is to know. */
      const leave = (target: Entry.Target, begun: number, held: number) => {
        run.end(begun, held)
        gate.release(target.origin)
      }

      const goOn = (index: number, target: Entry.Target, hop: HttpGet.Hop, startedAt: number) =>
        runFork(HttpGet.goOn(context, target, index, hop, startedAt)).addObserver((exit) => {
          if (Exit.isInterrupted(exit) && run.isDrained()) return goBack()
          const answer = Exit.getOrElse(exit, (cause) => HttpGet.brokenOff(cause, 1, startedAt))
          run.add(answer.held)
          answered(index, answer)
        })

      const startQuick = (get: QuickGet.QuickGet, index: number, target: Entry.Target) => {
        const startedAt = performance.now()
        const begun = run.begin()
        const exchange = get(target.origin, target.path, quickHeaders, context.limits, (end) => {
          exchanges.delete(exchange)
          const answer = HttpGet.plainQuickAnswer(context, end, startedAt)
          leave(target, begun, answer?.held ?? 0)
          if (answer !== undefined) answered(index, answer)
          else goOn(index, target, HttpGet.hopOfQuick(context, target, end), startedAt)
        })
        exchanges.set(exchange, target.origin)
      }

      const startFiber = (index: number, target: Entry.Target) => {
        const startedAt = performance.now()
        const begun = run.begin()
        const fiber = runFork(HttpGet.first(context, target))
        const deadline = deadlines?.add(fiber)
        fiber.addObserver((exit) => {
          deadline?.clear()
          const hop = Exit.isSuccess(exit)
            ? exit.value
            : deadline?.isOver() === true
            ? HttpGet.timedOut(context, target)
            : undefined
          const answer = hop === undefined ? undefined : HttpGet.plainAnswer(context, hop, startedAt)
          leave(target, begun, answer?.held ?? 0)
          if (answer !== undefined) answered(index, answer)
          else if (hop !== undefined) goOn(index, target, hop, startedAt)
          else if (Exit.isFailure(exit)) answered(index, HttpGet.brokenOff(exit.cause, 1, startedAt))
        })
      }

      const start = (index: number, target: Entry.Target) => {
        writer.started()
        context.budget.requested(target.origin, retry.budget)
        if (quickGet !== undefined && target.authorization === undefined) startQuick(quickGet, index, target)
        else startFiber(index, target)
      }

      chunk.urls.forEach((url, index) => {
        const target = parseUrl(url)
        if (target._tag === "Left") {
          writer.started()
          return answered(index, Outcome.unanswered(target.left))
        }
        let ticket: Ticket | undefined
        ticket = gate.acquire(target.right.origin, run, () => {
          if (ticket !== undefined) lines.delete(ticket)
          start(index, target.right)
        })
        if (ticket !== undefined) lines.add(ticket)
      })
      if (unfinished === 0) return end()

      return Effect.sync(() => {
        clearInterval(timer)
        // The lines first: a place that is left must not go to an entry of this chunk.
        for (const ticket of lines) ticket.cancel()
        for (const [exchange, origin] of exchanges) {
          exchange.cancel()
          gate.release(origin)
        }
      })
    })
  }))

interface Deadline {
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  readonly from: number
  done: boolean
  over: boolean
}

/**
 * Interrupts fibers that run longer than they may. One fiber for a chunk: all of
 * its deadlines are equally far, so they come due in order. (An Effect.timeout
 * costs two fibers for each request.)
 */
const makeDeadlines = ({ limits }: HttpGet.Context): Effect.Effect<
  { readonly add: (fiber: Deadline["fiber"]) => { readonly clear: () => void; readonly isOver: () => boolean } },
  never,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    let queue: Array<Deadline> = []
    const watch: Effect.Effect<never> = Effect.suspend(() => {
      const now = clock.unsafeCurrentTimeMillis()
      const allowed = Math.min(limits.timeout, limits.deadline) + (limits.kept ? HttpGet.grace : 0)
      queue = queue.filter(({ done }) => !done)
      for (const deadline of queue) {
        if (deadline.from + allowed > now) break
        deadline.over = true
        deadline.fiber.unsafeInterruptAsFork(FiberId.none)
      }
      const next = queue.find(({ over }) => !over)
      return Effect.zipRight(Effect.sleep(next === undefined ? allowed : next.from + allowed - now), watch)
    })
    yield* Effect.forkScoped(watch)
    return {
      add: (fiber) => {
        const deadline: Deadline = { fiber, from: clock.unsafeCurrentTimeMillis(), done: false, over: false }
        queue.push(deadline)
        return {
          clear: () => {
            deadline.done = true
          },
          isOver: () => deadline.over
        }
      }
    }
  })
