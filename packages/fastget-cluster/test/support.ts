/** What the tests of this package have in common: a cluster in this process, and entries of a server. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { ClusterFastGet, SqliteCluster } from "fastget-cluster"

/** A client and a runner, in one process. */
export const embedded = (client: ClusterFastGet.Options = {}, runner: ClusterFastGet.RunnerOptions = {}) =>
  Layer.merge(
    ClusterFastGet.layer({ logLevel: "None", ...client }),
    ClusterFastGet.runner({ numWorkers: 1, ...runner })
  ).pipe(Layer.provide(SqliteCluster.layer()))

export const entriesOf = (urls: ReadonlyArray<string>, count: number) =>
  Array.from({ length: count }, (_, n) => [n, `${urls[n % urls.length]!}/${n}`] as const)

/** How many entries have one right answer, and what else there was. */
export const tally = <E, R>(
  results: Stream.Stream<readonly [number, { readonly _tag: string; readonly right?: unknown }], E, R>
) =>
  Effect.gen(function*() {
    const seen = new Set<number>()
    const wrong: Array<unknown> = []
    yield* Stream.runForEach(results, ([id, result]) =>
      Effect.sync(() => {
        const path = (result.right as { readonly path?: string } | undefined)?.path
        if (seen.has(id) || path !== `/${id}`) wrong.push([id, result])
        seen.add(id)
      }))
    return { answered: seen.size, wrong }
  })

/** The same for all entries over the FastGet in context. */
export const fetchAll = (entries: ReadonlyArray<readonly [number, string]>) => tally(FastGet.streamEither(entries))
