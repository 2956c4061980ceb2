/**
 * The `HttpClient` of the default worker: undici, with a bound on connections
 * and on the time for making one. Its scope owns the sockets and destroys them.
 *
 * @since 0.1.0
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Undici from "undici"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Connections to one origin; the default is no bound. */
  readonly connections?: number
  /** For making a connection, in milliseconds; default 10,000. */
  readonly connectTimeout?: number
}

/**
 * An undici client for many requests to few origins.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<HttpClient.HttpClient> =>
  Layer.provide(
    NodeHttpClient.layerUndiciWithoutDispatcher,
    Layer.scoped(
      NodeHttpClient.Dispatcher,
      Effect.acquireRelease(
        Effect.sync(() =>
          new Undici.Agent({
            connections: options.connections ?? null,
            connect: { timeout: options.connectTimeout ?? 10_000 }
          })
        ),
        // destroy: close would wait for requests that hang.
        (agent) => Effect.promise(() => agent.destroy())
      )
    )
  )
