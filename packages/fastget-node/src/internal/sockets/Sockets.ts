/**
 * The connections of the HTTP client: an undici `Agent` with a bound on them,
 * cached DNS and time limits, whose sockets tell what undici does not: whether
 * an error came over a connection that had answered before, and whether an
 * answer ended because of a reset.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as FastGetConfig from "fastget/FastGetConfig"
import type { ConnectionControl } from "fastget/platform/ConnectionControl"
import type { LookupFunction } from "node:net"
import type { ConnectionOptions } from "node:tls"
import * as Undici from "undici"
import * as AddressGuard from "./AddressGuard.js"
import * as AnswerHeads from "./AnswerHeads.js"
import { ConnectionPools } from "./ConnectionPools.js"
import * as Connector from "./Connector.js"
import * as DnsCache from "./DnsCache.js"
import * as EnvProxies from "./EnvProxies.js"
import * as Head from "./Head.js"
import { SocketLimit } from "./SocketLimit.js"

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

export type TlsOptions = Pick<ConnectionOptions, "ca" | "cert" | "key" | "passphrase" | "pfx" | "servername">

/** A dispatcher, and what can be told to its connections, those through proxies included. */
export interface Sockets {
  readonly dispatcher: Undici.Dispatcher
  readonly control: ConnectionControl
}

/**
 * A dispatcher with these options. Its scope destroys all connections at once.
 * An option that can't be is a defect.
 */
export const make = (options: Options = {}): Effect.Effect<Sockets, never, Scope.Scope> =>
  Effect.flatMap(Effect.orDie(AddressGuard.fromOptions(options)), (guard) => {
    const connecting = new Set<Connector.Connecting>()
    return Effect.acquireRelease(
      Effect.sync(() => (options.proxyFromEnv === true ? throughProxy : direct)(options, guard, connecting)),
      ({ close, dispatcher }) =>
        Effect.promise(() => {
          close()
          // destroy: close would wait for requests that hang.
          const destroyed = dispatcher.destroy()
          for (const socket of connecting) socket.destroy(new Error("the client is closed"))
          return destroyed
        })
    )
  })

interface Connections extends Sockets {
  readonly close: () => void
}

const common = ({ connections, maxHeaderBytes }: Options) => ({
  connections: connections ?? 64,
  maxHeaderSize: maxHeaderBytes ?? Head.defaultMaxHeaderBytes,
  allowH2: false
})

// This option goes before NODE_TLS_REJECT_UNAUTHORIZED, so that the environment can't turn verification off.
const verified = { rejectUnauthorized: true }

/** Connects to hosts without a proxy, and keeps the connections that it is making in `connecting`. */
const connector = (
  { connectTimeout, dnsTtl, lookup, maxHeaderBytes, tls }: Options,
  guard: AddressGuard.AddressGuard | undefined,
  connecting: Set<Connector.Connecting>
): Undici.buildConnector.connector => {
  const cached = DnsCache.make(dnsTtl ?? 10_000, lookup)
  const connect = Connector.make({
    lookup: guard === undefined ? cached : AddressGuard.guardLookup(guard, cached),
    timeout: connectTimeout ?? 10_000,
    tls: { ...tls, ...verified }
  })
  const plain = watched(tracked(connecting, connect), maxHeaderBytes ?? Head.defaultMaxHeaderBytes)
  return guard === undefined ? plain : guarded(guard, plain)
}

/** Pools whose connections are made by `connect`. */
const poolsOf = (options: Options, connect: Undici.buildConnector.connector) => {
  const total = new SocketLimit(options.connectionsInAll ?? Infinity)
  const { connections, ...client } = common(options)
  return { pools: new ConnectionPools({ client, connections, total, connect }), total }
}

const direct = (
  options: Options,
  guard: AddressGuard.AddressGuard | undefined,
  connecting: Set<Connector.Connecting>
): Connections => {
  const { pools, total } = poolsOf(options, connector(options, guard, connecting))
  return { dispatcher: pools, control: pools, close: () => total.shutDown() }
}

const throughProxy = (
  options: Options,
  _: AddressGuard.AddressGuard | undefined,
  connecting: Set<Connector.Connecting>
): Connections => {
  const { connectTimeout, maxHeaderBytes, tls } = options
  const timeout = connectTimeout ?? 10_000
  const direct = connector(options, undefined, connecting)
  // The client's certificate is for the server, and not for the proxy before it.
  const toProxy = connector({ ...options, tls: tls?.ca === undefined ? {} : { ca: tls.ca } }, undefined, connecting)
  const tunnelled = (connect: Undici.buildConnector.connector) =>
    watched(
      (wanted, callback) => connect(Connector.withoutDot(wanted), callback),
      maxHeaderBytes ?? Head.defaultMaxHeaderBytes
    )
  const { pools, total } = poolsOf(options, direct)
  const dispatcher = new Undici.EnvHttpProxyAgent({
    ...common(options),
    // The proxy of an `http:` URL, too, is asked for a tunnel. It is the default of undici 7, but not of undici 8.
    proxyTunnel: true,
    ...EnvProxies.withoutBarePercents(),
    requestTls: { ...tls, ...verified, timeout },
    clientFactory: (origin, options) => new Undici.Pool(origin, { ...options, connect: toProxy }),
    factory: (origin: string | URL, { connect }: Undici.Pool.Options) =>
      pools.through(String(origin), typeof connect === "function" ? tunnelled(connect) : direct)
  })
  // The agent waits for its own connections to proxies, the pools end those through them.
  const close = () => {
    total.shutDown()
    void pools.destroy()
  }
  return { dispatcher, control: pools, close }
}

/** Refuses hosts that are given by their address. Names are checked in their lookup, which is not called for these. */
const guarded = (
  guard: AddressGuard.AddressGuard,
  connect: Undici.buildConnector.connector
): Undici.buildConnector.connector =>
(options, callback) => {
  const refused = AddressGuard.refuseHost(guard, options.hostname)
  if (refused === undefined) connect(options, callback)
  else queueMicrotask(() => callback(refused, null))
}

/** Keeps the connections in the making, so that they can be destroyed: the dispatcher would wait for them. */
const tracked =
  (connecting: Set<Connector.Connecting>, connect: Connector.Connect): Undici.buildConnector.connector =>
  (options, callback) => {
    const made = connect(options, (...result) => {
      connecting.delete(made)
      callback(...result)
    })
    connecting.add(made)
  }

const watched = (
  connect: Undici.buildConnector.connector,
  maxHeaderBytes: number
): Undici.buildConnector.connector =>
(options, callback) =>
  connect(options, (...result) => {
    const [error, socket] = result
    // Marked, so that a reset in the handshake of TLS is not taken for that of a connection which was made.
    if (error !== null) Reflect.set(error, "connecting", true)
    else {
      const heads = AnswerHeads.mend(socket, maxHeaderBytes)
      // The first listener of the socket, so that undici's own finds the error marked.
      socket.prependListener("error", (error: Error) => {
        // While the beginning of an answer is held, this request has been answered, so the connection was not stale: 0
        // keeps it from being sent again.
        Reflect.set(error, "bytesRead", heads.isHolding() ? 0 : socket.bytesRead)
        resetting = true
        queueMicrotask(() => {
          resetting = false
        })
      })
    }
    callback(...result)
  })

let resetting = false

/**
 * Whether a socket's error is being handled right now. undici completes an
 * answer that is delimited by the end of its connection even if that end was a
 * reset, and does so in the very same call.
 */
export const currentReset = (): boolean => resetting

/**
 * Whether an error is that of a connection which had answered a request before
 * and was closed by its peer.
 */
export const reused = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, "code")
  if (code !== "UND_ERR_SOCKET" && code !== "ECONNRESET" && code !== "EPIPE") return false
  const socket: unknown = Reflect.get(error, "socket")
  const bytesRead: unknown = Reflect.get(typeof socket === "object" && socket !== null ? socket : error, "bytesRead")
  return typeof bytesRead === "number" && bytesRead > 0
}
