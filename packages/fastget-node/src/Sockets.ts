/**
 * The connections of the HTTP client: an undici `Agent` with a bound on them,
 * cached DNS and time limits, whose sockets tell what undici does not: whether
 * an error came over a connection that had answered before, and whether an
 * answer ended because of a reset.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ConnectionOptions } from "node:tls"
import * as Undici from "undici"
import * as DnsCache from "./DnsCache.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Connections to one origin; default 64. */
  readonly connections?: number
  /** For making a connection, TLS included, in milliseconds; default 10,000. */
  readonly connectTimeout?: number
  /** For how long a resolved host name is good, in milliseconds; default 10,000. */
  readonly dnsTtl?: number
  /** The most bytes of an answer's headers; default 16,384. */
  readonly maxHeaderBytes?: number
  /** Whether to use HTTP/2 where the server offers it; default false. */
  readonly http2?: boolean
  /** Whether to obey HTTP_PROXY, HTTPS_PROXY and NO_PROXY; default false. */
  readonly proxyFromEnv?: boolean
  /** Certificates: an authority of your own, or a client's certificate and key. Peers are always verified. */
  readonly tls?: Pick<ConnectionOptions, "ca" | "cert" | "key" | "passphrase" | "pfx" | "servername">
}

/**
 * A dispatcher with these options. Its scope destroys all connections at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Undici.Dispatcher, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const connect = {
        ...options.tls,
        timeout: options.connectTimeout ?? 10_000,
        allowH2: options.http2 ?? false,
        lookup: DnsCache.make(options.dnsTtl ?? 10_000)
      }
      const common = {
        connections: options.connections ?? 64,
        maxHeaderSize: options.maxHeaderBytes ?? 16_384,
        allowH2: options.http2 ?? false
      }
      return options.proxyFromEnv === true
        ? new Undici.EnvHttpProxyAgent({
          ...common,
          connect,
          ...(options.tls === undefined ? undefined : { requestTls: options.tls, proxyTls: options.tls })
        })
        : new Undici.Agent({ ...common, connect: watched(Undici.buildConnector(connect)) })
    }),
    // destroy: close would wait for requests that hang.
    (dispatcher) => Effect.promise(() => dispatcher.destroy())
  )

const watched = (connect: Undici.buildConnector.connector): Undici.buildConnector.connector => (options, callback) =>
  connect(options, (...result) => {
    // The first listener of the socket, so that undici's own finds the error marked.
    result[1]?.prependListener("error", function(this: { readonly bytesRead: number }, error: Error) {
      Reflect.set(error, "bytesRead", this.bytesRead)
      resetting = true
      queueMicrotask(() => {
        resetting = false
      })
    })
    callback(...result)
  })

let resetting = false

/**
 * Whether a socket's error is being handled right now. undici completes an
 * answer that is delimited by the end of its connection even if that end was a
 * reset, and does so in the very same call.
 *
 * @since 0.1.0
 * @category guards
 */
export const currentReset = (): boolean => resetting

/**
 * Whether an error is that of a connection which had answered a request before
 * and was closed by its peer.
 *
 * @since 0.1.0
 * @category guards
 */
export const reused = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, "code")
  if (code !== "UND_ERR_SOCKET" && code !== "ECONNRESET" && code !== "EPIPE") return false
  const socket: unknown = Reflect.get(error, "socket")
  const bytesRead: unknown = Reflect.get(typeof socket === "object" && socket !== null ? socket : error, "bytesRead")
  return typeof bytesRead === "number" && bytesRead > 0
}
