/**
 * Where chunks are fetched: a chunk in, its outcomes out. A pool is a row of
 * workers; each stream keeps all of them busy. Here is the pool within the
 * program, of one worker on the `HttpClient` in context; `fastget-node` has the
 * one of threads.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { DenyPrivate, Settings } from "./FastGetConfig.js"
import * as FastGetConfig from "./FastGetConfig.js"
import type * as FetchError from "./FetchError.js"
import type { Known as KnownTraffic } from "./internal/traffic/Inheritance.js"
import type { OriginTraffic } from "./internal/traffic/OriginTraffic.js"
import type { WireBatch } from "./internal/wire/Batch.js"
import type { WireChunk } from "./internal/wire/Chunk.js"
import * as InProcess from "./internal/worker/InProcess.js"
import * as TrafficReport from "./platform/TrafficReport.js"
import type { PoolError } from "./PoolError.js"

/**
 * A chunk on its way to a worker, as plain data, of the settings what a worker needs for it, and the batches of answers
 * that come back.
 *
 * @since 0.1.0
 * @category wire
 */
export type { WireBatch } from "./internal/wire/Batch.js"
export type { GetSettings, WireChunk } from "./internal/wire/Chunk.js"

/**
 * What is known of the requests to an origin, over all workers and streams.
 *
 * @since 0.1.0
 * @category models
 */
export type { OriginTraffic } from "./internal/traffic/OriginTraffic.js"

/**
 * What one pool tells another of an origin that it hands over.
 *
 * @since 0.1.0
 * @category models
 */
export type { Known as KnownTraffic } from "./internal/traffic/Inheritance.js"

/**
 * A worker ended with the chunk in it. The outcomes it gave before are good;
 * the entries without one may be sent again.
 *
 * `blame` says who ended it, where that is certain: the entry at this index of
 * the chunk, or someone who is not in the chunk at all. Without it, it may have
 * been any of the chunk's entries.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkerLost = typeof FetchError.WorkerLost.Type & { readonly blame?: number | "elsewhere" }

/**
 * A slot of the pool. The thread behind it may change, the slot stays.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolWorker {
  /** Waits until the worker takes chunks. Fails when it never will. */
  readonly ready: Effect.Effect<void, PoolError>
  /**
   * Fetches a chunk; the stream gives each of its outcomes once, in batches. It
   * fails when the worker is lost. Interruption closes the chunk's connections.
   */
  readonly execute: (chunk: WireChunk) => Stream.Stream<WireBatch, WorkerLost | PoolError>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Pool {
  readonly workers: ReadonlyArray<PoolWorker>
  /** Whether workers that are not ready yet soon will be, so that it is worth keeping an entry for each. */
  readonly isYoung: () => boolean
  /** Which connections its workers refuse, whatever they are asked for; none where it does not say. */
  readonly denyPrivate?: DenyPrivate
  /** Whether its client leaves out the header Host, as `fetch` does; not known where it is missing. */
  readonly losesHost?: Effect.Effect<boolean>
  /** The limits that it keeps whatever the layer over it is given; none where it was made with the layer's own. */
  readonly limits?: Pick<Settings, "concurrency" | "origins" | "rate" | "throttle">
  /** The origins that its workers know something of; a pool without it tells nothing. */
  readonly traffic?: () => ReadonlyArray<OriginTraffic>
  /** Begins with an origin where another pool, which has asked it until now, was; a pool without it begins anew. */
  readonly inherit?: (origin: string, known: KnownTraffic) => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FetchPool extends Context.Tag("fastget/FetchPool")<FetchPool, Pool>() {}

/**
 * A pool of one worker that is no thread: the requests run in this program,
 * through the `HttpClient` in context. For platforms without threads, and for
 * tests. Its limits are those of a layer without options: `FastGet.layerPool`
 * refuses others over it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerInProcess: Layer.Layer<FetchPool, never, HttpClient.HttpClient> = Layer.effect(
  FetchPool,
  Effect.map(HttpClient.HttpClient, (client) => ({ ...InProcess.makePool(client), limits: FastGetConfig.defaults(1) }))
)

/**
 * The same with limits of its own: of the settings `connectionsPerOrigin`,
 * `maxConnections`, `rate`, `throttle`, `origins` and an adaptive `concurrency`,
 * which a pool keeps for all of its streams.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerInProcessWith = (settings: Settings): Layer.Layer<FetchPool, never, HttpClient.HttpClient> =>
  Layer.scoped(
    FetchPool,
    Effect.flatMap(HttpClient.HttpClient, (client) => {
      const { pool, traffic } = InProcess.makeReported(client, settings)
      return Effect.as(TrafficReport.report(traffic, settings), pool)
    })
  )
