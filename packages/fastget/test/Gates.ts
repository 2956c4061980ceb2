/** Gates within one thread, over a table of their own. */
import { OriginGate } from "#internal/origin/OriginGate"
import * as OriginTable from "#internal/traffic/OriginTable"
import type { Rules } from "#internal/traffic/Rules"
import * as SharedTraffic from "#internal/traffic/SharedTraffic"

/** A gate with so many permits for each origin, and for all origins together. */
export const make = (perOrigin: number, inAll = Infinity): OriginGate => {
  const table = OriginTable.make({ threads: 1, inAll, isShared: false })
  const rules: Rules = { connections: perOrigin, rate: undefined, throttle: undefined, adaptive: false }
  return new OriginGate({ traffic: SharedTraffic.make({ table, thread: 1, rulesFor: () => rules }) })
}
