/**
 * The connections to all origins, as a dispatcher of undici: an `OriginPool` for
 * each origin that has some, all under one bound. What the bounds of an origin
 * are can be changed while it is in use.
 */
import type { ConnectionControl } from "fastget/platform/ConnectionControl"
import * as Undici from "undici"
import type { Connect } from "./OriginPool.js"
import { OriginPool } from "./OriginPool.js"
import type { SocketLimit } from "./SocketLimit.js"

export interface Options {
  readonly client: Undici.Client.Options
  /** The most connections to one origin, unless less are allowed. */
  readonly connections: number
  /** The bound on connections to all of them. */
  readonly total: SocketLimit
  readonly connect: Connect
}

export class ConnectionPools extends Undici.Dispatcher implements ConnectionControl {
  private readonly pools = new Map<string, OriginPool>()
  private readonly allowed = new Map<string, number>()
  private readonly routes = new Map<string, Route>()
  private onClose: (origin: string) => void = () => {}
  private destroyed: Error | undefined

  constructor(private readonly options: Options) {
    super()
  }

  override dispatch(options: Undici.Dispatcher.DispatchOptions, handler: Undici.Dispatcher.DispatchHandler): boolean {
    if (this.destroyed !== undefined) throw this.destroyed
    return this.poolOf(String(options.origin)).dispatch(options, handler)
  }

  /**
   * A dispatcher for the requests to an origin whose connections are made by
   * `connect`, as through a proxy. When it is not needed any more it says so as
   * undici's own do, by "disconnect".
   */
  through(origin: string, connect: Connect): Undici.Dispatcher {
    const route = new Route((...request) => this.dispatch(...request), connect)
    this.routes.set(origin, route)
    return route
  }

  limit(origin: string, connections: number, done?: () => void): void {
    if (connections === 0) this.allowed.delete(origin)
    else this.allowed.set(origin, connections)
    const pool = this.pools.get(origin)
    if (pool === undefined) done?.()
    else pool.limit(connections, done)
  }

  open(origin: string): number {
    return this.pools.get(origin)?.open ?? 0
  }

  onClosed(listener: (origin: string) => void): void {
    this.onClose = listener
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    return callback === undefined ? this.destroy() : void this.destroy(null, callback)
  }

  /** Ends all connections at once, and all requests with an error. */
  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override async destroy(...args: ReadonlyArray<unknown>): Promise<void> {
    this.destroyed ??= args[0] instanceof Error
      ? args[0]
      : Object.assign(new Error("the client is closed"), { code: "UND_ERR_DESTROYED" })
    const pools = [...this.pools.values()]
    this.pools.clear()
    await Promise.all(pools.map((pool) => pool.destroy(this.destroyed!)))
    for (const callback of args) if (typeof callback === "function") callback()
  }

  private poolOf(origin: string): OriginPool {
    let pool = this.pools.get(origin)
    if (pool === undefined) {
      const route = this.routes.get(origin)
      const url = new URL(origin)
      const made = pool = new OriginPool({
        ...this.options,
        connect: route?.connectTo ?? this.options.connect,
        origin: url,
        onClosed: () => this.onClose(origin),
        onUnused: () => {
          if (this.pools.get(origin) !== made) return
          this.pools.delete(origin)
          if (route === undefined) return
          this.routes.delete(origin)
          route.emit("disconnect", url, [route], noConnection)
        }
      })
      const allowed = this.allowed.get(origin)
      if (allowed !== undefined) pool.limit(allowed)
      this.pools.set(origin, pool)
    }
    return pool
  }
}

/** What undici's own dispatchers tell when they have no connection any more. */
const noConnection = Object.assign(new Error("no connection is left"), { code: "UND_ERR_INFO" })

/** The way to one origin. Its connections are those of the pools, which end them. */
class Route extends Undici.Dispatcher {
  constructor(override readonly dispatch: Undici.Dispatcher["dispatch"], readonly connectTo: Connect) {
    super()
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    return callback === undefined ? Promise.resolve() : queueMicrotask(callback)
  }

  override destroy(): Promise<void>
  override destroy(...callbacks: ReadonlyArray<unknown>): Promise<void> | void {
    for (const callback of callbacks) if (typeof callback === "function") return queueMicrotask(() => callback())
    return Promise.resolve()
  }
}
