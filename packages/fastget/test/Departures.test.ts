import * as Departures from "#internal/worker/Departures"
import { describe, expect, it } from "@effect/vitest"

/** Departures in virtual time, what left at which millisecond, and how many timers run. */
const make = () => {
  let now = 0
  let timer: { readonly at: number; readonly f: () => void } | undefined
  const left: Array<readonly [at: number, name: string]> = []
  const departures = new Departures.Departures((f, ms) => {
    expect(timer).toBeUndefined()
    timer = { at: now + ms, f }
    return () => void (timer = undefined)
  })
  const flush = (name: string, answers = 1) => () => {
    left.push([now, name])
    return answers
  }
  const pass = (ms: number) => {
    const until = now + ms
    while (timer !== undefined && timer.at <= until) {
      const { at, f } = timer
      timer = undefined
      now = at
      f()
    }
    now = until
  }
  return { departures, flush, left, pass, waits: () => timer !== undefined }
}

describe("Departures", () => {
  it("lets what waits leave together, a short time after the first of it", () => {
    const { departures, flush, left, pass, waits } = make()
    departures.add(flush("a"))
    pass(3)
    const b = flush("b")
    departures.add(b)
    departures.add(b)
    expect(left).toEqual([])
    pass(1)
    expect(left).toEqual([[4, "a"], [4, "b"]])
    expect(waits()).toBe(false)
  })

  it("wait longer where the last one had many answers, and shorter again where it had few", () => {
    const { departures, flush, left, pass } = make()
    departures.add(flush("many, of one", 20))
    departures.add(flush("many, of another", 20))
    pass(Departures.quiet)
    departures.add(flush("few"))
    pass(Departures.busy - 1)
    expect(left.map(([at]) => at)).toEqual([4, 4])
    pass(1)
    departures.add(flush("after few"))
    pass(Departures.quiet)
    expect(left.slice(2)).toEqual([[20, "few"], [24, "after few"]])
  })

  it("are soon where that is asked for, with all that waits", () => {
    const { departures, flush, left, pass } = make()
    departures.add(flush("many", 100))
    pass(4)
    departures.add(flush("a"))
    pass(2)
    departures.addSoon(flush("started"))
    pass(2)
    departures.addSoon(flush("started as well"))
    expect(left).toHaveLength(1)
    pass(2)
    expect(left.slice(1)).toEqual([[10, "a"], [10, "started"], [10, "started as well"]])
  })

  it("forget what is removed, and keep no timer for nothing", () => {
    const { departures, flush, left, pass, waits } = make()
    const [a, b] = [flush("a"), flush("b")]
    departures.add(a)
    departures.add(b)
    departures.remove(a)
    departures.remove(a)
    expect(waits()).toBe(true)
    pass(4)
    expect(left).toEqual([[4, "b"]])
    departures.add(a)
    departures.remove(a)
    expect(waits()).toBe(false)
  })

  it("call what is added while they leave with the next one", () => {
    const { departures, left, pass } = make()
    let times = 0
    const again = (): number => {
      left.push([0, "again"])
      if (++times < 3) departures.add(again)
      return 1
    }
    departures.add(again)
    pass(8)
    expect(times).toBe(2)
    pass(4)
    expect(times).toBe(3)
  })
})
