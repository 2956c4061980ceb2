import { WorkerLoad } from "#internal/run/WorkerLoad"
import { describe, expect, it } from "@effect/vitest"

const make = ({ held = (): boolean => false, most = 8, share = Infinity } = {}) =>
  new WorkerLoad<number>({ most, share, isHeldBack: held })

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

  it("never has more entries out than its share", () => {
    const load = make({ share: 3 })
    for (const size of [1, 2]) {
      load.sent(size)
      load.settled(size, size, true)
    }
    expect(load.room()).toBe(3)
    load.sent(2)
    expect(load.room()).toBe(1)
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
