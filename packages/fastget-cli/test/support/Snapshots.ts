/**
 * Snapshots of runs that never were, for what is made of them. Whether the real
 * runs give such snapshots, other tests tell.
 */
import * as FastGetConfig from "fastget/FastGetConfig"
import * as RunStatistics from "../../src/stats/RunStatistics.js"
import type { Snapshot } from "../../src/stats/Snapshot.js"
import * as Outcomes from "./Outcomes.js"

/** Ten seconds that ended well, on an idle machine; `changes` say what was different. */
export const snapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  ...base,
  usage: { cores: 4, process: 0.1, machine: 0.15, main: 0.1, throttled: 0 },
  ...changes
})

const base = (() => {
  const clock = Outcomes.makeClock()
  const statistics = RunStatistics.make({ now: clock.now, settings: FastGetConfig.defaults(4) })
  statistics.begun({ total: 1000, skipped: 0 })
  for (let id = 1; id <= 990; id++) {
    clock.set(id * 10)
    statistics.record(Outcomes.outcome({ id, millis: 20 + id % 50 }))
  }
  for (let id = 991; id <= 998; id++) {
    clock.set(id * 10)
    statistics.record(Outcomes.outcome({ id, millis: 1500, attempts: 3, reason: Outcomes.status(503) }))
  }
  for (let id = 999; id <= 1000; id++) {
    clock.set(id * 10)
    statistics.record(
      Outcomes.outcome({ id, millis: 30_000, reason: { _tag: "Timeout", phase: "headers", limit: 30_000 } })
    )
  }
  statistics.written(123_456)
  return statistics.snapshot()
})()

/** A run of an empty input. */
export const nothing: Snapshot = (() => {
  const statistics = RunStatistics.make({ now: () => 0 })
  statistics.begun({ total: 0, skipped: 0 })
  return statistics.snapshot()
})()
