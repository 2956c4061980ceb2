/**
 * Pools of undici whose connections are counted by a `SocketLimit`. Waiting for
 * a permit is no time-out: limits of time begin when there is a connection. Each
 * attempt at one counts as a connection.
 */
import type { Socket } from "node:net"
import * as Undici from "undici"
import type { Wanted } from "./Connector.js"
import type { Open, SocketLimit } from "./SocketLimit.js"

type Connect = (wanted: Wanted, callback: Undici.buildConnector.Callback) => void

type Factory = (origin: string | URL, options: object) => Undici.Dispatcher

/** The factory of an `Agent`: a pool for each origin, whose connections are made by `connect` when `limit` permits. */
export const factory = (limit: SocketLimit, connect: Connect): Factory => {
  // For attempts beside the first of a connection: counted as connections, but never waited for.
  const spare = { take: () => limit.tryAcquire(), give: () => limit.release() }

  const connectFor = (client: () => Undici.Client): Undici.buildConnector.connector => (options, callback) =>
    limit.acquire(() =>
      connect({ ...options, spare }, (...result) => {
        if (result[0] !== null) limit.release()
        else watch(limit, client(), result[1])
        callback(...result)
      })
    )

  const makeClient = (origin: URL, options: object): Undici.Client => {
    const client: Undici.Client = new Undici.Client(origin, { ...options, connect: connectFor(() => client) })
    // Once it idles it may be closed for one that is wanted, before it gets the next request of its own origin.
    return client.on("drain", () => limit.closeIdle())
  }

  return (origin, options) => new Undici.Pool(origin, { ...options, factory: makeClient })
}

const watch = (limit: SocketLimit, client: Undici.Client, socket: Socket): void => {
  const connection: Open = { isIdle: () => client.stats.size === 0, close: () => void socket.destroy() }
  limit.opened(connection)
  socket.once("close", () => limit.closed(connection))
}
