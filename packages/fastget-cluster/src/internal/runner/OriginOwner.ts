/**
 * A runner's side of the cluster: answers the messages of clients for the
 * origins of one partition, with the runner's own FastGet. What is under way for
 * the partition belongs to the scope of its entity, so that it ends when the
 * partition goes to another runner: an origin never has two owners that ask it.
 */
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as FastGet from "fastget/FastGet"
import type { Settings } from "fastget/FastGetConfig"
import type { Answers, ChunkName, DropPayload, FetchPayload, MorePayload, Reply } from "../protocol/OriginEntity.js"
import { OriginEntity, protocol } from "../protocol/OriginEntity.js"
import type { OwnedChunk } from "./OwnedChunk.js"
import * as OwnedRun from "./OwnedRun.js"

export interface OwnerOptions {
  readonly service: FastGet.Service
  /** The rate of the runner's layer, which no stream can raise. */
  readonly rate: Settings["rate"]
  /** Into how many lanes an origin is divided. */
  readonly lanes: number
}

/** How often, in milliseconds, an owner looks which of its runs have ended. */
const closeEvery = 1000

/** Messages of a partition that are there at once; each client has at most its window. */
const mailboxCapacity = 65_536

/** Registers the owners with the sharding in context. */
export const layer = (options: OwnerOptions) =>
  OriginEntity.toLayer(Effect.map(make(options), OriginEntity.of), {
    concurrency: "unbounded",
    mailboxCapacity,
    disableFatalDefects: true
  })

interface Owned {
  readonly run: OwnedRun.OwnedRun
  readonly scope: Scope.CloseableScope
}

const make = ({ lanes, rate, service }: OwnerOptions) =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const runs = new Map<string, Owned>()

    const runOf = (payload: FetchPayload) =>
      Effect.gen(function*() {
        const key = keyOf(payload)
        const known = runs.get(key)
        if (known !== undefined) return known.run
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const run = yield* Scope.extend(OwnedRun.make(service, payload, rate), own)
        runs.set(key, { run, scope: own })
        return run
      })

    const closeUnused = Effect.suspend(() =>
      Effect.forEach(
        [...runs].filter(([, { run }]) => run.isUnused()),
        ([key, { scope }]) => {
          runs.delete(key)
          return Scope.close(scope, Exit.void)
        },
        { discard: true }
      )
    )
    yield* Effect.forkScoped(Effect.forever(Effect.delay(closeUnused, closeEvery)))

    return {
      Fetch: ({ payload }: { readonly payload: FetchPayload }): Effect.Effect<Reply> => {
        if (payload.protocol !== protocol || payload.lanes !== lanes) {
          return Effect.succeed({ _tag: "Refused", protocol, lanes })
        }
        return Effect.flatMap(Effect.uninterruptible(runOf(payload)), (run) => {
          run.drop(payload.finished)
          return answersOf(run.fetch(payload), 0)
        })
      },
      More: ({ payload }: { readonly payload: MorePayload }): Effect.Effect<Reply> => {
        const run = runs.get(keyOf(payload))?.run
        if (payload.isDrained) run?.drain()
        const chunk = run?.chunk(payload.chunk)
        return chunk === undefined ? Effect.succeed({ _tag: "Unknown" }) : answersOf(chunk, payload.taken)
      },
      Drop: ({ payload }: { readonly payload: DropPayload }): Effect.Effect<void> =>
        Effect.sync(() => runs.get(keyOf(payload))?.run.drop(payload.chunks))
    }
  })

const keyOf = ({ client, run }: Omit<ChunkName, "chunk">): string => `${client}/${run}`

const answersOf = (chunk: OwnedChunk, taken: number): Effect.Effect<Answers> =>
  Effect.async((resume) => {
    const takeBack = chunk.ask(taken, (reply) => resume(Effect.succeed(reply)))
    return Effect.sync(takeBack)
  })
