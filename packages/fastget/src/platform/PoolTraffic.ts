/**
 * The traffic of a pool, on the side of who has the threads: the table they
 * share, what each is told of it in its greeting, what becomes of a thread's part
 * when it has ended, and what there is to know of the origins.
 *
 * @since 0.1.0
 */
import * as OriginRules from "../internal/config/OriginRules.js"
import type { Known } from "../internal/traffic/Inheritance.js"
import * as Inheritance from "../internal/traffic/Inheritance.js"
import { OriginTable } from "../internal/traffic/OriginTable.js"
import * as Table from "../internal/traffic/OriginTable.js"
import type { OriginTraffic } from "../internal/traffic/OriginTraffic.js"
import * as Recovery from "../internal/traffic/Recovery.js"
import * as SharedClock from "../internal/traffic/SharedClock.js"
import * as TableLayout from "../internal/traffic/TableLayout.js"
import * as TableView from "../internal/traffic/TableView.js"
import type { Limits, WireTraffic } from "../internal/wire/Traffic.js"
import * as Traffic from "../internal/wire/Traffic.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface PoolTraffic {
  readonly table: OriginTable
  /** What the thread with this number, from 1, is told in its greeting. */
  readonly forThread: (thread: number) => WireTraffic
  /** A thread has ended: others get the connections it had. To be called before the next one with its number starts. */
  readonly ended: (thread: number) => void
  readonly origins: () => ReadonlyArray<OriginTraffic>
  /** How many origins, and rates of streams, there is room for, and how often one found none. */
  readonly slots: () => { readonly all: number; readonly missed: number }
  /** Begins with an origin where another pool, which has asked it until now, was. */
  readonly inherit: (origin: string, known: Known) => void
  /** Calls back when an origin begins or ceases to hold entries up, until the returned function is called. */
  readonly onChange: (listener: (origin: OriginTraffic) => void) => () => void
}

/**
 * The traffic of a pool of so many threads; `isShared` where they are threads.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (settings: Limits, threads: number, isShared: boolean): PoolTraffic => {
  const table = Table.make({ threads, inAll: settings.maxConnections, isShared })
  const limits = Traffic.limitsOf(settings)
  return {
    table,
    forThread: (thread) => ({ limits, table: table.wire, thread }),
    ended: (thread) => Recovery.recover(table, thread),
    origins: () => TableView.all(table),
    slots: () => ({ all: table.wire.slots - 1, missed: table.withoutSlot }),
    inherit: (origin, known) => {
      const rules = OriginRules.rulesFor(origin, limits)
      table.prepare(origin, rules.connections, (slot) =>
        table.locked(slot, table.main, () => {
          Inheritance.begin(table.state(slot), rules, SharedClock.now(), known)
          // There is something to decide from now on.
          Atomics.or(table.words, table.base(slot) + TableLayout.slot.flags, 1)
        }))
    },
    onChange: (listener) => table.listen(table.main, (slot) => listener(TableView.of(table, slot)))
  }
}
