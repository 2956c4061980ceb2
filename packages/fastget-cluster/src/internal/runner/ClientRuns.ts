/**
 * The streams of all clients and the jobs at a runner, by their names. The scope
 * owns them; one that no chunk comes for any more is closed. One that has ended
 * by itself makes place for a new one, as soon as a chunk comes.
 */
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as FastGet from "fastget/FastGet"
import type { ChunkName } from "../protocol/OriginEntity.js"
import * as ClientRun from "./ClientRun.js"

/** How often, in milliseconds, to look which runs nobody needs. */
const closeEvery = 1000

export interface ClientRuns {
  /** The run of a name: the one that is there and is not over, or a new one, as it is asked for. */
  readonly join: (name: RunName, request: () => ClientRun.RunRequest) => Effect.Effect<ClientRun.ClientRun>
  readonly find: (name: RunName) => ClientRun.ClientRun | undefined
}

/** Of a stream of a client, or of a job. */
type RunName = Pick<ChunkName, "client" | "run">

/** The runs of the service. */
export const make = (service: FastGet.Service): Effect.Effect<ClientRuns, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const runs = new Map<string, { readonly run: ClientRun.ClientRun; readonly scope: Scope.CloseableScope }>()
    const oneAtATime = yield* Effect.makeSemaphore(1)

    const begin = (name: RunName, request: () => ClientRun.RunRequest) =>
      Effect.gen(function*() {
        const key = keyOf(name)
        const known = runs.get(key)
        if (known !== undefined && !known.run.isOver()) return known.run
        if (known !== undefined) yield* Scope.close(known.scope, Exit.void)
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const run = yield* Scope.extend(ClientRun.make(service, request()), own)
        runs.set(key, { run, scope: own })
        return run
      }).pipe(Effect.uninterruptible, oneAtATime.withPermits(1))

    const removeAbandoned = Effect.suspend(() =>
      Effect.forEach([...runs.values()], ({ run }) => run.remove(run.abandoned()), { discard: true })
    )
    const closeUnused = Effect.suspend(() => {
      const unused = [...runs].filter(([, { run }]) => run.isUnused())
      for (const [key] of unused) runs.delete(key)
      return Effect.forEach(unused, ([, { scope }]) => Scope.close(scope, Exit.void), { discard: true })
    })
    yield* Effect.forkScoped(
      Effect.interruptible(Effect.forever(Effect.delay(Effect.zipRight(removeAbandoned, closeUnused), closeEvery)))
    )

    const find = (name: RunName) => runs.get(keyOf(name))?.run
    return {
      find,
      join: (name, request) =>
        Effect.suspend(() => {
          const known = find(name)
          if (known === undefined || known.isOver()) return begin(name, request)
          known.keep()
          return Effect.succeed(known)
        })
    }
  })

const keyOf = ({ client, run }: RunName): string => `${client}/${run}`
