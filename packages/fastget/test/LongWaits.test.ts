import type { Ticket } from "#internal/origin/OriginGate"
import { LongWaits } from "#internal/worker/LongWaits"
import { describe, expect, it } from "@effect/vitest"

/** Origins of which some are still, a clock that is turned by hand, and how many are not counted any more. */
const makeWorld = () => {
  const still = new Set<string>()
  const timers = new Set<() => void>()
  let long = 0
  let cancelled = 0
  const waits = new LongWaits({
    isStill: (origin) => still.has(origin),
    onLong: () => long++,
    setTimer: (f) => {
      timers.add(f)
      return () => void timers.delete(f)
    }
  })
  const ticket = (): Ticket => ({ cancel: () => cancelled++ })
  return {
    still,
    timers,
    waits,
    ticket,
    long: () => long,
    cancelled: () => cancelled,
    look: () => {
      const due = [...timers]
      timers.clear()
      for (const f of due) f()
    }
  }
}

describe("LongWaits", () => {
  it("counts no more who waits at an origin that starts none, and each once", () => {
    const { long, look, still, ticket, waits } = makeWorld()
    const [first, second] = [ticket(), ticket()]
    waits.add("a", first)
    waits.add("a", second)
    waits.add("b", ticket())
    still.add("a")
    look()
    look()
    expect(long()).toBe(2)
    still.add("b")
    look()
    expect(long()).toBe(3)
    expect([waits.delete("a", first), waits.delete("a", second)]).toEqual([false, false])
  })

  it("counts none that comes to such an origin, until that starts some again", () => {
    const { long, look, still, ticket, waits } = makeWorld()
    still.add("a")
    const [first, second] = [ticket(), ticket()]
    waits.add("a", first)
    expect(long()).toBe(1)
    still.delete("a")
    look()
    waits.add("a", second)
    expect(long()).toBe(1)
    expect([waits.delete("a", first), waits.delete("a", second)]).toEqual([false, true])
  })

  it("counts all while an origin starts some", () => {
    const { long, look, ticket, waits } = makeWorld()
    const waiting = ticket()
    waits.add("a", waiting)
    look()
    look()
    expect(long()).toBe(0)
    expect(waits.delete("a", waiting)).toBe(true)
  })

  it("has a timer only while someone waits", () => {
    const { look, ticket, timers, waits } = makeWorld()
    const waiting = ticket()
    expect(timers.size).toBe(0)
    waits.add("a", waiting)
    look()
    expect(timers.size).toBe(1)
    waits.delete("a", waiting)
    expect(timers.size).toBe(0)
  })

  it("gives up all waits, and says how many", () => {
    const { cancelled, ticket, timers, waits } = makeWorld()
    waits.add("a", ticket())
    waits.add("a", ticket())
    waits.add("b", ticket())
    expect([waits.cancel(), cancelled(), timers.size, waits.cancel()]).toEqual([3, 3, 0, 0])
  })
})
