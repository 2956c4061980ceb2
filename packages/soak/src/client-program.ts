/**
 * The program of one run, in a process of its own, so that its memory is that of
 * one run: fetches every entry, while workers are terminated where that is
 * asked for, and sends what it saw when its pool is closed. Stays until its
 * sockets have been counted, and has to end by itself then.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type { Report, Task } from "./Client.js"
import * as Killer from "./Killer.js"
import { Tally } from "./Tally.js"

const { entries, killEvery, seed, url, workers }: Task = JSON.parse(process.argv[2]!)

const tally = new Tally(entries)
const killer = Killer.make()

/** Outcomes between two terminations, so that a run gets on where threads take long to start. */
const outcomesApart = 100

const layer = NodeFastGet.layer({
  logLevel: "None",
  // Far above what an answer takes on a busy machine: only "silent-once" is to reach it.
  timeout: "3 seconds",
  retry: { times: 1, base: "20 millis", cap: "20 millis" },
  worker: killer.spawn,
  ...(workers === undefined ? undefined : { numWorkers: workers })
})

const run = Effect.scoped(Effect.gen(function*() {
  if (killEvery !== undefined) yield* Effect.forkScoped(killer.kill(killEvery, () => tally.counts.out, outcomesApart))
  yield* Stream.runForEachChunk(FastGet.streamEither(tally.input(url)), (results) =>
    Effect.sync(() => {
      for (const [id, result] of results) tally.add(id, result)
    }))
}))

const main = Effect.gen(function*() {
  const startedAt = performance.now()
  const seconds = yield* Effect.provide(
    Effect.map(run, () => (performance.now() - startedAt) / 1000),
    layer
  )
  const report: Report = {
    ...tally.counts,
    kills: killer.kills(),
    workersStarted: killer.started(),
    threadsLeft: killer.alive(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    seconds
  }
  yield* Effect.async<void>((resume) => {
    process.once("message", () => resume(Effect.void))
    process.send!(report)
  })
})

NodeRuntime.runMain(Effect.withRandom(main, Random.make(seed)))
