import { Leases } from "#internal/traffic/Leases"
import * as OriginState from "#internal/traffic/OriginState"
import * as OriginTable from "#internal/traffic/OriginTable"
import type { Rules } from "#internal/traffic/Policy"
import * as Policy from "#internal/traffic/Policy"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Worker } from "node:worker_threads"

const threads = 4
const now = 1_000_000
const origin = "http://a"
const rules: Rules = {
  connections: 3,
  rate: { requests: 1000, per: 1000, burst: 500 },
  throttle: undefined,
  adaptive: false
}

const run = (data: object) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Worker(new URL("../programs/contending.mjs", import.meta.url), { workerData: data })),
    (worker) =>
      Effect.async<void>((resume) => {
        worker.once("message", () => resume(Effect.void))
        worker.once("error", (error) => resume(Effect.die(error)))
      }),
    (worker) => Effect.promise(() => worker.terminate())
  )

/** How many requests one thread alone may send at one moment. */
const turnsOfOne = () => {
  const state = OriginState.initial()
  let turns = 0
  while (Policy.admit(state, rules, now) === 0) turns++
  return turns
}

describe("threads that contend for an origin", () => {
  it.live("never have more connections than there may be, nor more turns than one, and none is lost", () =>
    Effect.gen(function*() {
      const table = OriginTable.make({ threads, inAll: 2, isShared: true, slots: 16 })
      const { wire } = table
      const words = new SharedArrayBuffer(16)
      yield* Effect.forEach(
        Array.from({ length: threads }, (_, n) => n + 1),
        (thread) => run({ wire, words, thread, origin, rules, now, times: 10_000 }),
        { concurrency: "unbounded" }
      )
      const [, inUse, most, turns] = new Int32Array(words)
      expect([inUse, turns]).toEqual([0, turnsOfOne()])
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(2)
      const slot = table.enter(origin, rules.connections, 1)!
      expect([slot, 0].map((slot) => new Leases(table, slot, "connections").inAll())).toEqual([0, 0])
    }))
})
