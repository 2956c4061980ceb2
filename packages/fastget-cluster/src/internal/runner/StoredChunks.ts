/**
 * Stored chunks at their owners, the entities of a runner. A chunk is fetched
 * once, however often it is asked for, and its requests have ended before the
 * entity is given away. Those of a job that was cancelled end by themselves.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { FetchSink } from "../../FetchSink.js"
import type { Sinks } from "../job/ChunkWriter.js"
import type { ChunkKey } from "../job/JobStore.js"
import * as JobStore from "../job/JobStore.js"
import * as OpenJobs from "../job/OpenJobs.js"
import * as TableSink from "../job/TableSink.js"
import type { StoredReply } from "../protocol/OriginEntity.js"
import * as ChunkFetch from "./ChunkFetch.js"
import type { ClientRuns } from "./ClientRuns.js"

/** How long, in milliseconds, a question waits for the end of a chunk, before it is told that it is under way. */
const answerWithin = 5000

export interface StoredChunks {
  /** The chunks of one entity; they end with its scope. `onUrls` is told what they ask for. */
  readonly ofEntity: (onUrls: (urls: ReadonlyArray<string>) => void) => Effect.Effect<EntityChunks, never, Scope.Scope>
}

interface EntityChunks {
  /** Fetches a chunk, or goes on waiting for it. */
  readonly run: (key: ChunkKey) => Effect.Effect<StoredReply>
}

/** Those that are fetched by the runs of a runner, of jobs in the database in context. */
export const make = (runs: ClientRuns) =>
  Effect.gen(function*() {
    const store = yield* JobStore.make
    const sinks: Sinks = { store, table: yield* TableSink.make, waiting: { bytes: 0 }, own: yield* FetchSink }
    const jobs = yield* OpenJobs.make(store)

    const fetch = (key: ChunkKey, onUrls: (urls: ReadonlyArray<string>) => void): Effect.Effect<StoredReply> =>
      Effect.scoped(Effect.flatMap(jobs.use(key.uid), (job) =>
        job === undefined
          ? Effect.succeed(done)
          : Effect.raceFirst(
            Effect.as(ChunkFetch.run(runs, sinks, job, key, onUrls), done),
            Effect.as(job.ended, done)
          ))).pipe(
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.failCause(cause as Cause.Cause<never>)
              : Effect.succeed<StoredReply>({ _tag: "Failed", problem: problemOf(cause) })
          )
        )

    const ofEntity: StoredChunks["ofEntity"] = (onUrls) =>
      Effect.map(FiberMap.make<string, StoredReply>(), (fibers): EntityChunks => ({
        run: (key) =>
          Effect.flatMap(
            FiberMap.run(fibers, nameOf(key), fetch(key, onUrls), { onlyIfMissing: true }),
            (fiber) =>
              Effect.map(
                Effect.timeoutOption(Effect.disconnect(Fiber.join(fiber)), answerWithin),
                Option.getOrElse(() => working)
              )
          )
      }))
    return { ofEntity } satisfies StoredChunks
  })

const nameOf = ({ number, part, uid }: ChunkKey): string => `${uid}/${part}/${number}`

const done: StoredReply = { _tag: "Done" }
const working: StoredReply = { _tag: "Working" }

const problemOf = (cause: Cause.Cause<{ readonly message: string }>): string => {
  const [first = "it failed"] = Cause.prettyErrors(cause).map(({ message }) => message)
  return first
}
