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
import type * as FastGetConfig from "fastget/FastGetConfig"
import type { LookupFunction, Socket } from "node:net"
import type { ConnectionOptions } from "node:tls"
import * as Undici from "undici"
import * as AddressGuard from "./AddressGuard.js"
import * as DnsCache from "./DnsCache.js"
import * as SocketLimit from "./SocketLimit.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Connections to one origin; default 64. */
  readonly connections?: number
  /** Connections to all origins together; default unbounded. Beyond it those that idle are closed for others. */
  readonly connectionsInAll?: number
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
  readonly tls?: TlsOptions
  /**
   * Refuses connections to addresses that are not public, with exceptions;
   * default false. Not together with `proxyFromEnv`: behind a proxy it is the
   * proxy that connects.
   */
  readonly denyPrivate?: FastGetConfig.DenyPrivate
  /** How host names are resolved; default `dns.lookup` of Node. Answers are cached. */
  readonly lookup?: LookupFunction
}

/**
 * @since 0.1.0
 * @category models
 */
export type TlsOptions = Pick<ConnectionOptions, "ca" | "cert" | "key" | "passphrase" | "pfx" | "servername">

/**
 * A dispatcher with these options. Its scope destroys all connections at once.
 * An option that can't be is a defect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Undici.Dispatcher, never, Scope.Scope> =>
  Effect.flatMap(Effect.orDie(AddressGuard.fromOptions(options)), (guard) => {
    const connecting = new Set<Socket>()
    const connections = Effect.acquireRelease(
      Effect.sync(() => options.proxyFromEnv === true ? throughProxy(options) : direct(options, guard, connecting)),
      ({ close, dispatcher }) =>
        Effect.promise(() => {
          close?.()
          // destroy: close would wait for requests that hang.
          const destroyed = dispatcher.destroy()
          for (const socket of connecting) socket.destroy(new Error("the client is closed"))
          return destroyed
        })
    )
    return Effect.map(connections, ({ dispatcher }) => dispatcher)
  })

/**
 * As Node's own limit on the headers of an answer.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultMaxHeaderBytes = 16_384

interface Connections {
  readonly dispatcher: Undici.Dispatcher
  readonly close?: () => void
}

const common = ({ connections, http2, maxHeaderBytes }: Options) => ({
  connections: connections ?? 64,
  maxHeaderSize: maxHeaderBytes ?? defaultMaxHeaderBytes,
  allowH2: http2 ?? false
})

const connectOptions = ({ connectTimeout, dnsTtl, http2, lookup, tls }: Options, guard?: AddressGuard.AddressGuard) => {
  const cached = DnsCache.make(dnsTtl ?? 10_000, lookup)
  return {
    ...tls,
    // Said here, it goes before NODE_TLS_REJECT_UNAUTHORIZED: nothing turns it off.
    rejectUnauthorized: true,
    timeout: connectTimeout ?? 10_000,
    allowH2: http2 ?? false,
    lookup: guard === undefined ? cached : AddressGuard.guardLookup(guard, cached)
  }
}

const direct = (
  options: Options,
  guard: AddressGuard.AddressGuard | undefined,
  connecting: Set<Socket>
): Connections => {
  const plain = watched(tracked(connecting, Undici.buildConnector(connectOptions(options, guard))))
  const connect = guard === undefined ? plain : guarded(guard, plain)
  if (options.connectionsInAll === undefined) return { dispatcher: new Undici.Agent({ ...common(options), connect }) }
  const { close, factory } = SocketLimit.make(options.connectionsInAll, connect)
  return { dispatcher: new Undici.Agent({ ...common(options), factory }), close }
}

const throughProxy = (options: Options): Connections => {
  const connect = connectOptions(options)
  const { ca, rejectUnauthorized, timeout } = connect
  const dispatcher = new Undici.EnvHttpProxyAgent({
    ...common(options),
    connect,
    requestTls: connect,
    // The client's certificate is for the server, and not for the proxy before it.
    proxyTls: { rejectUnauthorized, timeout, ...(ca === undefined ? undefined : { ca }) }
  })
  return { dispatcher }
}

/** Names are guarded in their lookup, which is never asked for an address. */
const guarded = (
  guard: AddressGuard.AddressGuard,
  connect: Undici.buildConnector.connector
): Undici.buildConnector.connector =>
(options, callback) => {
  const refused = AddressGuard.refuseHost(guard, options.hostname)
  if (refused === undefined) connect(options, callback)
  else queueMicrotask(() => callback(refused, null))
}

/** Knows the connections in the making, which the dispatcher that waits for them does not. */
const tracked =
  (connecting: Set<Socket>, connect: Undici.buildConnector.connector): Undici.buildConnector.connector =>
  (options, callback) => {
    // undici's connector gives its socket; its type does not say so.
    const socket = connect(options, (...result) => {
      connecting.delete(socket)
      callback(...result)
    }) as unknown as Socket
    connecting.add(socket)
  }

const watched = (connect: Undici.buildConnector.connector): Undici.buildConnector.connector => (options, callback) =>
  connect(options, (...result) => {
    // A reset in the handshake of TLS is that of a connection which was never made.
    if (result[0] !== null) Reflect.set(result[0], "connecting", true)
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
