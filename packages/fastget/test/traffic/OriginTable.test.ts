import * as AnswerCounts from "#internal/traffic/AnswerCounts"
import * as Doorbell from "#internal/traffic/Doorbell"
import { Leases } from "#internal/traffic/Leases"
import { OriginTable } from "#internal/traffic/OriginTable"
import * as Table from "#internal/traffic/OriginTable"
import * as Recovery from "#internal/traffic/Recovery"
import * as SpinLock from "#internal/traffic/SpinLock"
import * as TableLayout from "#internal/traffic/TableLayout"
import { describe, expect, it } from "@effect/vitest"

const make = (options: Partial<Table.Options> = {}) =>
  Table.make({ threads: 3, inAll: 10, isShared: true, slots: 64, ...options })

describe("the table of origins", () => {
  it("has the same slot and the same numbers of an origin for all threads, and others for others", () => {
    const table = make()
    const elsewhere = new OriginTable(table.wire)
    const a = table.enter("http://a", 4, 1)!
    expect([elsewhere.enter("http://a", 4, 2), elsewhere.enter("http://b", 4, 2) === a]).toEqual([a, false])
    table.state(a).closedUntil = 12.5
    expect(elsewhere.state(a).closedUntil).toBe(12.5)
    expect([elsewhere.text(a, "name"), elsewhere.copy(a).closedUntil]).toEqual(["http://a", 12.5])
  })

  it("gives a slot that nobody uses to another origin, with nothing of the one before, and none that is in use", () => {
    const table = make({ slots: 3 })
    const a = table.enter("http://a", 4, 1)!
    const b = table.enter("http://b", 4, 2)!
    table.state(a).epoch = 7
    expect(table.withoutSlot).toBe(0)
    expect(table.enter("http://c", 4, 1)).toBeUndefined()
    expect(table.withoutSlot).toBe(1)
    table.leave(a, 1)
    expect(table.enter("http://c", 4, 3)).toBe(a)
    expect([table.text(a, "name"), table.state(a).epoch, table.text(b, "name")]).toEqual(["http://c", 0, "http://b"])
  })

  it("keeps what is known of an origin that nobody uses until its slot is wanted", () => {
    const table = make()
    const a = table.enter("http://a", 4, 1)!
    table.state(a).epoch = 7
    table.leave(a, 1)
    expect([table.enter("http://a", 4, 2), table.state(a).epoch]).toEqual([a, 7])
  })

  it("keeps a text that fits, and leaves out one that is too long", () => {
    const table = make()
    const a = table.enter("http://a", 4, 1)!
    table.setText(a, "reason", "é".repeat(TableLayout.reasonBytes / 2))
    expect(table.text(a, "reason").length).toBe(TableLayout.reasonBytes / 2)
    table.setText(a, "reason", "x".repeat(TableLayout.reasonBytes + 1))
    expect(table.text(a, "reason")).toBe("")
  })

  it("takes no more memory than it is to, but for hundreds of threads", () => {
    for (const threads of [1, 4, 16, 64]) {
      expect(TableLayout.of({ threads, slots: TableLayout.slotsFor(threads) }).bytes).toBeLessThan(12 * 1024 * 1024)
    }
    expect(TableLayout.slotsFor(1024)).toBe(256)
  })
})

describe("a bell", () => {
  it("tells each slot once, however often it was rung for", () => {
    const table = make()
    const told: Array<number> = []
    for (const slot of [5, 63, 5, 31]) table.ring(2, slot)
    for (let n = 0; n < 2; n++) Doorbell.answer(table.words, table.layout, 2, (slot) => told.push(slot))
    expect(told.sort((a, b) => a - b)).toEqual([5, 31, 63])
  })

  it("wakes who listens, until that one stops", async () => {
    const table = make()
    const told: Array<number> = []
    table.ring(1, 7)
    const stop = await new Promise<() => void>((resolve) => {
      const stop = table.listen(1, (slot) => {
        told.push(slot)
        if (slot === 8) resolve(stop)
      })
      setTimeout(() => new OriginTable(table.wire).ring(1, 8), 1)
    })
    stop()
    table.ring(1, 9)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(told).toEqual([7, 8])
  })
})

describe("leases", () => {
  it("go to the thread that has the fewest of those that wait, and are never more than the limit", () => {
    const table = make()
    const slot = table.enter("http://a", 3, 1)!
    const leases = new Leases(table, slot, "connections")
    for (const thread of [1, 1, 2]) leases.take(thread)
    expect(leases.hasRoom()).toBe(false)
    for (const thread of [1, 2, 3]) leases.mark(thread)
    expect([leases.poorest(1), leases.poorest(3)]).toEqual([0, 1])
    expect([leases.give(1), leases.heldBy(3), leases.inAll()]).toEqual([3, 1, 3])
    leases.unmark(1)
    leases.unmark(2)
    leases.unmark(3)
    expect([leases.give(2), leases.inAll(), leases.othersWait(1)]).toEqual([0, 2, false])
  })
})

describe("a thread that has ended", () => {
  it("leaves its leases to those who wait, and no lock", () => {
    const table = make({ inAll: 2 })
    const slot = table.enter("http://a", 2, 1)!
    table.enter("http://a", 2, 2)
    const [leases, all] = [new Leases(table, slot, "connections"), new Leases(table, 0, "connections")]
    for (const each of [leases, all]) for (const thread of [1, 1]) each.take(thread)
    leases.mark(1)
    leases.mark(2)
    SpinLock.lock(table.words, table.base(slot), 1)
    SpinLock.lock(table.words, table.base(0), 1)
    SpinLock.lock(table.words, TableLayout.header.lock, 1)
    Recovery.recover(table, 1)
    expect([leases.heldBy(1), leases.heldBy(2), leases.inAll(), all.heldBy(1), all.heldBy(2), all.inAll()])
      .toEqual([0, 2, 2, 0, 2, 2])
    const rung: Array<number> = []
    Doorbell.answer(table.words, table.layout, 2, (slot) => rung.push(slot))
    expect(rung).toEqual([slot])
    // No lock is left: these would wait for ever.
    expect([table.enter("http://b", 2, 3) !== slot, table.locked(slot, 3, () => true)]).toEqual([true, true])
  })

  it("does not hold a slot any more", () => {
    const table = make({ slots: 2 })
    table.enter("http://a", 2, 1)
    expect(table.enter("http://b", 2, 2)).toBeUndefined()
    Recovery.recover(table, 1)
    expect(table.enter("http://b", 2, 2)).toBe(1)
  })
})

describe("the answers of the last time", () => {
  it("are counted over all threads, and those before not any more", () => {
    const table = make()
    const slot = table.enter("http://a", 2, 1)!
    const start = 1_000_000 * TableLayout.sliceLength
    for (let n = 0; n < 30; n++) AnswerCounts.add(table, slot, 1 + n % 3, start + n * 100)
    const now = start + 3000
    expect(AnswerCounts.inAll(table, slot)).toBe(30)
    expect(Math.abs(AnswerCounts.within(table, slot, 1000, now) - 10)).toBeLessThanOrEqual(1)
    expect(Math.abs(AnswerCounts.within(table, slot, 2000, now) - 20)).toBeLessThanOrEqual(1)
    expect(AnswerCounts.within(table, slot, 2000, now + 5000)).toBe(0)
    AnswerCounts.add(table, slot, 1, now + 60_000)
    expect(AnswerCounts.within(table, slot, 2000, now + 60_000)).toBe(1)
  })
})
