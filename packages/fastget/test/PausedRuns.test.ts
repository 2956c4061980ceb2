import { PausedRuns } from "#internal/origin/PausedRuns"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"

/** Runs that are spent, a clock that is turned by hand, and where whom was served. */
const makeWorld = () => {
  const timers = new Set<() => void>()
  const served: Array<string> = []
  const waiters = new Set<string>()
  let onServe: (origin: string) => void = () => {}
  const paused = new PausedRuns({
    serve: (origin) => {
      served.push(origin)
      onServe(origin)
    },
    hasWaiters: (origin) => waiters.has(origin)
  }, (f) => {
    timers.add(f)
    return () => void timers.delete(f)
  })
  return {
    paused,
    served,
    timers,
    wait: (...origins: ReadonlyArray<string>) => origins.forEach((origin) => waiters.add(origin)),
    onServe: (f: (origin: string) => void) => {
      onServe = f
    },
    tick: () => {
      const due = [...timers]
      timers.clear()
      for (const f of due) f()
    }
  }
}

/** A run with a count of one unit that is spent, and how its consumer takes that. */
const makeRun = (number: number) => {
  const bytes = SharedBytes.make(1)
  const share = SharedBytes.join(number, bytes.chunk())
  share.add(1)
  return { share, spend: () => share.add(1), take: () => bytes.take(1) }
}

describe("PausedRuns", () => {
  it("serves a run's origins once its consumer has taken some", () => {
    const { paused, served } = makeWorld()
    const run = makeRun(1)
    paused.pause(run.share, "http://a")
    paused.pause(run.share, "http://b")
    expect(served).toEqual([])
    run.take()
    expect(served).toEqual(["http://a", "http://b"])
  })

  it("looks by a timer while a run is paused, and has none when none is", () => {
    const { paused, served, tick, timers } = makeWorld()
    const run = makeRun(1)
    paused.pause(run.share, "http://a")
    expect(timers.size).toBe(1)
    tick()
    expect([served, timers.size]).toEqual([[], 1])
    paused.forget(1, "http://a")
    expect(timers.size).toBe(0)
    run.take()
    expect(served).toEqual([])
  })

  it("begins the next time with the origins it did not come to", () => {
    const { onServe, paused, served, wait } = makeWorld()
    const run = makeRun(1)
    wait("http://b", "http://c")
    for (const origin of ["http://a", "http://b", "http://c"]) paused.pause(run.share, origin)
    onServe((origin) => origin === "http://a" && run.spend())
    run.take()
    expect(served).toEqual(["http://a"])
    run.take()
    expect(served).toEqual(["http://a", "http://b", "http://c"])
  })

  it("keeps the runs apart", () => {
    const { paused, served } = makeWorld()
    const [one, two] = [makeRun(1), makeRun(2)]
    paused.pause(one.share, "http://a")
    paused.pause(two.share, "http://b")
    two.take()
    expect(served).toEqual(["http://b"])
  })
})
