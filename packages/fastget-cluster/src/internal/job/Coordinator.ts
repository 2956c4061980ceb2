/**
 * Sees to it that stored chunks are fetched: on one runner of the cluster at a
 * time, and on another one when that dies. It knows of a job what the database
 * says, asks the owners of its chunks to fetch them, some of each part at once,
 * and ends the job when none is left.
 */
import * as Singleton from "@effect/cluster/Singleton"
import type { SqlError } from "@effect/sql/SqlError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { StoredReply } from "../protocol/OriginEntity.js"
import { OriginEntity, protocol } from "../protocol/OriginEntity.js"
import * as Partition from "../protocol/Partition.js"
import type { ChunkKey, Job, JobStore } from "./JobStore.js"
import * as JobStoreOf from "./JobStore.js"

/** How often, in milliseconds, to look for jobs, and for more of them. */
const lookEvery = 500

/** Chunks of a part that a lane's owner has at once. */
const chunksAtOnce = 4

/** Numbers of chunks that are read at once. */
const numbersAtOnce = 256

/** How long, in milliseconds, to wait for an answer. Owners answer within five seconds. */
const answerWithin = 15_000

/** How long, in milliseconds, to wait before a chunk is asked for again that was not taken. */
const againAfter = 200

/** How long, in milliseconds, to wait where fetching or writing failed: first, and at most, twice as long each time. */
const afterFailure = { first: 500, most: 30_000 }

/** The coordinator of the cluster in context, whose origins have so many lanes. */
export const layer = (lanes: number) => Singleton.make("fastget/Jobs", coordinate(lanes))

const coordinate = (lanes: number) =>
  Effect.gen(function*() {
    const store = yield* JobStoreOf.make
    const ownerOf = yield* OriginEntity.client
    const jobs = yield* FiberMap.make<string>()
    const ask: Ask = ({ number, ...key }) =>
      ownerOf(Partition.entityId(key.part, Partition.laneOf(number, lanes))).RunStored({
        ...key,
        number,
        protocol,
        lanes
      })
    const look = Effect.gen(function*() {
      const open = yield* store.open()
      const uids = new Set(open.map(({ uid }) => uid))
      for (const [uid] of jobs) if (!uids.has(uid)) yield* FiberMap.remove(jobs, uid)
      yield* Effect.forEach(
        open,
        (job) => FiberMap.run(jobs, job.uid, run(store, job, ask, lanes), { onlyIfMissing: true }),
        { discard: true }
      )
    })
    yield* forEver("look for jobs", look)
  }).pipe(Effect.scoped)

type Ask = (key: ChunkKey) => Effect.Effect<StoredReply, unknown>

/** Does it again and again. A database that is away for a while is asked again. */
const forEver = <R>(what: string, effect: Effect.Effect<void, SqlError, R>): Effect.Effect<never, never, R> =>
  effect.pipe(
    Effect.catchAll((error) => Effect.logWarning(`fastget: could not ${what}: ${error.message}`)),
    Effect.delay(lookEvery),
    Effect.forever
  )

/** Has the parts of a job fetched, until it has ended. */
const run = (store: JobStore, { id, uid }: Pick<Job, "id" | "uid">, ask: Ask, lanes: number): Effect.Effect<void> =>
  Effect.gen(function*() {
    const parts = yield* FiberMap.make<number>()
    const problems = new Problems(store, uid)
    const look = Effect.gen(function*() {
      const open = yield* store.openParts(uid)
      yield* Effect.forEach(
        open,
        (part) =>
          FiberMap.run(parts, part, runPart(store, { uid, part }, lanes, problems, ask), { onlyIfMissing: true }),
        { discard: true }
      )
      if (open.length === 0) yield* store.endIfDone(uid)
    })
    yield* forEver(`go on with job ${id}`, look)
  }).pipe(Effect.scoped)

/** Has the chunks of a part fetched that are stored by now. */
const runPart = (
  store: JobStore,
  { part, uid }: Pick<ChunkKey, "part" | "uid">,
  lanes: number,
  problems: Problems,
  ask: Ask
): Effect.Effect<void, SqlError> =>
  Stream.paginateChunkEffect(
    0,
    (number) =>
      Effect.map(store.openChunks({ uid, part, number }, numbersAtOnce), (numbers) =>
        [
          Chunk.unsafeFromArray(numbers),
          numbers.length < numbersAtOnce ? Option.none() : Option.some(numbers[numbers.length - 1]! + 1)
        ] as const)
  ).pipe(
    Stream.mapEffect((number) => runChunk({ uid, part, number }, problems, ask), {
      concurrency: chunksAtOnce * lanes,
      unordered: true
    }),
    Stream.runDrain
  )

/** Asks for a chunk until it is done. */
const runChunk = (key: ChunkKey, problems: Problems, ask: Ask): Effect.Effect<void> =>
  Effect.gen(function*() {
    let wait = afterFailure.first
    while (true) {
      // The engine can't be interrupted while it looks for a runner: it is left to do so, and nobody waits for it.
      const reply = yield* Effect.timeoutOption(Effect.disconnect(ask(key)), answerWithin).pipe(
        Effect.catchAllCause(() => Effect.succeed(Option.none<StoredReply>())),
        Effect.map(Option.getOrUndefined)
      )
      if (reply?._tag === "Done") return yield* problems.set(key, undefined)
      const problem = reply && problemOf(reply)
      if (problem !== undefined) {
        yield* problems.set(key, problem)
        yield* Effect.sleep(wait)
        wait = Math.min(wait * 2, afterFailure.most)
      } else if (reply === undefined) yield* Effect.sleep(againAfter)
    }
  })

const problemOf = (reply: StoredReply): string | undefined =>
  reply._tag === "Failed"
    ? reply.problem
    : reply._tag === "Refused"
    ? `a runner of the cluster is of another version, or has lanes: ${reply.lanes}`
    : undefined

/** What keeps chunks of a job from being done, of which the first is stored when it changes. */
class Problems {
  private readonly open = new Map<number, string>()
  /** What the database has; null while that is not known. */
  private stored: string | undefined | null = null

  constructor(private readonly store: JobStore, private readonly uid: string) {}

  set({ number }: ChunkKey, problem: string | undefined): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (problem === undefined) this.open.delete(number)
      else this.open.set(number, problem)
      const [first] = this.open.values()
      if (first === this.stored) return Effect.void
      this.stored = first
      // Where the database is away it is told with the next change, or the next chunk.
      return Effect.catchAll(this.store.setProblem(this.uid, first), () => Effect.sync(() => void (this.stored = null)))
    })
  }
}
