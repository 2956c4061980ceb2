/**
 * The jobs that a runner has chunks of: their options, read once, and when they
 * end, which one query for all of them tells.
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StoredOptions } from "./JobOptions.js"
import type { JobStore } from "./JobStore.js"

/** How often, in milliseconds, to look which jobs have ended. */
const lookEvery = 1000

interface OpenJob {
  readonly options: StoredOptions
  /** Waits until the job is cancelled or removed. */
  readonly ended: Effect.Effect<void>
}

interface OpenJobs {
  /** A job, watched as long as a scope is open; undefined where it has ended. */
  readonly use: (id: string) => Effect.Effect<OpenJob | undefined, SqlError, Scope.Scope>
}

interface Watched {
  readonly job: OpenJob
  readonly ended: Deferred.Deferred<void>
  users: number
}

/** The jobs of a store. The scope owns the watching. */
export const make = (store: JobStore): Effect.Effect<OpenJobs, never, Scope.Scope> =>
  Effect.gen(function*() {
    const watched = new Map<string, Watched>()

    const look = Effect.gen(function*() {
      if (watched.size === 0) return
      const open = new Set(yield* store.open())
      for (const [id, { ended }] of watched) if (!open.has(id)) Deferred.unsafeDone(ended, Effect.void)
    })
    // A database that is away for a while is asked again.
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.delay(Effect.ignore(look), lookEvery))))

    const find = (id: string): Effect.Effect<Watched | undefined, SqlError> =>
      Effect.gen(function*() {
        const known = watched.get(id)
        if (known !== undefined) return known
        const job = yield* store.find(id)
        if (job === undefined || (job.state !== "loading" && job.state !== "running")) return undefined
        const ended = yield* Deferred.make<void>()
        const made = { job: { options: job.options, ended: Deferred.await(ended) }, ended, users: 0 }
        // Another one may have found it meanwhile.
        const first = watched.get(id) ?? made
        watched.set(id, first)
        return first
      })

    return {
      use: (id) =>
        Effect.flatMap(find(id), (found) =>
          found === undefined ? Effect.succeed(undefined) : Effect.as(
            Effect.acquireRelease(
              Effect.sync(() => {
                found.users++
              }),
              () =>
                Effect.sync(() => {
                  if (--found.users === 0) watched.delete(id)
                })
            ),
            found.job
          ))
    }
  })
