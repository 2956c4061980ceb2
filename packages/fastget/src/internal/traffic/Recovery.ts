/**
 * What becomes of a thread's part of the `OriginTable` when the thread has ended:
 * its locks are broken, its leases and marks taken back, and what is free then
 * goes to the threads that wait for it. By the main thread.
 */
import { Leases } from "./Leases.js"
import type { OriginTable } from "./OriginTable.js"
import * as SpinLock from "./SpinLock.js"
import * as TableLayout from "./TableLayout.js"

export const recover = (table: OriginTable, thread: number): void => {
  const { words } = table
  SpinLock.breakOf(words, TableLayout.header.lock, thread)
  // First that of all origins: a lease that is granted below needs a permit of it.
  for (let slot = 0; slot < table.wire.slots; slot++) {
    SpinLock.breakOf(words, table.base(slot), thread)
    if (words[table.base(slot) + TableLayout.slot.used] === 1) take(table, slot, thread)
  }
}

const take = (table: OriginTable, slot: number, thread: number): void => {
  const { words } = table
  const part = table.part(slot, thread)
  const isUser = words[part + TableLayout.thread.isUser] === 1
  if (slot !== 0 && !isUser) return
  const rung = table.locked(slot, table.main, () => {
    const connections = new Leases(table, slot, "connections")
    const flights = new Leases(table, slot, "flights")
    words[part + TableLayout.thread.spare] = 0
    words[part + TableLayout.thread.waitingEntries] = 0
    connections.recover(thread)
    flights.recover(thread)
    return [...slot === 0 ? grantAll(table, connections) : grant(table, connections), ...flights.grantRoom()]
  })
  Atomics.store(words, part + TableLayout.thread.isUser, 0)
  for (const other of rung) table.ring(other, slot)
}

/** Permits for any origin: they are spare until a connection is made of them. */
const grantAll = (table: OriginTable, all: Leases): ReadonlyArray<number> => {
  const granted = all.grantRoom()
  for (const other of granted) table.words[table.part(0, other) + TableLayout.thread.spare]!++
  return granted
}

/** Leases of an origin, each with a permit of those for all of them. */
const grant = (table: OriginTable, connections: Leases): ReadonlyArray<number> => {
  const all = new Leases(table, 0, "connections")
  return table.locked(0, table.main, () => {
    const granted: Array<number> = []
    while (all.hasRoom()) {
      const [other] = connections.grantRoom(1)
      if (other === undefined) break
      all.take(other)
      granted.push(other)
    }
    return granted
  })
}
