import type { Ticket } from "#internal/origin/OriginGate"
import { LongWaits } from "#internal/worker/LongWaits"
import { describe, expect, it } from "@effect/vitest"

/** Origins that have started so many, a clock that is turned by hand, and how many are not counted any more. */
const makeWorld = () => {
  const starts: Record<string, number> = { a: 0, b: 0 }
  const timers = new Set<() => void>()
  let long = 0
  let cancelled = 0
  const waits = new LongWaits({
    starts: (origin) => starts[origin]!,
    onLong: () => long++,
    setTimer: (f) => {
      timers.add(f)
      return () => void timers.delete(f)
    }
  })
  const ticket = (): Ticket => ({ cancel: () => cancelled++ })
  return {
    starts,
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
  it("counts no more who waits at an origin that has started none since the last look, and each once", () => {
    const { long, look, starts, ticket, waits } = makeWorld()
    const [first, second] = [ticket(), ticket()]
    waits.add("a", first)
    waits.add("a", second)
    waits.add("b", ticket())
    starts.b!++
    look()
    expect(long()).toBe(2)
    look()
    // Now `b`, too.
    expect(long()).toBe(3)
    const third = ticket()
    waits.add("a", third)
    expect([waits.delete("a", first), waits.delete("a", third), waits.delete("a", second)]).toEqual([
      false,
      true,
      false
    ])
  })

  it("counts all while an origin starts some", () => {
    const { long, look, starts, ticket, waits } = makeWorld()
    const waiting = ticket()
    waits.add("a", waiting)
    for (let n = 0; n < 5; n++) {
      starts.a!++
      look()
    }
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
