import * as AnswerCounts from "#internal/traffic/AnswerCounts"
import * as Table from "#internal/traffic/OriginTable"
import * as SharedTraffic from "#internal/traffic/SharedTraffic"
import * as TableLayout from "#internal/traffic/TableLayout"
import * as TableView from "#internal/traffic/TableView"
import { describe, expect, it } from "@effect/vitest"
import { quiet } from "./QuietOrigin.js"

const make = () => Table.make({ threads: 3, inAll: Infinity, isShared: true, slots: 16 })

const waits = (table: Table.OriginTable, slot: number, thread: number, entries: number) => {
  table.words[table.part(slot, thread) + TableLayout.thread.waitingEntries] = entries
}

const now = 50_000
const rate = { requests: 1, per: 1000, burst: undefined }
const rules = { connections: 4, rate: undefined, throttle: undefined, adaptive: false }

describe("what the main thread sees of the table", () => {
  it("is each origin that was asked for something, and neither the connections to all of them nor the rate of a run", () => {
    const table = make()
    expect(TableView.all(table)).toEqual([])
    for (const [n, name] of ["http://a", "http://b"].entries()) table.enter(name, 4, n + 1)
    const a = table.enter("http://a", 4, 3)!
    table.leave(a, 1)
    table.leave(a, 3)
    // The rate of a run.
    SharedTraffic.make({ table, thread: 1, rulesFor: () => rules }).takeTurn("run 1", rate)
    expect(TableView.all(table).map(({ origin }) => origin).sort()).toEqual(["http://a", "http://b"])
  })

  it("is nothing of what was never so", () => {
    const table = make()
    expect(TableView.of(table, table.enter("http://a", 4, 1)!, now)).toEqual(quiet)
  })

  it("is what the threads count, and what the policies know", () => {
    const table = make()
    const slot = table.enter("http://a", 4, 1)!
    waits(table, slot, 1, 5)
    waits(table, slot, 3, 7)
    for (const thread of [1, 2, 2]) AnswerCounts.add(table, slot, thread, now)
    Object.assign(table.state(slot), {
      closedUntil: now + 1200,
      closedFor: 1999.6,
      phase: 1,
      rate: 12.5,
      limit: 8,
      refusals: 4,
      skipped: 2
    })
    expect(TableView.of(table, slot, now)).toEqual({
      origin: "http://a",
      waiting: 12,
      opensIn: 1200,
      isRefusing: true,
      askedFor: 2000,
      learnedRate: 12.5,
      adaptiveLimit: 8,
      refusals: 4,
      answered: 3,
      downSince: undefined,
      skipped: 2
    })
    // Its time has come, and the rate was forgotten.
    table.state(slot).phase = 0
    expect(TableView.of(table, slot, now + 5000)).toMatchObject({ opensIn: 0, learnedRate: undefined })
  })

  it("is how long it takes until there is more of a limit that the headers tell", () => {
    const table = make()
    const slot = table.enter("http://a", 4, 1)!
    Object.assign(table.state(slot), { quotaUntil: now + 12_000, quotaLeft: 0 })
    expect(TableView.of(table, slot, now)).toMatchObject({ opensIn: 12_000, isRefusing: false })
    table.state(slot).quotaLeft = 3
    expect(TableView.of(table, slot, now)).toMatchObject({ opensIn: 0 })
  })

  it("is since when an origin is down, as a time of the day", () => {
    const table = make()
    const slot = table.enter("http://a", 4, 1)!
    table.state(slot).downSince = now - 30_000
    const before = new Date().getTime()
    const { downSince } = TableView.of(table, slot, now)
    expect(downSince).toBeGreaterThanOrEqual(before - 30_000)
    expect(downSince).toBeLessThanOrEqual(new Date().getTime() - 30_000)
  })
})
