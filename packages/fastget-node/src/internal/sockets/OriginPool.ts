/**
 * The connections to one origin: undici's clients, each with one connection at
 * most. A request goes to a connection that idles, else to one that is to be
 * made, as far as its bounds go; else it waits here. Not undici's own pool: that
 * one makes a connection where another is about to be free, and its bound can't
 * be changed.
 */
import type { Socket } from "node:net"
import * as Undici from "undici"
import type { Wanted } from "./Connector.js"
import type { Open, SocketLimit } from "./SocketLimit.js"

export type Connect = (wanted: Wanted, callback: Undici.buildConnector.Callback) => void

export interface Options {
  readonly origin: URL
  /** Options of undici's clients. */
  readonly client: Undici.Client.Options
  /** The most connections there may be, before `limit` is called. */
  readonly connections: number
  /** Of all origins together. */
  readonly total: SocketLimit
  readonly connect: Connect
  /** Called when there is one connection less, because it was closed or could not be made. */
  readonly onClosed: () => void
  /** Called when neither a connection nor a request is left. */
  readonly onUnused: () => void
}

type Request = readonly [options: Undici.Dispatcher.DispatchOptions, handler: Undici.Dispatcher.DispatchHandler]

/** How long, in milliseconds, the server may take to close its side of a connection that is closed here. */
const closesWithin = 1000

/** A client of undici, and its connection if it has one. */
interface Member extends Open {
  readonly client: Undici.Client
  socket: Socket | undefined
  /** Whether it has a request. */
  isBusy: boolean
  /** Whether it had one when its connection was closed last: undici tells of that after the next one may have been sent. */
  endedBusy: boolean
  /** Whether its connection is being closed by us. */
  isLeaving: boolean
}

export class OriginPool {
  /** Those that have a connection, or make one. */
  private readonly members = new Set<Member>()
  /** Those that idle, with a connection; the one that was used last is used first. */
  private readonly idle: Array<Member> = []
  /** Those without a connection. */
  private readonly spare: Array<Member> = []
  private readonly waiting: Array<Request> = []
  /** Who waits for there to be fewer connections. */
  private readonly leaving: Array<() => void> = []
  private most: number

  constructor(private readonly options: Options) {
    this.most = options.connections
  }

  /** Connections that are open or in the making. */
  get open(): number {
    return this.members.size
  }

  dispatch(...request: Request): boolean {
    const member = this.idle.pop() ?? this.unconnected()
    if (member === undefined) this.waiting.push(request)
    else this.send(member, request)
    return false
  }

  /** From now on there are at most so many connections; `done` is called when one more of those that are too many is gone. */
  limit(most: number, done?: () => void): void {
    this.most = Math.min(most, this.options.connections)
    if (done !== undefined) this.leaving.push(done)
    this.settle()
    this.serve()
  }

  async destroy(error: Error): Promise<void> {
    const clients = Array.from([...this.members, ...this.spare], ({ client }) => client)
    if (this.waiting.length > 0 && clients.length === 0) clients.push(this.make().client)
    for (const destroyed of clients.map((client) => client.destroy(error))) await destroyed
    // A client that is destroyed refuses them in the right way.
    for (const [options, handler] of this.waiting.splice(0)) clients[0]!.dispatch(options, handler)
  }

  /** One that is to make a connection, if there may be one more. */
  private unconnected(): Member | undefined {
    if (this.members.size >= this.most) return undefined
    const member = this.spare.pop() ?? this.make()
    this.members.add(member)
    return member
  }

  private send(member: Member, [options, handler]: Request): void {
    member.isBusy = true
    try {
      member.client.dispatch(options, handler)
    } finally {
      // It has no request where that was refused at once; else it tells when it is free again.
      this.drained(member)
    }
  }

  private make(): Member {
    const { client: options, connect, origin, total } = this.options
    // For attempts beside the first of a connection: counted as connections, but never waited for.
    const spare = { take: () => total.tryAcquire(), give: () => total.release() }
    const connector: Undici.buildConnector.connector = (wanted, callback) =>
      total.acquire(() =>
        connect({ ...wanted, spare }, (...result) => {
          if (result[0] !== null) total.release()
          else this.connected(member, result[1])
          callback(...result)
        })
      )
    const member: Member = {
      client: new Undici.Client(origin, { ...options, connect: connector }).on("drain", () => this.drained(member))
        .on("connectionError", () => queueMicrotask(() => this.notConnected(member)))
        .on("disconnect", (_url, _clients, error) => this.ended(member, error)),
      socket: undefined,
      isBusy: false,
      endedBusy: false,
      isLeaving: false,
      isIdle: () => !member.isBusy && !member.isLeaving && member.socket !== undefined,
      close: () => this.close(member)
    }
    return member
  }

  private connected(member: Member, socket: Socket): void {
    const { total } = this.options
    member.socket = socket
    total.opened(member)
    socket.once("close", () => {
      member.socket = undefined
      member.endedBusy = member.isBusy
      member.isLeaving = false
      total.closed(member)
      if (!member.isBusy) this.disconnected(member)
    })
  }

  /** Undici tells a moment late that a client has no request: it may have the next one. */
  private drained(member: Member): void {
    if (!member.client.destroyed && member.client.stats.size === 0) this.free(member)
  }

  /** No connection could be made, and undici is done with the requests that waited for it. */
  private notConnected(member: Member): void {
    if (!member.isBusy || member.client.destroyed) return
    // Undici 7 counts a request that it has failed, because the certificate was another host's, as running for good.
    if (member.client.stats.running > 0) this.retire(member)
    else this.drained(member)
  }

  /** The connection is closed. */
  private ended(member: Member, error: Error): void {
    // Undici 7 would make a connection for the request that was aborted, and which it still has.
    if (error.message === "aborted" && member.endedBusy && member.client.stats.size > 0) this.retire(member)
  }

  /** The member's client is of no use any more, and has no request that has not ended. */
  private retire(member: Member): void {
    void member.client.destroy()
    this.free(member)
  }

  /** The member has no request any more. */
  private free(member: Member): void {
    if (!member.isBusy) return
    member.isBusy = false
    if (member.socket === undefined) return this.disconnected(member)
    // Its connection is about to be closed, which is told.
    if (member.isLeaving || member.client.destroyed || member.socket.destroyed) return
    this.idle.push(member)
    this.settle()
    // Once it idles it may be closed for one that is wanted, before it gets the next request of its own origin.
    this.options.total.closeIdle()
    this.serve()
  }

  private disconnected(member: Member): void {
    if (!this.members.delete(member)) return
    this.remove(member)
    if (!member.client.destroyed) this.spare.push(member)
    this.settle()
    // Nobody says any more how many there may be.
    if (this.members.size === 0 && this.most === 0) this.most = this.options.connections
    this.serve()
    this.options.onClosed()
    if (this.members.size === 0 && this.waiting.length === 0) this.options.onUnused()
  }

  private serve(): void {
    while (this.waiting.length > 0) {
      const member = this.idle.pop() ?? this.unconnected()
      if (member === undefined) return
      this.send(member, this.waiting.shift()!)
    }
  }

  /** Closes connections that are too many, as far as they idle, and tells those who wait for that. */
  private settle(): void {
    const tooMany = () => Math.max(0, this.members.size - this.most)
    while (this.leaving.length > tooMany()) this.leaving.shift()!()
    if (tooMany() === 0) return
    let leaving = 0
    for (const member of this.members) if (member.isLeaving) leaving++
    // The one that has idled for the longest time.
    while (tooMany() > leaving++ && this.idle.length > 0) this.close(this.idle[0]!)
  }

  private remove(member: Member): void {
    const at = this.idle.indexOf(member)
    if (at >= 0) this.idle.splice(at, 1)
  }

  /**
   * Closes a connection that idles: first our side of it, so that when it is
   * closed the server does not count it any more.
   */
  private close(member: Member): void {
    const { socket } = member
    if (socket === undefined || member.isLeaving) return
    member.isLeaving = true
    this.remove(member)
    const timer = setTimeout(() => socket.destroy(), closesWithin)
    socket.once("close", () => clearTimeout(timer))
    socket.end()
  }
}
