import { EntriesOut } from "#internal/run/EntriesOut"
import { WorkerLoad } from "#internal/run/WorkerLoad"
import { describe, expect, it } from "@effect/vitest"

const make = ({ first = 1, held = (): boolean => false, most = 8, out = new EntriesOut(Infinity, 1) } = {}) =>
  new WorkerLoad<number>({ first, most, out, isHeldBack: held })

const send = (load: WorkerLoad<number>, entries: number) => {
  load.took(entries)
  load.sent(entries)
}

const chunk = [[1, "http://a"]] as const

describe("WorkerLoad", () => {
  it("begins with chunks of one entry, and doubles them each time the worker ran dry, up to the most", () => {
    const load = make()
    const sizes: Array<number> = []
    for (let n = 0; n < 5; n++) {
      const size = load.room()
      sizes.push(size)
      load.sent(size)
      load.settled(size, size, load.isFull(size))
    }
    expect(sizes).toEqual([1, 2, 4, 8, 8])
  })

  it("begins with the size that it is told", () => {
    const load = make({ first: 4 })
    expect(load.room()).toBe(4)
    load.sent(4)
    expect(load.settled(4, 4, true)).toBe(8)
  })

  it("tells when the size has grown, and only then", () => {
    const load = make()
    load.sent(1)
    expect(load.settled(1, 1, true)).toBe(2)
    load.sent(1)
    expect(load.settled(1, 1, false)).toBeUndefined()
  })

  it("has no room while more than half a chunk waits for connections", () => {
    const load = make()
    for (const size of [1, 2, 4]) {
      load.sent(size)
      load.settled(size, size, true)
    }
    load.sent(8)
    expect(load.room()).toBe(0)
    load.settled(0, 4, false)
    expect(load.room()).toBe(0)
    load.settled(4, 0, false)
    expect(load.room()).toBe(8)
  })

  it("has room as far as all workers together have less than the run may have out", () => {
    const out = new EntriesOut(6, 2)
    const [load, other] = [make({ out }), make({ out })]
    for (const size of [1, 2]) {
      send(load, size)
      load.settled(size, size, true)
    }
    // No more at once than its part, but one such chunk after another while the other worker wants none.
    expect(load.room()).toBe(3)
    send(load, 3)
    expect([load.room(), other.room()]).toEqual([3, 1])
    send(load, 2)
    expect([load.room(), other.room()]).toEqual([1, 1])
    send(other, 1)
    expect([load.room(), other.room()]).toEqual([0, 0])
    load.settled(2, 2, false)
    expect([load.room(), other.room()]).toEqual([2, 1])
  })

  it("gives a suspect chunk when the run may have all of it out", () => {
    const out = new EntriesOut(1, 2)
    const [load, other] = [make({ out }), make({ out })]
    load.suspect(chunk)
    send(other, 1)
    expect(load.own()).toBeUndefined()
    other.settled(1, 1, false)
    expect(load.own()).toBe(chunk)
  })

  it("gives a suspect when the worker is idle, alone, and nothing else until it is back", () => {
    const load = make()
    load.sent(1)
    load.suspect(chunk)
    expect([load.own(), load.room()]).toEqual([undefined, 0])
    load.settled(1, 1, false)
    expect(load.own()).toBe(chunk)
    load.sent(1)
    expect([load.isAlone(), load.room(), load.idle()]).toEqual([true, 0, false])
    load.settled(1, 1, false)
    expect([load.isAlone(), load.room(), load.idle()]).toEqual([false, 1, true])
  })

  it("takes nothing while no request of the run may begin", () => {
    let held = true
    const load = make({ held: () => held })
    load.suspect(chunk)
    expect([load.own(), load.room()]).toEqual([undefined, 0])
    held = false
    expect(load.own()).toBe(chunk)
  })
})
