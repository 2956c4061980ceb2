/** The threads this process starts, watched from outside of the library. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Worker } from "node:worker_threads"

export interface Threads {
  readonly started: () => number
  readonly alive: () => number
}

/** Watches from now on, until the scope closes. */
export const watch: Effect.Effect<Threads, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      let started = 0
      let alive = 0
      const listener = (worker: Worker) => {
        started++
        alive++
        worker.once("exit", () => alive--)
      }
      process.on("worker", listener)
      return { listener, threads: { started: () => started, alive: () => alive } }
    }),
    ({ listener }) => Effect.sync(() => process.off("worker", listener))
  ),
  ({ threads }) => threads
)
