import { OriginGate } from "#internal/origin/OriginGate"
import { RunRates } from "#internal/origin/RunRates"
import * as OriginTable from "#internal/traffic/OriginTable"
import type { Rules } from "#internal/traffic/Rules"
import * as SharedTraffic from "#internal/traffic/SharedTraffic"
import * as TableView from "#internal/traffic/TableView"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"

const rules: Rules = { connections: 8, rate: undefined, throttle: undefined, adaptive: false }

/** A clock and its timers, which stand still until they are told. */
const makeClock = () => {
  let now = 1000
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>()
  return {
    now: () => now,
    setTimer: (fire: () => void, millis: number) => {
      const timer = { at: now + millis, fire }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    pending: () => timers.size,
    /** Goes on for so many milliseconds, one by one. */
    pass: (millis: number) => {
      for (const end = now + millis; now < end;) {
        now++
        for (const timer of timers) {
          if (timer.at > now) continue
          timers.delete(timer)
          timer.fire()
        }
      }
    }
  }
}

const makeTable = (threads: number) => OriginTable.make({ threads, inAll: 100, isShared: false })

const rate = { requests: 10, per: 1000, burst: undefined }

const runOf = (runId: number, own: SharedBytes.Share["rate"]) =>
  SharedBytes.join(runId, SharedBytes.make(1_000_000).chunk(), own)

describe("a rate of a run's own", () => {
  it("is kept by all threads together, for each run and origin by itself", () => {
    const clock = makeClock()
    const table = makeTable(4)
    const threads = [1, 2, 3, 4].map((thread) =>
      SharedTraffic.make({ table, thread, rulesFor: () => rules, now: clock.now })
    )
    const turns = new Map<string, number>()
    for (let millis = 0; millis < 3000; millis++) {
      for (const [index, { takeTurn }] of threads.entries()) {
        const name = `${index % 2} http://a`
        if (takeTurn(name, rate) === 0) turns.set(name, (turns.get(name) ?? 0) + 1)
      }
      clock.pass(1)
    }
    for (const taken of turns.values()) {
      expect(taken).toBeGreaterThanOrEqual(28)
      expect(taken).toBeLessThanOrEqual(31)
    }
    expect(turns.size).toBe(2)
    // It is no origin, so nobody is shown it.
    expect(TableView.all(table)).toEqual([])
  })

  it("holds its run back with one timer, and serves its origin when there is a turn", () => {
    const clock = makeClock()
    const traffic = SharedTraffic.make({ table: makeTable(1), thread: 1, rulesFor: () => rules, now: clock.now })
    const served: Array<string> = []
    const rates = new RunRates({ traffic, setTimer: clock.setTimer, serve: (origin) => served.push(origin) })
    const run = runOf(1, rate)
    while (!rates.holdsBack(run, "http://a"));
    expect(rates.holdsBack(run, "http://a")).toBe(true)
    expect(rates.holdsBack(runOf(2, undefined), "http://a")).toBe(false)
    expect(rates.holdsBack(run, "http://b")).toBe(false)
    expect([clock.pending(), served]).toEqual([1, []])
    clock.pass(102)
    expect([clock.pending(), served]).toEqual([0, ["http://a"]])
    expect(rates.holdsBack(run, "http://a")).toBe(false)
  })

  it("has no timer any more when its run has left the origin, or the gate is closed", () => {
    const clock = makeClock()
    const traffic = SharedTraffic.make({ table: makeTable(1), thread: 1, rulesFor: () => rules, now: clock.now })
    const rates = new RunRates({ traffic, setTimer: clock.setTimer, serve: () => {} })
    const run = runOf(1, rate)
    for (const origin of ["http://a", "http://b"]) while (!rates.holdsBack(run, origin));
    expect(clock.pending()).toBe(2)
    rates.forget(1, "http://a")
    expect(clock.pending()).toBe(1)
    rates.close()
    expect(clock.pending()).toBe(0)
  })

  it("slows its own requests at the gate, which count as waiting, and not those of other runs", () => {
    const clock = makeClock()
    const table = makeTable(1)
    const waiting = () => TableView.all(table).map(({ waiting }) => waiting)
    const traffic = SharedTraffic.make({ table, thread: 1, rulesFor: () => rules, now: clock.now })
    const gate = new OriginGate({ traffic, setTimer: clock.setTimer })
    const started = { slow: 0, fast: 0 }
    const ask = (name: "slow" | "fast", run: SharedBytes.Share) =>
      gate.acquire("http://a", run, () => {
        started[name]++
        gate.release("http://a")
      })
    const slow = runOf(1, rate)
    const tickets = Array.from({ length: 50 }, () => ask("slow", slow))
    const fast = runOf(2, undefined)
    for (let n = 0; n < 50; n++) ask("fast", fast)
    expect(started.fast).toBe(50)
    expect(started.slow).toBeLessThanOrEqual(2)
    expect(waiting()).toEqual([50 - started.slow])
    clock.pass(1000)
    expect(waiting()).toEqual([50 - started.slow])
    expect(started.slow).toBeGreaterThanOrEqual(9)
    expect(started.slow).toBeLessThanOrEqual(11)
    for (const ticket of tickets) ticket?.cancel()
    expect(clock.pending()).toBe(0)
    expect(waiting()).toEqual([0])
    gate.close()
  })
})
