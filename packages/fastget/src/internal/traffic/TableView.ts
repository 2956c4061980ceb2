/**
 * What there is to know of the origins in an `OriginTable`, for the main thread:
 * how many entries wait for each, for how long, and what was learned.
 */
import * as AnswerCounts from "./AnswerCounts.js"
import * as Gate from "./Gate.js"
import type { OriginTable } from "./OriginTable.js"
import type { OriginTraffic } from "./OriginTraffic.js"
import * as Quota from "./Quota.js"
import * as SharedClock from "./SharedClock.js"
import * as TableLayout from "./TableLayout.js"

/** Of the policies' numbers 0 is none. */
const some = (value: number): number | undefined => value === 0 ? undefined : value

/** All origins of the table that were asked for something. */
export const all = (table: OriginTable): ReadonlyArray<OriginTraffic> => {
  const origins: Array<OriginTraffic> = []
  for (let slot = 1; slot < table.wire.slots; slot++) {
    if (table.words[table.base(slot) + TableLayout.slot.used] !== 1) continue
    // A rate of a run has a slot, too; its name is none of an origin.
    if (!table.text(slot, "name").includes(" ")) origins.push(of(table, slot))
  }
  return origins
}

export const of = (table: OriginTable, slot: number, now = SharedClock.now()): OriginTraffic => {
  const { words } = table
  const state = table.snapshot(slot, table.main)
  let waiting = 0
  for (let thread = 1; thread <= table.wire.threads; thread++) {
    waiting += words[table.part(slot, thread) + TableLayout.thread.waitingEntries]!
  }
  return {
    origin: table.text(slot, "name"),
    waiting,
    opensIn: Math.max(0, state.closedUntil - now, Quota.wait(state, now)),
    isRefusing: !Gate.isOpen(state),
    askedFor: some(Math.round(state.closedFor)),
    learnedRate: state.phase === 0 ? undefined : some(state.rate),
    adaptiveLimit: some(state.limit),
    refusals: state.refusals,
    answered: AnswerCounts.inAll(table, slot),
    downSince: state.downSince === 0 ? undefined : Math.round(new Date().getTime() - (now - state.downSince)),
    skipped: state.skipped
  }
}
