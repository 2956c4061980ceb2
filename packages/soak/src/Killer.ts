/**
 * Terminates worker threads, one in each period, whichever and at whatever moment
 * of it. On a slow machine, where a start takes longer than a period, nothing
 * would be done, so two things have to be seen first: all threads are ready again
 * when one was terminated that was not (a pool gives up a slot that fails to start
 * again and again), and the run has had some more outcomes.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { createRequire } from "node:module"
import type { WorkerOptions } from "node:worker_threads"
import { Worker } from "node:worker_threads"

export interface Killer {
  /** Starts a thread of the default worker, and keeps its handle. */
  readonly spawn: (options: WorkerOptions) => Worker
  /** Terminates until it is interrupted, and not before there are `apart` more outcomes than at the last time. */
  readonly kill: (everyMillis: number, outcomes: () => number, apart: number) => Effect.Effect<never>
  readonly kills: () => number
  readonly started: () => number
  /** Threads that run. */
  readonly alive: () => number
}

const file = createRequire(import.meta.url).resolve("fastget-node/worker")

export const make = (): Killer => {
  const alive = new Set<Worker>()
  const ready = new Set<Worker>()
  /** Whether all that live were ready after the last one that was not was terminated. */
  let settled = false
  let started = 0
  let kills = 0

  const killOne = Effect.flatMap(
    Effect.suspend(() => Random.shuffle(alive)),
    (workers) =>
      Effect.sync(() => {
        if (Chunk.isEmpty(workers)) return
        const worker = Chunk.unsafeHead(workers)
        if (!ready.has(worker)) settled = false
        kills++
        void worker.terminate()
      })
  )

  return {
    spawn: (options) => {
      const worker = new Worker(file, { ...options, execArgv: [] })
      started++
      alive.add(worker)
      // The first message says that its program runs, the second answers the pool's greeting.
      let messages = 0
      worker.on("message", () => {
        if (++messages !== 2) return
        ready.add(worker)
        if (ready.size === alive.size) settled = true
      })
      worker.once("exit", () => {
        alive.delete(worker)
        ready.delete(worker)
      })
      return worker
    },
    kill: (everyMillis, outcomes, apart) =>
      Effect.gen(function*() {
        const startedAt = performance.now()
        let before = 0
        for (let period = 0;; period++) {
          const at = startedAt + (period + (yield* Random.next)) * everyMillis
          yield* Effect.sleep(at - performance.now())
          if (!settled || outcomes() < before + apart) continue
          before = outcomes()
          yield* killOne
        }
      }),
    kills: () => kills,
    started: () => started,
    alive: () => alive.size
  }
}
