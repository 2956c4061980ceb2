/** The pools that the cases share, each started when it is first wanted, and the handles of their threads. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { PoolError } from "fastget"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import type { Worker } from "node:worker_threads"
import * as TestWorkers from "../TestWorkers.js"
import { within } from "../Within.js"
import type { Pool } from "./LawCase.js"

export interface LawPool {
  readonly context: Context.Context<FastGet.FastGet>
  /** Waits until all threads are ready. */
  readonly whole: Effect.Effect<void>
  /** Terminates a thread. */
  readonly kill: (which: number) => void
}

export interface LawPools {
  readonly get: (pool: Pool) => Effect.Effect<LawPool, PoolError.PoolError>
}

const start = ({ connections, workers }: Pool): Effect.Effect<LawPool, PoolError.PoolError, Scope.Scope> => {
  const ready = new Set<Worker>()
  const alive = new Set<Worker>()
  const layer = NodeFastGet.layer({
    numWorkers: workers,
    connectionsPerOrigin: connections,
    logLevel: "None",
    stuckTimeout: "1 second",
    worker: (options) => {
      const worker = TestWorkers.spawn("law")(options)
      alive.add(worker)
      worker.once("message", () => ready.add(worker))
      worker.once("exit", () => {
        ready.delete(worker)
        alive.delete(worker)
      })
      return worker
    }
  })
  return Effect.map(Layer.build(layer), (context) => ({
    context,
    whole: within(10_000, `${workers} threads are ready`, () => ready.size === workers),
    kill: (which) => void [...alive][which % alive.size]?.terminate()
  }))
}

export const make: Effect.Effect<LawPools, never, Scope.Scope> = Effect.gen(function*() {
  const scope = yield* Effect.scope
  const started = new Map<string, LawPool>()
  return {
    get: (pool) =>
      Effect.gen(function*() {
        const key = JSON.stringify(pool)
        const known = started.get(key)
        if (known !== undefined) return known
        const made = yield* Scope.extend(start(pool), scope)
        started.set(key, made)
        return made
      })
  }
})
