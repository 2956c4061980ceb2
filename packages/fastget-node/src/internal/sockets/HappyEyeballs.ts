/**
 * A connection to the first of some addresses that answers (RFC 8305). The
 * addresses of a host come in, a connected socket or the failure goes out. The
 * attempts overlap: none is given up because it is slow, as Node does it after
 * 250 ms. All that lost are destroyed.
 */
import type { LookupAddress } from "node:dns"
import * as Net from "node:net"

/** Permits for attempts beside the first, where connections are bounded. */
export interface Spare {
  readonly take: () => boolean
  readonly give: () => void
}

export interface Options {
  readonly port: number
  readonly localAddress: string | undefined
  /** For all attempts together, in milliseconds. The caller keeps it. */
  readonly timeout: number
  /** Without it there is no bound. */
  readonly spare: Spare | undefined
}

type Done = (error: Error | null, socket?: Net.Socket) => void

/** After so many milliseconds without an answer the next address is tried, too. */
const attemptDelay = 250

/** As undici has it for its own sockets. */
const socketOptions = { highWaterMark: 64 * 1024, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }

/**
 * Connects. `done` is called once, and not before this returns; unless the race
 * is canceled by calling what is returned. Of several failures that one is told
 * which says most.
 */
export const race = (addresses: ReadonlyArray<LookupAddress>, options: Options, done: Done): () => void => {
  const race = new Race(addresses, options, done)
  race.begin()
  return () => race.end()
}

class Race {
  private readonly waiting: Array<string>
  /** Where no permit can be had an attempt is given up for the next one, but not before it had its share of the time. */
  private readonly patience: number
  /** Under way, the oldest first. */
  private readonly attempts = new Set<Net.Socket>()
  /** The permits taken. */
  private extras = 0
  private begunAt = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private failure: Error | undefined

  constructor(
    addresses: ReadonlyArray<LookupAddress>,
    private readonly options: Options,
    private readonly done: Done
  ) {
    this.waiting = interleaved(addresses)
    this.patience = options.timeout / addresses.length
  }

  /** Begins the next attempt. */
  begin(): void {
    this.begunAt = performance.now()
    const { localAddress, port } = this.options
    const socket = Net.connect({
      ...socketOptions,
      host: this.waiting.shift()!,
      port,
      ...(localAddress === undefined ? undefined : { localAddress })
    })
    this.attempts.add(socket)
    // The listener stays: a socket that was destroyed may fail yet.
    socket.on("error", (error) => this.attempts.has(socket) && this.failed(socket, error))
    socket.once("connect", () => {
      if (!this.attempts.delete(socket)) return
      this.end()
      this.done(null, socket)
    })
    clearTimeout(this.timer)
    if (this.waiting.length > 0) this.wait()
  }

  /** Destroys what is under way, and gives all permits back. */
  end(): void {
    clearTimeout(this.timer)
    this.waiting.length = 0
    for (const socket of this.attempts) socket.destroy()
    this.attempts.clear()
    for (; this.extras > 0; this.extras--) this.options.spare?.give()
  }

  private wait(): void {
    this.timer = setTimeout(() => this.isSlow(), attemptDelay)
  }

  private failed(socket: Net.Socket, error: Error): void {
    this.attempts.delete(socket)
    if (this.failure === undefined || saysMore(error) || !saysMore(this.failure)) this.failure = error
    if (this.waiting.length > 0) return this.begin()
    if (this.attempts.size === 0) {
      this.end()
      return this.done(this.failure)
    }
    if (this.extras > 0) {
      this.extras--
      this.options.spare?.give()
    }
  }

  /** The last attempt has not answered yet: another begins beside it, or in place of the oldest. */
  private isSlow(): void {
    const { spare } = this.options
    if (spare === undefined || spare.take()) {
      this.extras++
      return this.begin()
    }
    if (performance.now() - this.begunAt < this.patience) return this.wait()
    const [oldest] = this.attempts
    if (oldest !== undefined) {
      this.attempts.delete(oldest)
      oldest.destroy()
    }
    this.begin()
  }
}

/** The families in turn, beginning with that of the first address: one that does not work costs one attempt at a time. */
export const interleaved = (addresses: ReadonlyArray<LookupAddress>): Array<string> => {
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
