import * as Heartbeat from "#internal/threads/Heartbeat"
import { afterEach, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { BlackBox } from "fastget/platform/BlackBox"
import { vi } from "vitest"

describe("how often a thread beats", () => {
  it.each([[20_000, 1000], [2000, 100], [10, 1], [1e9, 1000]])(
    "is a twentieth of the time it has, at least once a second: %s ms, each %s ms",
    (stuckTimeout, interval) => {
      expect(Heartbeat.interval(stuckTimeout)).toBe(interval)
    }
  )
})

describe("a thread that is watched", () => {
  afterEach(() => void vi.useRealTimers())

  /** How often it was told to be stuck, when `beat` was called each 10 ms for a second. */
  const stuck = (beat: (box: BlackBox, at: number) => void) =>
    Effect.gen(function*() {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
      let count = 0
      const box = new BlackBox()
      yield* Heartbeat.watch(box, 200, () => count++)
      for (let at = 0; at < 1000; at += 10) {
        beat(box, at)
        vi.advanceTimersByTime(10)
      }
      return count
    })

  it.scoped("is told to be stuck once, when it beats no more", () =>
    Effect.gen(function*() {
      expect(yield* stuck((box, at) => at < 300 && box.beat())).toBe(1)
    }))

  it.scoped("is not told to be stuck while it beats, nor where it never began to", () =>
    Effect.gen(function*() {
      expect(yield* stuck((box, at) => at % 150 === 0 && box.beat())).toBe(0)
      expect(yield* stuck(() => {})).toBe(0)
    }))
})
