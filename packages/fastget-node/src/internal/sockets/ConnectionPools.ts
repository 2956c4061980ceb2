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
  private onClose: (origin: string) => void = () => {}
  private destroyed: Error | undefined

  constructor(private readonly options: Options) {
    super()
  }

  override dispatch(options: Undici.Dispatcher.DispatchOptions, handler: Undici.Dispatcher.DispatchHandler): boolean {
    if (this.destroyed !== undefined) throw this.destroyed
    return this.poolOf(String(options.origin)).dispatch(options, handler)
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
      const { connections, ...options } = this.options
      const made = pool = new OriginPool({
        ...options,
        connections,
        origin: new URL(origin),
        onClosed: () => this.onClose(origin),
        onUnused: () => {
          if (this.pools.get(origin) === made) this.pools.delete(origin)
        }
      })
      const allowed = this.allowed.get(origin)
      if (allowed !== undefined) pool.limit(allowed)
      this.pools.set(origin, pool)
    }
    return pool
  }
}
