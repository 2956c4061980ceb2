/**
 * The traffic of a worker: what its layer says of origins, over the table that
 * its threads share.
 */
import * as FastGetConfig from "../../FastGetConfig.js"
import * as OriginRules from "../config/OriginRules.js"
import { OriginTable } from "../traffic/OriginTable.js"
import * as Table from "../traffic/OriginTable.js"
import * as SharedTraffic from "../traffic/SharedTraffic.js"
import type { TrafficControl } from "../traffic/TrafficControl.js"
import type { Limits, WireTraffic } from "../wire/Traffic.js"

/** Of a thread that was told. */
export const ofThread = ({ limits, table, thread }: WireTraffic): TrafficControl =>
  over(limits, new OriginTable(table), thread)

/** Of a thread, over a table that is here already. */
export const over = (limits: Limits, table: OriginTable, thread: number): TrafficControl =>
  SharedTraffic.make({ table, thread, rulesFor: (origin) => OriginRules.rulesFor(origin, limits) })

/** Of a worker that nobody told anything: the limits of a layer without options. */
export const alone = (): TrafficControl => {
  const limits = FastGetConfig.defaults(1)
  return over(limits, Table.make({ threads: 1, inAll: limits.maxConnections, isShared: false }), 1)
}
