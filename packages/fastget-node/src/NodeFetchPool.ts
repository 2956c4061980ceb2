/**
 * A pool of worker threads: chunks go in as messages, outcomes come back as
 * transferred buffers. Each slot of the pool has a supervisor that starts its
 * thread, tells who waits for it, and starts another when it has ended. The
 * layer's scope owns the supervisors, and they own the threads.
 *
 * @since 0.1.0
 */
import * as NodeWorker from "@effect/platform-node/NodeWorker"
import type * as Worker from "@effect/platform/Worker"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as FastGetConfig from "fastget/FastGetConfig"
import * as FetchMetrics from "fastget/FetchMetrics"
import type { PoolWorker, WorkerLost } from "fastget/FetchPool"
import { FetchPool } from "fastget/FetchPool"
import type { BlackBox } from "fastget/platform/BlackBox"
import * as Gauge from "fastget/platform/Gauge"
import * as PoolTraffic from "fastget/platform/PoolTraffic"
import * as TrafficReport from "fastget/platform/TrafficReport"
import { PoolError } from "fastget/PoolError"
import { createRequire } from "node:module"
import * as WorkerThreads from "node:worker_threads"
import * as Greeting from "./internal/threads/Greeting.js"
import * as Heartbeat from "./internal/threads/Heartbeat.js"
import * as Thread from "./internal/threads/Thread.js"
import type { ThreadData } from "./NodeFetchWorker.js"
import type * as NodeGetClient from "./NodeGetClient.js"

/**
 * Starts one thread of a worker file of your own; called once for each slot of
 * the pool and again when its thread has ended. Pass the options on to the
 * `Worker`: they carry what the layer says to the client, the settings of the
 * thread's memory, and where to beat. A thread without them is not used.
 *
 * @since 0.1.0
 * @category models
 */
export type Spawn = (options: WorkerThreads.WorkerOptions) => WorkerThreads.Worker

/**
 * How often in a row a slot may fail to start its thread before it gives up,
 * and the first wait between, in milliseconds, which doubles: over 6 seconds in
 * all, so that someone who terminates threads now and then does not end the pool.
 */
const mostStartFailures = 8
const startAgainAfter = 50

/**
 * A thread that ends so soon after its greeting, in milliseconds, and answered
 * nothing, is unproven. After a few of them in a row the next must live as long
 * before it gets entries, so that its end can't be taken for the fault of one.
 */
const probation = 300
const mostUnproven = 3

/** How many threads of a pool may end by themselves, none of which ever answered an entry. */
const mostUseless = 100

/**
 * A pool of `numWorkers` threads, ready when the first of them is. Fails with
 * `PoolError` when none can be started, none is ready within `startTimeout`, or
 * none would keep what the settings and `client` ask for.
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
      const { numWorkers, startTimeout, stuckTimeout } = settings
      const options = Greeting.clientOf(settings, client ?? {})
      const spawn = (box: BlackBox, told: string) =>
        (worker ?? defaultSpawn)(workerOptions(settings, options, box, told))
      const mustKeep = Greeting.mustKeep(options)
      const evidence: Evidence = { hasAnswered: false, useless: 0 }
      const traffic = PoolTraffic.make(settings, numWorkers, true)
      const slots = yield* Effect.forEach(numbers(numWorkers), (number) =>
        makeSlot({ spawn, mustKeep, startTimeout, stuckTimeout, traffic: traffic.forThread(number) }, evidence, () =>
          traffic.ended(number)))
      yield* TrafficReport.report(traffic, settings)
      // One fiber above all supervisors: its interruption stops the threads at the same time, not one after another.
      yield* Effect.forkScoped(Effect.forEach(slots, (slot) =>
        slot.supervise, { concurrency: "unbounded" }))
      const startedAt = performance.now()
      yield* firstReady(slots, startTimeout)
      // All threads start at the same time. A run waits for the others until twice the time that the first one took.
      const keepUntil = 2 * performance.now() - startedAt
      return {
        workers: slots,
        isYoung: () => performance.now() < keepUntil,
        denyPrivate: options.denyPrivate ?? false,
        traffic: traffic.origins,
        inherit: traffic.inherit
      }
    })
  ).pipe(Layer.provide(NodeWorker.layerManager))

/** The most connections that any origin may have. */
const mostConnections = ({ connectionsPerOrigin, origins }: FastGetConfig.Settings): number =>
  Math.max(connectionsPerOrigin, ...origins.map(({ connections = 0 }) => connections))

const numbers = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, n) => n + 1)

/** What a thread is started with, besides its file. */
const workerOptions = (
  settings: FastGetConfig.Settings,
  client: NodeGetClient.Options,
  box: BlackBox,
  told: string
): WorkerThreads.WorkerOptions => {
  const data: ThreadData = {
    ...client,
    // The threads count together how many of them they use.
    connections: mostConnections(settings),
    connectionsInAll: settings.maxConnections,
    told,
    blackBox: box.memory,
    beatEvery: Heartbeat.interval(settings.stuckTimeout)
  }
  return {
    workerData: { fastget: data },
    // The room for young objects is the same on every Node. With more, Node 24 gives pages back after each collection and
    // has to clear them again, and its default is more where the machine has much memory (decision 28).
    resourceLimits: { maxYoungGenerationSizeMb: 48 }
  }
}

/** The built worker lies beside this file's built form, whether this runs from `src` or from `dist`. */
const defaultSpawn: Spawn = (options) => {
  const file = createRequire(import.meta.url).resolve("fastget-node/worker")
  // The program's own flags (loaders, inspectors) are not for this file, which is plain JavaScript.
  return new WorkerThreads.Worker(file, { ...options, execArgv: [] })
}

const firstReady = (slots: ReadonlyArray<Slot>, limit: number): Effect.Effect<void, PoolError> =>
  Effect.raceAll(slots.map(({ ready }) =>
    // Options that a thread can't keep are a mistake in the program: another thread that is ready doesn't mend it.
    Effect.matchEffect(ready, {
      onSuccess: () => Effect.succeed(Effect.void),
      onFailure: (error) => error.reason._tag === "Options" ? Effect.succeed(Effect.fail(error)) : Effect.fail(error)
    })
  )).pipe(
    Effect.flatten,
    Effect.timeoutFail({
      duration: limit,
      onTimeout: () => new PoolError({ reason: { _tag: "StartTimeout", limit } })
    })
  )

/** What is known of a pool's threads: whether one has ever answered, and how many ended by themselves. */
interface Evidence {
  hasAnswered: boolean
  useless: number
}

interface Slot extends PoolWorker {
  /** Keeps a thread running; ends only when it can't. */
  readonly supervise: Effect.Effect<void, never, Worker.WorkerManager>
}

/** `ended` is called when a thread has ended, before the next one starts. */
const makeSlot = (options: Thread.Options, evidence: Evidence, ended: () => void): Effect.Effect<Slot> =>
  Effect.gen(function*() {
    const labels = yield* Effect.metricLabels
    let current = yield* Deferred.make<Thread.Thread, PoolError>()
    /** Threads that were ready, and how many of the last ones in a row are unproven. */
    let served = 0
    let unproven = 0

    const renew = Effect.map(Deferred.make<Thread.Thread, PoolError>(), (next) => {
      current = next
    })

    const serve = Effect.scoped(Effect.gen(function*() {
      const onProbation = unproven >= mostUnproven
      const thread = yield* startProven(options, onProbation)
      if (served++ > 0) FetchMetrics.restarts.unsafeUpdate(1, labels)
      Gauge.add(FetchMetrics.workers, 1, labels)
      yield* Effect.addFinalizer(() => Effect.sync(() => Gauge.add(FetchMetrics.workers, -1, labels)))
      const readyAt = performance.now()
      yield* Deferred.succeed(current, thread)
      const end = yield* thread.end
      // A chunk that comes from now on waits for the next thread.
      yield* renew
      const isProven = onProbation || thread.hasAnswered() || performance.now() - readyAt > probation
      unproven = isProven ? 0 : unproven + 1
      yield* judge(evidence, thread, end)
    }))

    const supervise: Effect.Effect<void, never, Worker.WorkerManager> = Effect.gen(function*() {
      let failures = 0
      while (true) {
        const exit = yield* Effect.exit(Effect.ensuring(serve, Effect.sync(ended)))
        if (Exit.isSuccess(exit)) {
          failures = 0
          continue
        }
        const error = Cause.failureOption(exit.cause)
        if (error._tag === "None") return yield* Effect.failCause(exit.cause as Cause.Cause<never>)
        // If no thread of this file was ever ready, the next won't be either.
        const over = served === 0 || ++failures === mostStartFailures || isOver(evidence)
        if (over) return yield* Deferred.fail(current, served === 0 ? error.value : asLost(error.value))
        yield* Effect.sleep(startAgainAfter * 2 ** (failures - 1))
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
            onFailure: () => Stream.fail<WorkerLost | PoolError>(Thread.neverSent),
            onSuccess: (thread) => thread.execute(chunk)
          })
        ))
    }
  })

/** Starts a thread; with `onProbation`, one that still lives a while after its greeting. */
const startProven = (
  options: Thread.Options,
  onProbation: boolean
): Effect.Effect<Thread.Thread, PoolError, Scope.Scope | Worker.WorkerManager> =>
  Effect.tap(Thread.start(options), (thread) =>
    onProbation
      ? Effect.raceFirst(
        Effect.flatMap(thread.end, ({ cause }) => Effect.fail(lost(`${cause}, right after the start`))),
        Effect.sleep(probation)
      )
      : Effect.void)

const lost = (detail: string): PoolError => new PoolError({ reason: { _tag: "Lost", detail } })

const asLost = (error: PoolError): PoolError => error.reason._tag === "Lost" ? error : lost(error.message)

/** Fails when threads end and end, and none has ever answered an entry. Those that someone terminated don't count. */
const judge = (evidence: Evidence, thread: Thread.Thread, end: Thread.End): Effect.Effect<void, PoolError> => {
  evidence.hasAnswered ||= thread.hasAnswered()
  if (end.by !== "outside") evidence.useless++
  return isOver(evidence) ? Effect.fail(lost(`${end.cause}; none has ever answered an entry`)) : Effect.void
}

const isOver = ({ hasAnswered, useless }: Evidence): boolean => !hasAnswered && useless >= mostUseless
