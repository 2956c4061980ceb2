/**
 * A runner's side of the cluster: answers the messages of clients for the
 * origins of one partition, with the runner's own FastGet. When the partition
 * goes to another runner, what is under way for it has ended before it is
 * given away.
 */
import * as Entity from "@effect/cluster/Entity"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as FastGet from "fastget/FastGet"
import type {
  DropPayload,
  FetchPayload,
  MorePayload,
  Reply,
  RunStoredPayload,
  StoredReply
} from "../protocol/OriginEntity.js"
import { OriginEntity, protocol } from "../protocol/OriginEntity.js"
import * as Partition from "../protocol/Partition.js"
import type { ClientRun } from "./ClientRun.js"
import type { ClientRuns } from "./ClientRuns.js"
import * as ClientRunsOf from "./ClientRuns.js"
import type { OriginKnowledge } from "./OriginKnowledge.js"
import * as OriginKnowledgeOf from "./OriginKnowledge.js"
import { OwnedChunk } from "./OwnedChunk.js"
import type { Rate } from "./RunOptions.js"
import * as RunOptions from "./RunOptions.js"
import type { StoredChunks } from "./StoredChunks.js"
import * as StoredChunksOf from "./StoredChunks.js"

export interface OwnerOptions {
  readonly service: FastGet.Service
  /** The rate of the runner's layer, which no stream can raise. */
  readonly rate: Rate
  /** Whether some origin has a rate that was set. */
  readonly isRated: boolean
  /** Into how many lanes an origin is divided. */
  readonly lanes: number
}

/** Messages of a partition that are there at once: many clients may be. */
const mailboxCapacity = 65_536

/** Registers the owners with the sharding in context. The layer's scope owns what they have under way. */
export const layer = (options: OwnerOptions) =>
  Layer.unwrapScoped(Effect.gen(function*() {
    const runs = yield* ClientRunsOf.make(options.service)
    const stored = yield* StoredChunksOf.make(runs)
    const knowledge = yield* OriginKnowledgeOf.make(options.service, options.isRated)
    return OriginEntity.toLayer(Effect.map(make(options, runs, stored, knowledge), OriginEntity.of), {
      concurrency: "unbounded",
      mailboxCapacity,
      disableFatalDefects: true
    })
  }))

const make = ({ lanes, rate }: OwnerOptions, runs: ClientRuns, stored: StoredChunks, knowledge: OriginKnowledge) =>
  Effect.gen(function*() {
    const { entityId } = yield* Entity.CurrentAddress
    yield* knowledge.load(Partition.ofEntity(entityId))
    const arrive = knowledge.arrivals()
    const refused = { _tag: "Refused", protocol, lanes } as const
    const fits = (payload: Pick<FetchPayload, "lanes" | "protocol">) =>
      payload.protocol === protocol && payload.lanes === lanes
    const ownStored = yield* stored.ofEntity(arrive)
    /** The chunks of this partition, by the run they belong to. */
    const owned = new Map<ClientRun, Set<number>>()
    yield* Effect.addFinalizer(() =>
      Effect.forEach(owned, ([run, chunks]) => run.remove(chunks), { concurrency: "unbounded", discard: true })
    )

    const forget = (run: ClientRun, chunks: ReadonlyArray<number>): Effect.Effect<void> =>
      // Removed here when their requests have ended, and not before: until then they are this partition's.
      Effect.zipRight(
        run.remove(chunks),
        Effect.sync(() => {
          const known = owned.get(run)
          for (const chunk of chunks) known?.delete(chunk)
          if (known?.size === 0) owned.delete(run)
        })
      )
    const begin = (run: ClientRun, payload: FetchPayload): OwnedChunk => {
      // What is over has no requests any more that would have to be waited for.
      for (const other of owned.keys()) if (other.isOver() && other !== run) owned.delete(other)
      const known = owned.get(run)
      arrive(payload.urls)
      if (known === undefined) owned.set(run, new Set([payload.chunk]))
      else known.add(payload.chunk)
      return run.add(payload.chunk, (room) => new OwnedChunk(payload.urls, room))
    }
    const serve = (payload: FetchPayload): Effect.Effect<Reply> =>
      Effect.flatMap(
        runs.join(payload, () => RunOptions.of(payload, rate)),
        (run) => Effect.zipRight(forget(run, payload.finished), Effect.suspend(() => answersOf(begin(run, payload), 0)))
      )

    return {
      Fetch: ({ payload }: { readonly payload: FetchPayload }): Effect.Effect<Reply> =>
        fits(payload) ? serve(payload) : Effect.succeed(refused),
      More: ({ payload }: { readonly payload: MorePayload }): Effect.Effect<Reply> => {
        const run = runs.find(payload)
        if (payload.isDrained) run?.drain()
        const chunk = run?.chunk(payload.chunk)
        return !(chunk instanceof OwnedChunk) ? Effect.succeed({ _tag: "Unknown" }) : answersOf(chunk, payload.taken)
      },
      Drop: ({ payload }: { readonly payload: DropPayload }): Effect.Effect<void> =>
        Effect.suspend(() => {
          const run = runs.find(payload)
          return run === undefined ? Effect.void : forget(run, payload.chunks)
        }),
      RunStored: ({ payload }: { readonly payload: RunStoredPayload }): Effect.Effect<StoredReply> =>
        fits(payload) ? ownStored.run(payload) : Effect.succeed(refused)
    }
  })

const answersOf = (chunk: OwnedChunk, taken: number): Effect.Effect<Reply> =>
  Effect.async((resume) => {
    const takeBack = chunk.ask(taken, (reply) => resume(Effect.succeed(reply)))
    return Effect.sync(takeBack)
  })
