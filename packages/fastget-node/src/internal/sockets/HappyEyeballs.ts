/**
 * A connection to the first of some addresses that answers (RFC 8305). The
 * addresses of a host come in, a connected socket or the failure goes out. The
 * attempts overlap: none is given up because it is slow, as Node does it after
 * 250 ms. All that lost are destroyed.
 *
 * @since 0.1.0
 */
import type { LookupAddress } from "node:dns"
import * as Net from "node:net"

/**
 * Permits for attempts beside the first, where connections are bounded.
 *
 * @since 0.1.0
 * @category models
 */
export interface Spare {
  readonly take: () => boolean
  readonly give: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly port: number
  readonly localAddress: string | undefined
  /** For all attempts together, in milliseconds. The caller keeps it. */
  readonly timeout: number
  /** Without it there is no bound. */
  readonly spare: Spare | undefined
}

/** After so many milliseconds without an answer the next address is tried, too. */
const attemptDelay = 250

/** As undici has it for its own sockets. */
const socketOptions = { highWaterMark: 64 * 1024, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }

/**
 * Connects. `done` is called once, and not before this returns; unless the race
 * is canceled by calling what is returned. Of several failures that one is told
 * which says most.
 *
 * @since 0.1.0
 * @category constructors
 */
export const race = (
  addresses: ReadonlyArray<LookupAddress>,
  { localAddress, port, spare, timeout }: Options,
  done: (error: Error | null, socket?: Net.Socket) => void
): () => void => {
  const waiting = interleaved(addresses)
  // Where no permit can be had an attempt is given up for the next one, but not before it had its share of the time.
  const patience = timeout / addresses.length
  /** Under way, the oldest first. */
  const attempts = new Set<Net.Socket>()
  let extras = 0
  let begunAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let failure: Error | undefined

  const end = () => {
    clearTimeout(timer)
    waiting.length = 0
    for (const socket of attempts) socket.destroy()
    attempts.clear()
    for (; extras > 0; extras--) spare?.give()
  }

  const begin = () => {
    begunAt = performance.now()
    const socket = Net.connect({
      ...socketOptions,
      host: waiting.shift()!,
      port,
      ...(localAddress === undefined ? undefined : { localAddress })
    })
    attempts.add(socket)
    // The listener stays: a socket that was destroyed may fail yet.
    socket.on("error", (error) => attempts.has(socket) && failed(socket, error))
    socket.once("connect", () => {
      if (!attempts.delete(socket)) return
      end()
      done(null, socket)
    })
    clearTimeout(timer)
    if (waiting.length > 0) timer = setTimeout(tick, attemptDelay)
  }

  const failed = (socket: Net.Socket, error: Error) => {
    attempts.delete(socket)
    if (failure === undefined || saysMore(error) || !saysMore(failure)) failure = error
    if (waiting.length > 0) return begin()
    if (attempts.size === 0) {
      end()
      return done(failure)
    }
    if (extras > 0) {
      extras--
      spare?.give()
    }
  }

  const tick = () => {
    if (spare === undefined || spare.take()) {
      extras++
      return begin()
    }
    if (performance.now() - begunAt < patience) {
      timer = setTimeout(tick, attemptDelay)
      return
    }
    const [oldest] = attempts
    if (oldest !== undefined) {
      attempts.delete(oldest)
      oldest.destroy()
    }
    begin()
  }

  begin()
  return end
}

/** The families in turn, beginning with that of the first address: one that does not work costs one attempt at a time. */
const interleaved = (addresses: ReadonlyArray<LookupAddress>): Array<string> => {
  const first = addresses[0]?.family
  const preferred = addresses.filter(({ family }) => family === first)
  const others = addresses.filter(({ family }) => family !== first)
  return preferred.flatMap((address, i) => [address, ...others.slice(i, i + 1)])
    .concat(others.slice(preferred.length))
    .map(({ address }) => address)
}

/** This machine has no such addresses itself, or no way there: the failure of the other family says why it is down. */
const noWay = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"])

const saysMore = (error: NodeJS.ErrnoException): boolean => !noWay.has(error.code ?? "")
