/** A table in shared memory as one of its threads has it, which counts how often the thread locks a slot, and what it is rung for. */
import * as Doorbell from "#internal/traffic/Doorbell"
import * as Table from "#internal/traffic/OriginTable"

export class CountedTable extends Table.OriginTable {
  locks = 0

  constructor(wire: Table.Wire, readonly thread: number) {
    super(wire)
  }

  override locked<A>(slot: number, owner: number, f: () => A): A {
    this.locks++
    return super.locked(slot, owner, f)
  }

  /** How often a slot was locked for this. */
  locksFor(f: () => void): number {
    const before = this.locks
    f()
    return this.locks - before
  }

  /** The slots that the thread was rung for since it was asked last. */
  rung(): ReadonlyArray<number> {
    const rung: Array<number> = []
    Doorbell.answer(this.words, this.layout, this.thread, (slot) => rung.push(slot))
    return rung
  }
}

/** The same table for so many threads, and for the main one as the last of them. */
export const make = (threads: number, inAll = Infinity): ReadonlyArray<CountedTable> => {
  const { wire } = Table.make({ threads, inAll, isShared: true, slots: 16 })
  return Array.from({ length: threads + 1 }, (_, n) => new CountedTable(wire, n + 1))
}
