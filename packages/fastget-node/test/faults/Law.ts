/**
 * The law, around each row of docs/faults.md: a test that gives its pools and
 * servers to the law has them closed in that order, and asserted that nothing
 * is left. `once` and `inTime` assert what concerns the outcomes.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect, it } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { PoolError } from "fastget"
import { FastGet } from "fastget"
import { NodeFastGet, NodeGetClient } from "fastget-node"
import { Ticks } from "loopback"
import { createRequire } from "node:module"
import { Worker, type WorkerOptions } from "node:worker_threads"
import type { TestContext } from "vitest"
import * as Threads from "../Threads.js"
import { within } from "../Within.js"
import type { Measured } from "./Measure.js"

/** How much later than its deadline, in milliseconds of `Ticks`, something may be seen. */
export const grace = 1000

/** Whatever knows how many of its connections are open. */
interface Watched {
  readonly openSockets: () => number
}

export interface Law {
  /** A pool that closes before the servers do. */
  readonly pool: (
    options?: NodeFastGet.Options
  ) => Effect.Effect<Context.Context<FastGet.FastGet>, PoolError.PoolError>
  /** FastGet without threads, over its own client wrapped: that has no quick path. */
  readonly inProcess: (
    options: NodeFastGet.Options,
    tls?: NodeGetClient.Options["tls"]
  ) => Effect.Effect<Context.Context<FastGet.FastGet>>
  /** A server that sees no open socket any more once the pools have closed. */
  readonly serve: <S extends Watched, E>(server: Effect.Effect<S, E, Scope.Scope>) => Effect.Effect<S, E>
  /** Whatever else has to last as long as the servers. */
  readonly owned: <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.Effect<A, E>
  readonly threads: Threads.Threads
  /** Puts figures into the table of `npm run faults`. */
  readonly report: (measured: Measured) => void
}

/**
 * A thread of the default worker with a small heap: one that leaks ends, and
 * its entries are lost.
 */
export const smallWorker = (options: WorkerOptions): Worker =>
  new Worker(createRequire(import.meta.url).resolve("fastget-node/worker"), {
    ...options,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 64 }
  })

/** What threads have and a layer without them refuses goes to its client, or nowhere. */
const withoutThreads = (
  {
    client: _client,
    connectTimeout,
    numWorkers: _numWorkers,
    startTimeout: _start,
    stuckTimeout: _stuck,
    worker: _,
    ...options
  }: NodeFastGet.Options,
  tls: NodeGetClient.Options["tls"]
) =>
  Layer.provide(
    FastGet.layer({ logLevel: "None", ...options }),
    Layer.scoped(
      HttpClient.HttpClient,
      Effect.map(
        NodeGetClient.make({
          connections: options.connectionsPerOrigin ?? 64,
          ...(connectTimeout === undefined ? {} : { connectTimeout: Duration.toMillis(connectTimeout) }),
          ...(tls === undefined ? {} : { tls })
        }),
        HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "yes"))
      )
    )
  )

/** A test of a row, by its number and name. */
export const test = (
  name: string,
  body: (law: Law) => Effect.Effect<void, unknown, Scope.Scope>,
  timeout = 120_000
): void =>
  it.live(name, (context) =>
    Effect.scoped(Effect.gen(function*() {
      const threads = yield* Threads.watch
      const servers = yield* Effect.scope
      const watched: Array<Watched> = []
      let closingAt = { ticks: 0, millis: 0 }
      yield* Effect.scoped(Effect.gen(function*() {
        const pools = yield* Effect.scope
        yield* body({
          threads,
          pool: (options = {}) =>
            Layer.buildWithScope(
              NodeFastGet.layer({ numWorkers: 1, logLevel: "None", worker: smallWorker, ...options }),
              pools
            ),
          inProcess: (options, tls) => Layer.buildWithScope(withoutThreads(options, tls), pools),
          owned: (effect) => Scope.extend(effect, servers),
          serve: (server) =>
            Effect.tap(Scope.extend(server, servers), (server) => Effect.sync(() => watched.push(server))),
          report: (measured) => report(context, measured)
        })
        closingAt = { ticks: Ticks.now(), millis: performance.now() }
      }))
      const open = () => watched.reduce((sum, { openSockets }) => sum + openSockets(), 0)
      yield* within(grace, "no socket is left", () => open() === 0)
      yield* within(grace, "no thread is left", () => threads.alive() === 0)
      expect(Ticks.now() - closingAt.ticks).toBeLessThan(grace)
      report(context, { sockets: open(), threads: threads.alive(), closing: performance.now() - closingAt.millis })
    })), timeout)

const report = ({ task }: TestContext, measured: Measured): void => {
  task.meta.measured = { ...task.meta.measured, ...measured }
}

/** Every id that went in came out, once: the very same values, in any order. */
export const once = (idsIn: ReadonlyArray<unknown>, idsOut: ReadonlyArray<unknown>): void => {
  expect(idsOut.length).toBe(idsIn.length)
  atMostOnce(idsIn, idsOut)
}

/** No id came out more often than it went in, and none that never did. */
export const atMostOnce = (idsIn: ReadonlyArray<unknown>, idsOut: ReadonlyArray<unknown>): void => {
  const left = new Map<unknown, number>()
  for (const id of idsIn) left.set(id, (left.get(id) ?? 0) + 1)
  for (const id of idsOut) left.set(id, (left.get(id) ?? 0) - 1)
  expect([...left].filter(([, times]) => times < 0)).toEqual([])
}

/** Runs an effect, which has to end no later than a second after `deadline` milliseconds. */
export const inTime = <A, E, R>(deadline: number, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const startedAt = Ticks.now()
    return Effect.tap(
      effect,
      () => Effect.sync(() => expect(Ticks.now() - startedAt).toBeLessThanOrEqual(deadline + grace))
    )
  })
