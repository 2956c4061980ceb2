/**
 * Makes the connections that undici asks for: the host's addresses are looked
 * up, raced, and where it is `https:` TLS is spoken over the one that won. One
 * limit of time for all of it. Whoever asked owns the socket.
 */
import { TransportFault } from "fastget/platform/TransportError"
import * as Dns from "node:dns"
import type { LookupFunction, Socket } from "node:net"
import * as Net from "node:net"
import * as Undici from "undici"
import * as HappyEyeballs from "./HappyEyeballs.js"

/**
 * What undici asks for, and permits for attempts beside the first.
 */
export interface Wanted extends Undici.buildConnector.Options {
  readonly spare?: HappyEyeballs.Spare
}

/**
 * A connection in the making. `destroy` ends it with an error.
 */
export interface Connecting {
  readonly destroy: (error: Error) => void
}

export type Connect = (wanted: Wanted, callback: Undici.buildConnector.Callback) => Connecting

export interface Options {
  /** Resolves a host name to all its addresses. Not called where the host is an address. */
  readonly lookup: LookupFunction
  /** For a connection, TLS included, in milliseconds. */
  readonly timeout: number
  readonly tls: Undici.buildConnector.BuildOptions
}

/** The time is waited for in parts. One that ends late, because the thread was held up, is not the peer's fault. */
const parts = 5

export const make = ({ lookup, timeout, tls }: Options): Connect => {
  // Without a time limit of undici's: the one here covers the handshake of TLS, too.
  const secure = Undici.buildConnector({ ...tls, timeout: 0, allowH2: false })
  return (wanted, callback) => {
    let stop: (() => void) | undefined
    let isOver = false
    const end = (error: Error | null, socket?: Socket) => {
      if (isOver) return void socket?.destroy()
      isOver = true
      clearTimeout(timer)
      if (error === null && socket !== undefined) return callback(null, socket)
      stop?.()
      callback(error ?? new Error("no connection"), null)
    }
    const late = () => end(new TransportFault({ _tag: "Timeout", phase: "connect", limit: timeout }, 0))
    let timer: ReturnType<typeof setTimeout>
    const wait = (part: number) => {
      // In a thread that was held up, the timer and the sockets' events are due at the same time. By `setImmediate` the
      // limit is told after those events, so that a connection that was made in time counts.
      timer = setTimeout(() => part === parts ? setImmediate(late) : isOver || wait(part + 1), timeout / parts)
    }
    wait(1)
    const connected = (error: Error | null, socket?: Socket) => {
      if (socket === undefined || wanted.protocol !== "https:") return end(error, socket)
      stop = () => socket.destroy()
      try {
        // undici's connector gives its socket; its type does not say so.
        const overTls = secure(
          { ...withoutDot(wanted), httpSocket: socket },
          (...[error, socket]) => error === null ? end(null, socket) : end(error)
        ) as unknown as Socket
        stop = () => overTls.destroy()
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)))
      }
    }
    lookUp(lookup, wanted.hostname, (error, addresses) => {
      if (isOver) return
      if (error !== null) return end(error)
      const { localAddress, port, protocol, spare } = wanted
      stop = HappyEyeballs.race(addresses, {
        port: Number(port || (protocol === "https:" ? 443 : 80)),
        localAddress: localAddress ?? undefined,
        timeout,
        spare
      }, connected)
    })
    return { destroy: end }
  }
}

/**
 * Without the dot that ends a full name: TLS asks for names without it (RFC
 * 6066), and certificates are made for those.
 */
export const withoutDot = (wanted: Undici.buildConnector.Options): Undici.buildConnector.Options => ({
  ...wanted,
  ...(wanted.host === undefined ? undefined : { host: wanted.host.replace(/\.(?=(?::\d+)?$)/, "") }),
  ...(wanted.servername === undefined ? undefined : { servername: wanted.servername?.replace(/\.$/, "") })
})

// As Node's own sockets ask: of a family that this machine has no address of, no answer.
const hints = process.platform === "win32" ? 0 : Dns.ADDRCONFIG

const lookUp = (
  lookup: LookupFunction,
  hostname: string,
  done: (error: Error | null, addresses: ReadonlyArray<Dns.LookupAddress>) => void
): void => {
  const family = Net.isIP(hostname)
  if (family > 0) return done(null, [{ address: hostname, family }])
  lookup(hostname, { all: true, hints }, (error, found) => {
    if (error !== null) return done(error, [])
    // All were asked for, which the type of the callback does not follow.
    const addresses = (found as Array<Dns.LookupAddress>).filter(({ address }) => Net.isIP(address) > 0)
    if (addresses.length > 0) return done(null, addresses)
    done(Object.assign(new Error(`no address of ${hostname}`), { code: "ENOTFOUND" }), [])
  })
}
