/**
 * A bound on the connections to all origins together. Beyond it a connection
 * that idles is closed for the one that is wanted; if none idles, the wanted
 * one waits for it. Waiting is no time-out: limits of time begin when there is
 * a connection. Each attempt at one counts as a connection.
 *
 * @since 0.1.0
 */
import type { Socket } from "node:net"
import * as Undici from "undici"
import type { Wanted } from "./Connector.js"

type Connect = (wanted: Wanted, callback: Undici.buildConnector.Callback) => void

/**
 * @since 0.1.0
 * @category models
 */
export interface SocketLimit {
  /** The factory of an `Agent` whose connections are counted. */
  readonly factory: (origin: string | URL, options: object) => Undici.Dispatcher
  /** Who waits now is left waiting. To be called before the connections are destroyed. */
  readonly close: () => void
}

interface Open {
  readonly client: Undici.Client
  readonly socket: Socket
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (limit: number, connect: Connect): SocketLimit => {
  // In the order in which they were opened: the oldest is closed first.
  const sockets = new Set<Open>()
  const waiting: Array<() => void> = []
  let open = 0
  let closing = 0

  const closed = () => {
    open--
    waiting.shift()?.()
  }

  /** For attempts beside the first of a connection: counted as connections, but never waited for. */
  const spare = {
    take: () => {
      if (open >= limit) return false
      open++
      return true
    },
    give: closed
  }

  /** Closes a connection that idles, if someone waits that none is being closed for. */
  const closeIdle = () => {
    if (waiting.length <= closing) return
    for (const idle of sockets) {
      if (idle.client.stats.size > 0) continue
      sockets.delete(idle)
      closing++
      idle.socket.once("close", () => closing--)
      idle.socket.destroy()
      return
    }
  }

  const connectFor = (client: () => Undici.Client): Undici.buildConnector.connector => (options, callback) => {
    const go = () => {
      open++
      connect({ ...options, spare }, (...result) => {
        const [error, socket] = result
        if (error !== null) closed()
        else {
          const entry = { client: client(), socket }
          sockets.add(entry)
          socket.once("close", () => {
            sockets.delete(entry)
            closed()
          })
        }
        callback(...result)
      })
    }
    if (open < limit) return go()
    waiting.push(go)
    closeIdle()
  }

  const makeClient = (origin: URL, options: object): Undici.Client => {
    const client: Undici.Client = new Undici.Client(origin, { ...options, connect: connectFor(() => client) })
    // Whoever becomes idle may be closed for another, before it gets the next request of its own origin.
    return client.on("drain", closeIdle)
  }

  return {
    factory: (origin, options) => new Undici.Pool(origin, { ...options, factory: makeClient }),
    close: () => {
      waiting.length = 0
    }
  }
}
