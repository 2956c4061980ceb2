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
import type { DenyPrivate } from "./FastGetConfig.js"
import type * as FetchError from "./FetchError.js"
import * as FetchWorker from "./FetchWorker.js"
import type { WireChunk } from "./internal/wire/Chunk.js"
import type { WireBatch } from "./Outcome.js"
import * as KeptOptions from "./platform/KeptOptions.js"
import type { PoolError } from "./PoolError.js"

/**
 * A chunk on its way to a worker, as plain data, and of the settings what a worker needs for it.
 *
 * @since 0.1.0
 * @category wire
 */
export type { GetSettings, WireChunk } from "./internal/wire/Chunk.js"

/**
 * A worker ended with the chunk in it. The outcomes it gave before are good;
 * the entries without one may be sent again.
 *
 * `blame` says who ended it, where that is certain: the entry at this place in
 * the chunk, or someone who is not in the chunk at all. Without it, it may have
 * been any of the chunk's entries.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkerLost = typeof FetchError.WorkerLost.Type & { readonly blame?: number | "elsewhere" }

/**
 * A place in the pool. The thread behind it may change, the place stays.
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
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FetchPool extends Context.Tag("fastget/FetchPool")<FetchPool, Pool>() {}

/** How long, in milliseconds, a client may take to say what it is. */
const askWithin = 5000

/**
 * A pool of one worker that is no thread: the requests run in this program,
 * through the `HttpClient` in context. For platforms without threads, and for
 * tests.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerInProcess: Layer.Layer<FetchPool, never, HttpClient.HttpClient> = Layer.effect(
  FetchPool,
  Effect.map(HttpClient.HttpClient, (client) => ({
    workers: [{ ready: Effect.void, execute: FetchWorker.make(client) }],
    isYoung: () => false,
    losesHost: Effect.map(KeptOptions.ask(client, askWithin), ({ by }) => by === "fetch")
  }))
)
