/**
 * What a worker is told once, in its greeting: the limits of its layer, and the
 * table that it shares with the other threads. Plain data and shared memory,
 * which cross threads.
 */
import type { Settings } from "../../FastGetConfig.js"
import type * as OriginTable from "../traffic/OriginTable.js"

/** Of a layer's settings, those that limit what is asked of an origin, and of all. */
export interface Limits
  extends Pick<Settings, "connectionsPerOrigin" | "maxConnections" | "rate" | "throttle" | "concurrency" | "origins">
{}

/** The layer's limits, and where its threads count by them. */
export interface WireTraffic {
  readonly limits: Limits
  readonly table: OriginTable.Wire
  /** The number of the thread in the table, from 1. */
  readonly thread: number
}

/** Of settings the limits, and nothing more: settings may hold what does not cross threads. */
export const limitsOf = (
  { concurrency, connectionsPerOrigin, maxConnections, origins, rate, throttle }: Limits
): Limits => ({ concurrency, connectionsPerOrigin, maxConnections, origins, rate, throttle })
