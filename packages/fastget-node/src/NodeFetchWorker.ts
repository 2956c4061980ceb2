/**
 * A worker thread's entry. `FetchWorker.launch` says what it does; here it gets
 * the thread, its black box and heartbeat, and, where it brings no client of its
 * own, the default one.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import { BlackBox, CurrentBlackBox } from "fastget/platform/BlackBox"
import { Told } from "fastget/platform/Told"
import * as WorkerThreads from "node:worker_threads"
import * as Heartbeat from "./internal/threads/Heartbeat.js"
import * as NodeGetClient from "./NodeGetClient.js"

/**
 * Runs what `FetchWorker.launch` returned as this thread's program, and tells
 * the layer that its options have come as far as here. Where they have not,
 * because `new Worker` was not given them, the layer fails with `PoolError`.
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { FetchWorker } from "fastget"
 * import { NodeFetchWorker } from "fastget-node"
 *
 * NodeFetchWorker.runMain(FetchWorker.launch({ decode: (json) => Object.keys(json ?? {}).length }))
 * ```
 */
export const runMain = <E>(
  program: Effect.Effect<void, E, WorkerRunner.PlatformRunner | HttpClient.HttpClient>
): void => {
  program.pipe(
    Effect.provide(Layer.merge(NodeWorkerRunner.layer, NodeGetClient.layer(clientOptions()))),
    Effect.provideService(CurrentBlackBox, startBox()),
    Effect.provideService(Told, threadData().told ?? ""),
    NodeRuntime.runMain
  )
}

/**
 * What the layer that started this thread says to its client: this thread's
 * share of the connections, `connectTimeout`, `denyPrivate`, and the layer's
 * `client`. Those of a thread that was started by something else are empty. For a
 * worker with a client of its own: `NodeGetClient.make(clientOptions())`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const clientOptions = (): NodeGetClient.Options => {
  const { beatEvery: _beatEvery, blackBox: _blackBox, told: _told, ...options } = threadData()
  return options
}

/**
 * What `NodeFetchPool` puts into `workerData`, as `fastget`: the options of the
 * client, what to say in the greeting, the memory of the black box, and how often
 * to beat, in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface ThreadData extends NodeGetClient.Options {
  readonly told: string
  readonly blackBox: SharedArrayBuffer
  readonly beatEvery: number
}

const threadData = (): Partial<ThreadData> => {
  const { workerData } = WorkerThreads
  // It comes from NodeFetchPool.
  return Predicate.hasProperty(workerData, "fastget") ? workerData.fastget as ThreadData : {}
}

const startBox = (): BlackBox | undefined => {
  const { beatEvery, blackBox } = threadData()
  if (beatEvery === undefined || blackBox === undefined) return undefined
  const box = new BlackBox(blackBox)
  Heartbeat.start(box, beatEvery)
  process.once("exit", () => box.end())
  return box
}
