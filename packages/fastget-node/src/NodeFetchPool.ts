/**
 * A pool of worker threads: chunks go in as messages, outcomes come back as
 * transferred buffers. Each place in the pool has a supervisor that starts its
 * thread, tells who waits for it, and starts another when it has ended. The
 * layer's scope owns the supervisors, and they own the threads.
 *
 * @since 0.1.0
 */
import * as NodeWorker from "@effect/platform-node/NodeWorker"
import * as Worker from "@effect/platform/Worker"
import type { WorkerError } from "@effect/platform/WorkerError"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { WireChunk } from "fastget/EntryChunk"
import type * as FastGetConfig from "fastget/FastGetConfig"
import * as FetchMetrics from "fastget/FetchMetrics"
import type { PoolWorker, WorkerLost } from "fastget/FetchPool"
import { FetchPool } from "fastget/FetchPool"
import * as FetchWorker from "fastget/FetchWorker"
import type { WireBatch } from "fastget/Outcome"
import { PoolError } from "fastget/PoolError"
import * as RunMetrics from "fastget/RunMetrics"
import { createRequire } from "node:module"
import * as WorkerThreads from "node:worker_threads"
import type * as NodeGetClient from "./NodeGetClient.js"

/**
 * Starts one thread of a worker file of your own; called once for each place in
 * the pool and again when its thread has ended. Pass the options on to the
 * `Worker`: they carry the client's share of the connections and the settings
 * of its memory.
 *
 * @since 0.1.0
 * @category models
 */
export type Spawn = (options: WorkerThreads.WorkerOptions) => WorkerThreads.Worker

/** How long, in milliseconds, threads may take to end by themselves when the pool closes. */
const closeWithin = 800

/** How often in a row a place may fail to start its thread before it gives up, and the wait between, in milliseconds. */
const mostStartFailures = 5
const startAgainAfter = 200

/**
 * A pool of `numWorkers` threads, ready when the first of them is. Fails with
 * `PoolError` when none can be started, or none is ready within `startTimeout`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  settings: FastGetConfig.Settings,
  worker?: Spawn,
  client?: NodeGetClient.Options
): Layer.Layer<FetchPool, PoolError> =>
  Layer.scoped(
    FetchPool,
    Effect.gen(function*() {
      const options = workerOptions(settings, client)
      const spawn = () => (worker ?? defaultSpawn)(options)
      const places = yield* Effect.replicateEffect(makePlace(settings.startTimeout, spawn), settings.numWorkers)
      // One fiber above all supervisors: its interruption stops the threads at the same time, not one after another.
      yield* Effect.forkScoped(Effect.forEach(places, (place) => place.supervise, { concurrency: "unbounded" }))
      const startedAt = performance.now()
      yield* firstReady(places, settings.startTimeout)
      // Workers start together: those that are not ready in twice the time of the first are not waited for.
      const keepUntil = 2 * performance.now() - startedAt
      return {
        workers: places,
        isYoung: () => performance.now() < keepUntil
      }
    })
  ).pipe(Layer.provide(NodeWorker.layerManager))

/** What a thread is started with, besides its file. */
const workerOptions = (
  settings: FastGetConfig.Settings,
  client: NodeGetClient.Options | undefined
): WorkerThreads.WorkerOptions => ({
  workerData: {
    fastget: {
      ...client,
      connections: Math.max(1, Math.floor(settings.connectionsPerOrigin / settings.numWorkers)),
      connectTimeout: settings.connectTimeout
    }
  },
  // More room for young objects: a request's live just long enough to be promoted from the default 48 MiB.
  resourceLimits: { maxYoungGenerationSizeMb: 128 }
})

/** The built worker lies beside this file's built form, whether this runs from `src` or from `dist`. */
const defaultSpawn: Spawn = (options) => {
  const file = createRequire(import.meta.url).resolve("fastget-node/worker")
  // The program's own flags (loaders, inspectors) are not for this file, which is plain JavaScript.
  return new WorkerThreads.Worker(file, { ...options, execArgv: [] })
}

const firstReady = (places: ReadonlyArray<Place>, limit: number): Effect.Effect<void, PoolError> =>
  Effect.raceAll(places.map((place) => place.ready)).pipe(
    Effect.timeoutFail({
      duration: limit,
      onTimeout: () => new PoolError({ reason: { _tag: "StartTimeout", limit } })
    })
  )

interface Place extends PoolWorker {
  /** Keeps a thread running; ends only when it can't. */
  readonly supervise: Effect.Effect<void, never, Worker.WorkerManager>
}

type Thread = Worker.Worker<FetchWorker.Request, FetchWorker.Reply, never>

/** A thread that is ready, and how to learn of its end. */
interface Running {
  readonly thread: Thread
  readonly ended: Deferred.Deferred<WorkerLost>
}

const makePlace = (startTimeout: number, spawn: () => WorkerThreads.Worker): Effect.Effect<Place> =>
  Effect.gen(function*() {
    let current = yield* Deferred.make<Running, PoolError>()

    const renew = Effect.map(Deferred.make<Running, PoolError>(), (next) => {
      current = next
    })

    const serve = Effect.scoped(Effect.gen(function*() {
      const running = yield* start(startTimeout, spawn)
      RunMetrics.add(FetchMetrics.workers, 1)
      yield* Effect.addFinalizer(() => Effect.sync(() => RunMetrics.add(FetchMetrics.workers, -1)))
      yield* Deferred.succeed(current, running)
      yield* Deferred.await(running.ended)
      // Whoever comes now waits for the next thread.
      yield* renew
    }))

    const supervise: Effect.Effect<void, never, Worker.WorkerManager> = Effect.gen(function*() {
      let failures = 0
      let served = false
      while (true) {
        const exit = yield* Effect.exit(serve)
        if (Exit.isSuccess(exit)) {
          failures = 0
          served = true
          FetchMetrics.restarts.unsafeUpdate(1, [])
          continue
        }
        const error = Cause.failureOption(exit.cause)
        if (error._tag === "None") return yield* Effect.failCause(exit.cause as Cause.Cause<never>)
        // A file that never worked won't work the next time.
        if (!served || ++failures === mostStartFailures) {
          const { message } = error.value
          return yield* Deferred.fail(
            current,
            served ? new PoolError({ reason: { _tag: "Lost", detail: message } }) : error.value
          )
        }
        yield* Effect.sleep(startAgainAfter)
      }
    }).pipe(
      Effect.ensuring(Effect.suspend(() => Deferred.fail(current, new PoolError({ reason: { _tag: "Closed" } }))))
    )

    return {
      supervise,
      ready: Effect.suspend(() => Effect.asVoid(Deferred.await(current))),
      execute: (chunk) =>
        Stream.unwrap(Effect.suspend(() =>
          Effect.match(Deferred.await(current), {
            onFailure: () => Stream.fail<WorkerLost | PoolError>(lostBefore),
            onSuccess: (running) => execute(running, chunk)
          })
        ))
    }
  })

/** The loss of a chunk that never reached a thread. */
const lostBefore: WorkerLost = { _tag: "WorkerLost", cause: "missing" }

const execute = (
  { ended, thread }: Running,
  chunk: WireChunk
): Stream.Stream<WireBatch, WorkerLost | PoolError> => {
  const lost = Effect.flatMap(Deferred.await(ended), Effect.fail)
  return thread.execute({ _tag: "Chunk", protocol: FetchWorker.protocol, chunk }).pipe(
    // The platform's error says less than the thread's end. Where no thread ends, the request itself was at fault.
    Stream.catchAllCause((cause) =>
      Stream.execute(
        Cause.isInterruptedOnly(cause)
          ? Effect.interrupt
          : Effect.raceFirst(lost, Effect.delay(Effect.failCause(Cause.die(Cause.squash(cause))), closeWithin))
      )
    ),
    Stream.mapEffect((reply) =>
      reply._tag === "Batch" && reply.protocol === FetchWorker.protocol
        ? Effect.succeed(reply.batch)
        : Effect.fail(versionError(reply))
    ),
    // A thread that ends takes its streams' ends for a success.
    Stream.concat(Stream.execute(Effect.flatMap(Deferred.isDone(ended), (done) => done ? lost : Effect.void)))
  )
}

const versionError = (reply: unknown): PoolError => {
  const actual = Predicate.hasProperty(reply, "protocol") ? String(reply.protocol) : "none"
  return new PoolError({ reason: { _tag: "Version", expected: FetchWorker.protocol, actual } })
}

/** Starts a thread and exchanges greetings with it. The scope owns the thread. */
const start = (
  startTimeout: number,
  spawn: () => WorkerThreads.Worker
): Effect.Effect<Running, PoolError, Scope.Scope | Worker.WorkerManager> =>
  Effect.gen(function*() {
    const manager = yield* Worker.WorkerManager
    const ended = yield* Deferred.make<WorkerLost>()
    const failed = yield* Deferred.make<never, PoolError>()
    let worker: WorkerThreads.Worker | undefined
    const spawnWatched = (): WorkerThreads.Worker => {
      try {
        worker = spawn()
        watch(worker, ended, failed)
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
      Effect.tap(greet)
    )
    const thread = yield* running.pipe(
      Effect.catchTag("WorkerError", (error) => Effect.fail(startError(error.cause))),
      Effect.raceFirst(Deferred.await(failed)),
      Effect.timeoutFail({
        duration: startTimeout,
        onTimeout: () => new PoolError({ reason: { _tag: "StartTimeout", limit: startTimeout } })
      }),
      // A thread that never got ready does not hear when it is asked to end.
      Effect.onExit((exit) => Exit.isFailure(exit) ? Effect.sync(() => void worker?.terminate()) : Effect.void)
    )
    // Last to be added, first to run: whoever does not end when asked is ended.
    yield* Effect.addFinalizer(() => Effect.sync(() => terminateAfter(worker!, closeWithin)))
    return { thread, ended }
  })

const terminateAfter = (worker: WorkerThreads.Worker, millis: number): void => {
  const timer = setTimeout(() => void worker.terminate(), millis)
  worker.once("exit", () => clearTimeout(timer))
}

const startError = (cause: unknown): PoolError =>
  new PoolError({ reason: { _tag: "Start", detail: cause instanceof Error ? cause.message : String(cause) } })

const greet = (thread: Thread): Effect.Effect<void, PoolError | WorkerError> =>
  Effect.flatMap(
    thread.executeEffect({ _tag: "Hello", protocol: FetchWorker.protocol }),
    (reply) =>
      reply._tag === "Hello" && reply.protocol === FetchWorker.protocol
        ? Effect.void
        : Effect.fail(versionError(reply))
  )

/** Tells of a thread's end, and why, in the words of `WorkerLost` and of `PoolError`. */
const watch = (
  worker: WorkerThreads.Worker,
  ended: Deferred.Deferred<WorkerLost>,
  failed: Deferred.Deferred<never, PoolError>
): void => {
  let cause: WorkerLost["cause"] = "exit"
  worker.once("error", (error: Error & { readonly code?: string }) => {
    cause = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "out of memory" : "uncaught"
    Deferred.unsafeDone(failed, Exit.fail(startError(error)))
  })
  worker.once("exit", (exitCode) => {
    Deferred.unsafeDone(ended, Exit.succeed({ _tag: "WorkerLost", cause, exitCode }))
    Deferred.unsafeDone(failed, Exit.fail(startError(`the worker ended with exit code ${exitCode}`)))
  })
}
