/**
 * The cluster as a pool: its one worker is whoever owns the origins of a chunk.
 * A chunk is cut by the partitions of its origins; each part goes to the owner
 * of its partition, and answers come back as they arrive. Ids stay here.
 */
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Pool, WireBatch, WireChunk } from "fastget/FetchPool"
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import * as Target from "fastget/platform/Target"
import type { PoolError } from "fastget/PoolError"
import { OriginEntity } from "../protocol/OriginEntity.js"
import * as Partition from "../protocol/Partition.js"
import { FinishedChunks } from "./FinishedChunks.js"
import * as RemotePart from "./RemotePart.js"

export interface Options {
  readonly lanes: number
  /** In milliseconds. */
  readonly runnerTimeout: number
}

/** How long, in milliseconds, a message that only tidies up may take. */
const tidyWithin = 5000

/** The pool, over the sharding in context. What it sends by itself ends with the scope. */
export const make = ({ lanes, runnerTimeout }: Options) =>
  Effect.gen(function*() {
    const ownerOf = yield* OriginEntity.client
    const runtime = yield* Effect.runtime<Scope.Scope>()
    const client = crypto.randomUUID()
    const divide = makeDivider(lanes)
    const finished = new Map<string, FinishedChunks>()
    let chunks = 0

    /** What of a stream an owner may forget. */
    const finishedOf = (run: number, entity: string): FinishedChunks => {
      const key = `${run}/${entity}`
      const known = finished.get(key)
      if (known !== undefined) return known
      const made = new FinishedChunks((chunks) => {
        if (made.isEmpty()) finished.delete(key)
        if (chunks.length === 0) return
        const drop = Effect.timeout(ownerOf(entity).Drop({ client, run, chunks }), tidyWithin)
        Runtime.runFork(runtime)(Effect.forkScoped(Effect.ignore(drop)))
      })
      finished.set(key, made)
      return made
    }

    const fetchParts = (chunk: WireChunk, onBatch: (batch: WireBatch) => void): Effect.Effect<void, PoolError> => {
      const bytes = RemoteChunk.runBytes(chunk)
      return Effect.forEach(
        divide(chunk.urls),
        ([entity, indices]) =>
          RemotePart.fetch(chunk, indices.map((index) => chunk.urls[index]!), {
            owner: ownerOf(entity),
            lanes,
            runnerTimeout,
            bytes,
            name: () => ({ client, run: chunk.runId, chunk: ++chunks }),
            finished: finishedOf(chunk.runId, entity),
            onBatch: (batch) => {
              bytes.add(RemoteChunk.heldBy(batch))
              onBatch(RemoteChunk.renumber(batch, (index) => indices[index]!))
            }
          }),
        { concurrency: "unbounded", discard: true }
      )
    }

    const execute = (chunk: WireChunk): Stream.Stream<WireBatch, PoolError> =>
      Stream.unwrapScoped(Effect.gen(function*() {
        const batches = yield* Mailbox.make<WireBatch, PoolError>()
        yield* fetchParts(chunk, (batch) => batches.unsafeOffer(batch)).pipe(
          Effect.onExit((exit) => batches.done(exit)),
          Effect.forkScoped
        )
        return Mailbox.toStream(batches)
      }))

    return { workers: [{ ready: Effect.void, execute }], isYoung: () => false } satisfies Pool
  })

/** Cuts URLs by the entity that owns their origin: their indices, by its name. */
const makeDivider = (lanes: number) => {
  const parse = Target.makeParser()
  let next = 0
  return (urls: ReadonlyArray<string>): ReadonlyArray<readonly [entity: string, indices: ReadonlyArray<number>]> => {
    const parts = new Map<string, Array<number>>()
    urls.forEach((url, index) => {
      const target = parse(url)
      // What can't be fetched fails wherever it comes to.
      const partition = target._tag === "Right" ? Partition.of(target.right.origin) : 0
      const entity = Partition.entityId(partition, next++ % lanes)
      const part = parts.get(entity)
      if (part === undefined) parts.set(entity, [index])
      else part.push(index)
    })
    return [...parts]
  }
}
