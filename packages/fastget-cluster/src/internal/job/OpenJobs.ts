/**
 * The jobs that a runner has chunks of: their options, read once, and when they
 * end, which one query for all of them tells.
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import type { StoredOptions } from "./JobOptions.js"
import type { JobStore } from "./JobStore.js"

/** How often, in milliseconds, to look which jobs have ended. */
const lookEvery = 1000

interface OpenJob {
  readonly id: string
  readonly options: StoredOptions
  /** Waits until the job is cancelled or removed. */
  readonly ended: Effect.Effect<void>
}

interface OpenJobs {
  /** A job by its `uid`, watched as long as a scope is open; undefined where it has ended. */
  readonly use: (uid: string) => Effect.Effect<OpenJob | undefined, SqlError, Scope.Scope>
  /** How many are watched. */
  readonly count: () => number
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
      // One that comes while the database is asked may be newer than what it says.
      const known = [...watched]
      const open = new Set((yield* store.open()).map(({ uid }) => uid))
      for (const [uid, { ended }] of known) if (!open.has(uid)) Deferred.unsafeDone(ended, Effect.void)
    })
    // A database that is away for a while is asked again.
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.delay(Effect.ignore(look), lookEvery))))

    /** Uses one that is watched, or this one: another fiber may have found it meanwhile. */
    const join = (uid: string, found: Watched | undefined): Effect.Effect<OpenJob | undefined, never, Scope.Scope> =>
      Effect.map(
        // In one step, so that none is watched that nobody uses, wherever whoever asks for it is interrupted.
        Effect.acquireRelease(
          Effect.sync(() => {
            const used = watched.get(uid) ?? found
            if (used === undefined) return
            watched.set(uid, used)
            used.users++
            return used
          }),
          (used) =>
            Effect.sync(() => {
              if (used !== undefined && --used.users === 0) watched.delete(uid)
            })
        ),
        (used) => used?.job
      )

    return {
      count: () => watched.size,
      use: (uid) =>
        Effect.flatMap(join(uid, undefined), (known) =>
          known === undefined
            ? Effect.flatMap(find(store, uid), (found) => join(uid, found))
            : Effect.succeed(known))
    }
  })

/** A job, if it has not ended. */
const find = (store: JobStore, uid: string): Effect.Effect<Watched | undefined, SqlError> =>
  Effect.map(store.findOpen(uid), (job) => {
    if (job === undefined) return undefined
    const ended = Deferred.unsafeMake<void>(FiberId.none)
    return { job: { id: job.id, options: job.options, ended: Deferred.await(ended) }, ended, users: 0 }
  })
