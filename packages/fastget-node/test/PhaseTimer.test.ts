import * as PhaseTimer from "#internal/client/PhaseTimer"
import { describe, expect, it } from "@effect/vitest"

const limits: PhaseTimer.Limits = { timeout: 1000, deadline: Infinity, headersTimeout: 400, bodyTimeout: 300 }

/** A timer in virtual time: which limits were over, and when. */
const make = (changed: Partial<PhaseTimer.Limits> = {}) => {
  let now = 5000
  let number = 0
  const timers = new Map<number, { readonly at: number; readonly call: () => void }>()
  const clock: PhaseTimer.Clock = {
    now: () => now,
    set: (f, ms, self) => {
      timers.set(++number, { at: now + ms, call: () => f(self) })
      return number as unknown as ReturnType<typeof setTimeout>
    },
    clear: (timer) => timers.delete(timer as unknown as number)
  }
  const seen: Array<unknown> = []
  const timer = new PhaseTimer.PhaseTimer(
    { ...limits, ...changed },
    {
      timedOut: ({ _tag, ...reason }) => {
        seen.push({ ...reason, after: now - 5000 })
        timer.stop()
      }
    },
    clock
  )
  const pass = (ms: number) => {
    const end = now + ms
    for (;;) {
      const next = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0]
      if (next === undefined) break
      timers.delete(next[0])
      now = next[1].at
      next[1].call()
    }
    now = end
  }
  return { timer, pass, seen, timers }
}

describe("the limits of time of a request", () => {
  it("do not count the wait for a connection, but for the deadline", () => {
    const waiting = make()
    waiting.pass(10_000)
    expect(waiting.seen).toEqual([])
    const { pass, seen } = make({ deadline: 2000 })
    pass(10_000)
    expect(seen).toEqual([{ phase: "total", limit: 2000, after: 2000 }])
  })

  it("are over when no headers have come", () => {
    const { pass, seen, timer } = make()
    timer.start()
    pass(10_000)
    expect(seen).toEqual([{ phase: "headers", limit: 400, after: 400 }])
  })

  it("tell an interim answer without headers after it as the total", () => {
    const { pass, seen, timer } = make()
    timer.start()
    timer.interim()
    pass(10_000)
    expect(seen).toEqual([{ phase: "total", limit: 400, after: 400 }])
  })

  it("are over when a part of the body is too long in coming, counted from the last one", () => {
    const { pass, seen, timer } = make()
    timer.start()
    pass(100)
    timer.head()
    pass(200)
    timer.data()
    pass(10_000)
    expect(seen).toEqual([{ phase: "body", limit: 300, after: 600 }])
  })

  it("are over in all for a peer that goes on and on, and by its phase for one that was silent for half of it", () => {
    const slow = make()
    slow.timer.start()
    slow.timer.head()
    for (let i = 0; i < 100; i++) {
      slow.pass(20)
      slow.timer.data()
    }
    expect(slow.seen).toEqual([{ phase: "total", limit: 1000, after: 1000 }])
    const silent = make({ bodyTimeout: 5000, headersTimeout: 5000 })
    silent.timer.start()
    silent.pass(450)
    silent.timer.head()
    silent.pass(10_000)
    expect(silent.seen).toEqual([{ phase: "body", limit: 1000, after: 1000 }])
  })

  it("begin anew with another connection", () => {
    const { pass, seen, timer } = make()
    timer.start()
    pass(300)
    timer.pause()
    pass(10_000)
    timer.start()
    pass(399)
    expect(seen).toEqual([])
    pass(1)
    expect(seen).toEqual([{ phase: "headers", limit: 400, after: 10_700 }])
  })

  it("leave no timer when they are stopped", () => {
    const { timer, timers } = make({ deadline: 2000 })
    timer.start()
    timer.head()
    timer.stop()
    expect(timers.size).toBe(0)
  })
})
