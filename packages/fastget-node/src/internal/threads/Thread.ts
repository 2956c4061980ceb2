/**
 * One thread from its start to its end. It is spawned, greets, takes chunks, and
 * ends; its own events and its black box tell how. The scope owns it: when it
 * closes the thread is asked to end, and ended if it does not.
 */
import * as Worker from "@effect/platform/Worker"
import type { WorkerError } from "@effect/platform/WorkerError"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { WireBatch, WireChunk, WorkerLost } from "fastget/FetchPool"
import * as FetchWorker from "fastget/FetchWorker"
import type { Running } from "fastget/platform/BlackBox"
import { BlackBox } from "fastget/platform/BlackBox"
import type { KeptOptions } from "fastget/platform/KeptOptions"
import { PoolError } from "fastget/PoolError"
import type * as WorkerThreads from "node:worker_threads"
import * as Greeting from "./Greeting.js"
import * as Heartbeat from "./Heartbeat.js"

export interface Options {
  /** `told` is for the thread to say in its greeting. */
  readonly spawn: (box: BlackBox, told: string) => WorkerThreads.Worker
  /** The options that the thread's client has to keep, or it is not used. */
  readonly mustKeep: KeptOptions
  /** What the thread is told of the limits of its layer. */
  readonly traffic: FetchWorker.Traffic
  /** In milliseconds, as is the next. */
  readonly startTimeout: number
  readonly stuckTimeout: number
}

/**
 * How a thread ended, and who ended it: the entry whose code ran in it, someone
 * outside of it who terminated it, or nobody knows.
 */
export interface End {
  readonly cause: WorkerLost["cause"]
  readonly exitCode: number | undefined
  readonly by: Running | "outside" | undefined
}

export interface Thread {
  readonly execute: (chunk: WireChunk) => Stream.Stream<WireBatch, WorkerLost | PoolError>
  /** Waits for the thread's end. */
  readonly end: Effect.Effect<End>
  /** Whether it has answered an entry. */
  readonly hasAnswered: () => boolean
}

/** How long, in milliseconds, a thread may take to end by itself when its scope closes. */
const closeWithin = 800

/**
 * Each thread is told a number of its own. One that answers with an older number was started with the options, and the
 * shared memory, of an older thread.
 */
let lastTold = 0

/**
 * Starts a thread and exchanges greetings with it.
 */
export const start = (
  { mustKeep, spawn, startTimeout, stuckTimeout, traffic }: Options
): Effect.Effect<Thread, PoolError, Scope.Scope | Worker.WorkerManager> =>
  Effect.gen(function*() {
    const manager = yield* Worker.WorkerManager
    const ended = yield* Deferred.make<End>()
    const failed = yield* Deferred.make<never, PoolError>()
    const box = new BlackBox()
    const told = String(++lastTold)
    let watched: Watched | undefined
    const spawnWatched = (): WorkerThreads.Worker => {
      try {
        const worker = spawn(box, told)
        watched = watch(worker, box, ended, failed)
        return worker
      } catch (error) {
        Deferred.unsafeDone(failed, Exit.fail(startError(error)))
        throw error
      }
    }
    // The platform logs a warning at each end of a thread; the supervisor knows better what it means.
    const running = manager.spawn<FetchWorker.Request, FetchWorker.Reply, never>({}).pipe(
      Logger.withMinimumLogLevel(LogLevel.None),
      Effect.provideService(Worker.Spawner, spawnWatched),
      Effect.tap(greet(told, mustKeep, traffic))
    )
    const port = yield* running.pipe(
      Effect.catchTag("WorkerError", (error) => Effect.fail(startError(error.cause))),
      Effect.raceFirst(Deferred.await(failed)),
      Effect.timeoutFail({
        duration: startTimeout,
        onTimeout: () => new PoolError({ reason: { _tag: "StartTimeout", limit: startTimeout } })
      }),
      // A thread that is not ready does not get the message that asks it to end, so it is terminated.
      Effect.onExit((exit) => Exit.isFailure(exit) ? Effect.sync(() => void watched?.worker.terminate()) : Effect.void)
    )
    const { stuck, worker } = watched!
    yield* Heartbeat.watch(box, stuckTimeout, stuck)
    // Added last, so it runs first: it sets the time within which the thread, asked to end, has to do so.
    yield* Effect.addFinalizer(() => Effect.sync(() => terminateAfter(worker, closeWithin)))
    return make(port, ended)
  })

type Port = Worker.Worker<FetchWorker.Request, FetchWorker.Reply, never>

const make = (port: Port, ended: Deferred.Deferred<End>): Thread => {
  let chunks = 0
  let answered = false
  return {
    end: Deferred.await(ended),
    hasAnswered: () => answered,
    execute: (chunk) =>
      Stream.unwrap(Effect.map(Deferred.isDone(ended), (isOver) => {
        // The platform never answers a message that is sent to a thread that has ended.
        if (isOver) return Stream.fail(neverSent)
        const number = ++chunks
        const lost = Effect.flatMap(Deferred.await(ended), (end) => Effect.fail(lossOf(end, number)))
        return port.execute({ _tag: "Chunk", protocol: FetchWorker.protocol, number, chunk }).pipe(
          // The platform's error says less than the thread's end. Where no thread ends, the request itself was at fault.
          Stream.catchAllCause((cause) =>
            Stream.execute(
              Cause.isInterruptedOnly(cause)
                ? Effect.interrupt
                : Effect.raceFirst(lost, Effect.delay(Effect.failCause(Cause.die(Cause.squash(cause))), closeWithin))
            )
          ),
          Stream.mapEffect((reply) => {
            if (reply._tag !== "Batch" || reply.protocol !== FetchWorker.protocol) {
              return Effect.fail(versionError(reply))
            }
            answered ||= reply.batch.count > 0
            return Effect.succeed(reply.batch)
          }),
          // When a thread ends the platform ends its streams as if they had succeeded.
          Stream.concat(Stream.execute(Effect.flatMap(Deferred.isDone(ended), (done) => done ? lost : Effect.void)))
        )
      }))
  }
}

/**
 * The loss of a chunk that never reached a thread.
 */
export const neverSent: WorkerLost = { _tag: "WorkerLost", cause: "missing", blame: "elsewhere" }

/** What a thread's end means to one of its chunks. */
const lossOf = ({ by, cause, exitCode }: End, number: number): WorkerLost => ({
  _tag: "WorkerLost",
  cause,
  ...(exitCode === undefined ? undefined : { exitCode }),
  ...(by === undefined ? undefined : { blame: by !== "outside" && by.chunk === number ? by.entry : "elsewhere" })
})

const versionError = (reply: unknown): PoolError => {
  const actual = Predicate.hasProperty(reply, "protocol") ? String(reply.protocol) : "none"
  return new PoolError({ reason: { _tag: "Version", expected: FetchWorker.protocol, actual } })
}

const terminateAfter = (worker: WorkerThreads.Worker, millis: number): void => {
  const timer = setTimeout(() => void worker.terminate(), millis)
  worker.once("exit", () => clearTimeout(timer))
}

const startError = (cause: unknown): PoolError =>
  new PoolError({ reason: { _tag: "Start", detail: cause instanceof Error ? cause.message : String(cause) } })

const greet = (
  told: string,
  mustKeep: KeptOptions,
  traffic: FetchWorker.Traffic
) =>
(port: Port): Effect.Effect<void, PoolError | WorkerError> => {
  const asks = Object.keys(mustKeep).length > 0
  return Effect.flatMap(
    port.executeEffect({ _tag: "Hello", protocol: FetchWorker.protocol, asks, traffic }),
    (reply) =>
      reply._tag === "Hello" && reply.protocol === FetchWorker.protocol
        ? Greeting.check(reply, told, mustKeep) ?? Effect.void
        : Effect.fail(versionError(reply))
  )
}

interface Watched {
  readonly worker: WorkerThreads.Worker
  /** Terminates the thread as one that stands still. */
  readonly stuck: () => void
}

/** Tells of a thread's end, and why, in the words of `WorkerLost` and of `PoolError`. */
const watch = (
  worker: WorkerThreads.Worker,
  box: BlackBox,
  ended: Deferred.Deferred<End>,
  failed: Deferred.Deferred<never, PoolError>
): Watched => {
  let cause: WorkerLost["cause"] = "exit"
  worker.once("error", (error: Error & { readonly code?: string }) => {
    cause = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "out of memory" : "uncaught"
    Deferred.unsafeDone(failed, Exit.fail(startError(error)))
  })
  worker.once("exit", (exitCode) => {
    // Without a heartbeat the black box is not written, and does not tell how the thread ended.
    const outside = cause === "exit" && box.beats() > 0 && !box.endedItself()
    const end: End = cause === "stuck"
      ? { cause, exitCode: undefined, by: box.running() }
      : { cause, exitCode, by: outside ? "outside" : box.running() }
    Deferred.unsafeDone(ended, Exit.succeed(end))
    Deferred.unsafeDone(failed, Exit.fail(startError(`the worker ended with exit code ${exitCode}`)))
  })
  return {
    worker,
    stuck: () => {
      cause = "stuck"
      void worker.terminate()
    }
  }
}
