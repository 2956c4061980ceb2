import { Origin } from "#internal/origin/Origin"
import * as Table from "#internal/traffic/OriginTable"
import type { Rules } from "#internal/traffic/Rules"
import * as SharedTraffic from "#internal/traffic/SharedTraffic"
import * as TableView from "#internal/traffic/TableView"
import type { OriginTraffic } from "#internal/traffic/TrafficControl"
import * as Traffic from "#internal/traffic/TrafficControl"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"

const key = "http://a"

/** Connections of a client: so many are open, and the idle ones that are too many are closed when the test says so. */
const makeControl = (open: number) => {
  const told: Array<number> = []
  const dones: Array<() => void> = []
  return {
    told,
    /** One that was to be closed is closed. */
    closed: () => dones.shift()?.(),
    count: { open },
    limit: (_: string, connections: number, done?: () => void) => {
      told.push(connections)
      if (done !== undefined) dones.push(done)
    },
    open() {
      return this.count.open
    },
    onClosed: () => {}
  }
}

/** An origin of the first of two threads of one table, whose timers the test has come; and the same origin of the second. */
const make = (connections: number, control?: ReturnType<typeof makeControl>) => {
  const rules: Rules = { connections, rate: undefined, throttle: undefined, adaptive: false }
  const table = Table.make({ threads: 2, inAll: Infinity, isShared: false })
  const enter = (thread: number) => SharedTraffic.make({ table, thread, rulesFor: () => rules }).enter(key, () => {})
  const timers: Array<{ readonly f: () => void; readonly ms: number }> = []
  const happened: Array<string> = []
  const origin = new Origin({
    key,
    traffic: enter(1),
    control,
    setTimer: (f, ms) => {
      const timer = { f, ms }
      timers.push(timer)
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
    },
    onRunLeft: () => {},
    onTime: () => happened.push("time"),
    onGiven: () => happened.push("given")
  })
  const run = SharedBytes.join(1, SharedBytes.make(1024).chunk())
  return {
    table,
    origin,
    other: enter(2),
    timers,
    happened,
    /** The time of the timer that was set first has come. */
    fire: () => timers.shift()!.f(),
    wait: () => origin.queue.add(run, () => {}, "fresh")
  }
}

const reserve = (from: { reserve(): number }, times: number) => Array.from({ length: times }, () => from.reserve())

/** So many requests begin and end, at once. */
const use = (origin: Origin, requests: number) => {
  reserve(origin, requests)
  for (let n = 0; n < requests; n++) origin.traffic.release(false)
}

const held = (traffic: OriginTraffic) => traffic.allowed()

describe("an origin", () => {
  it("tells the client how many connections it may have, whenever that has changed", () => {
    const control = makeControl(0)
    const { origin, other } = make(3, control)
    expect([reserve(origin, 2), control.told]).toEqual([[0, 0], [1, 2]])
    origin.traffic.release(false)
    expect([reserve(origin, 1), control.told]).toEqual([[0], [1, 2]])
    reserve(other, 1)
    expect([reserve(origin, 1), control.told]).toEqual([[Traffic.full], [1, 2]])
  })

  it("has those that are held up asked for again when the time has come", () => {
    const { fire, happened, origin, table, timers, wait } = make(3)
    wait()
    origin.holdUp(250)
    wait()
    origin.added()
    expect([origin.isHeldUp, timers.map(({ ms }) => ms), TableView.all(table)[0]!.waiting]).toEqual([true, [250], 2])
    // What is said last counts.
    origin.holdUp(100)
    expect(timers.map(({ ms }) => ms)).toEqual([100])
    fire()
    expect(happened).toEqual(["time"])
    origin.letGo()
    expect([origin.isHeldUp, TableView.all(table)[0]!.waiting]).toEqual([false, 0])
  })

  it("waits for no time where a connection is what is missing", () => {
    const { origin, table, timers, wait } = make(3)
    wait()
    origin.holdUp(250)
    origin.holdUp(Infinity)
    wait()
    origin.added()
    expect([origin.isHeldUp, timers, TableView.all(table)[0]!.waiting]).toEqual([true, [], 0])
  })

  it("gives others no connection that they don't wait for, and waits for none when nobody waits here", () => {
    const { origin, other, timers } = make(1, makeControl(1))
    use(origin, 1)
    origin.settle()
    expect([held(origin.traffic), timers]).toEqual([1, []])
    reserve(other, 1)
    other.waitNoMore()
    origin.settle()
    expect(held(origin.traffic)).toBe(1)
    const [first, second] = [make(1), make(1)]
    for (const { origin, other } of [first, second]) {
      reserve(other, 1)
      reserve(origin, 1)
      other.release(false)
    }
    first.origin.letGo()
    second.wait()
    second.origin.letGo()
    expect([first.other.owes(false), second.other.owes(false)]).toEqual(["no", "now"])
  })

  it("gives what others wait for when it has been closed, and not before", () => {
    const control = makeControl(3)
    const { happened, origin, other } = make(3, control)
    use(origin, 3)
    expect(reserve(other, 1)).toEqual([Traffic.full])
    origin.settle()
    expect([control.told, held(origin.traffic), reserve(other, 1)]).toEqual([[1, 2, 3, 2, 1, 0], 0, [Traffic.full]])
    control.closed()
    expect([happened, other.idle(), reserve(other, 1)]).toEqual([["given"], 1, [0]])
  })

  it("lets a connection idle for a moment where the others have about as many", () => {
    const control = makeControl(1)
    const { fire, happened, origin, other, timers } = make(2, control)
    use(origin, 1)
    expect(reserve(other, 2)).toEqual([0, Traffic.full])
    origin.settle()
    origin.settle()
    expect([held(origin.traffic), timers.length, timers[0]!.ms < 200]).toEqual([1, 1, true])
    fire()
    expect([held(origin.traffic), timers.length]).toEqual([0, 0])
    control.closed()
    expect([happened, reserve(other, 1)]).toEqual([["given"], [0]])
  })

  it("gives an eighth of those that idled, and as much again after each further moment", () => {
    const { fire, origin, other, timers } = make(32, makeControl(16))
    use(origin, 16)
    expect(reserve(other, 17).at(-1)).toBe(Traffic.full)
    origin.settle()
    expect([origin.traffic.idle(), timers.length]).toEqual([16, 1])
    fire()
    expect([origin.traffic.idle(), timers.length]).toEqual([14, 1])
    fire()
    expect([origin.traffic.idle(), timers.length]).toEqual([12, 1])
  })

  it("gives at once what no connection has been made of", () => {
    const { happened, origin, other, timers } = make(2, makeControl(0))
    use(origin, 1)
    reserve(other, 2)
    origin.settle()
    expect([held(origin.traffic), timers]).toEqual([0, []])
    expect(happened).toEqual([])
  })

  it("gives back leases whose connections are closed, and those only", () => {
    const control = makeControl(3)
    const { origin } = make(3, control)
    use(origin, 3)
    origin.giveUnconnected()
    expect(held(origin.traffic)).toBe(3)
    control.count.open = 1
    origin.giveUnconnected()
    expect([held(origin.traffic), origin.isUnused()]).toEqual([1, false])
  })

  it("without a client that can be told gives at once, and is unused when nothing is left of it", () => {
    const { happened, origin, wait } = make(3)
    use(origin, 2)
    origin.give(true)
    expect([happened, held(origin.traffic), origin.isUnused()]).toEqual([["given"], 1, false])
    origin.giveUnconnected()
    expect([happened, held(origin.traffic), origin.isUnused()]).toEqual([["given", "given"], 0, true])
    wait()
    expect(origin.isUnused()).toBe(false)
  })

  it("that is closed has no timer left", () => {
    const { origin, other, timers, wait } = make(2, makeControl(1))
    use(origin, 1)
    reserve(other, 2)
    origin.settle()
    wait()
    origin.holdUp(250)
    expect(timers.length).toBe(2)
    origin.close()
    expect(timers).toEqual([])
  })
})
