/**
 * A runner, from when it joins its cluster until a signal makes it leave. Loaded
 * by `fastget runner` only.
 */
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ClusterFastGet from "fastget-cluster/ClusterFastGet"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"
import type * as NodeFastGet from "fastget-node/NodeFastGet"
import * as CliError from "../CliError.js"
import type { Cluster } from "../flags/ClusterFlags.js"
import * as ClusterUrl from "../flags/ClusterUrl.js"
import * as Interrupt from "../Interrupt.js"

export interface Options {
  readonly cluster: Cluster
  readonly library: NodeFastGet.LayerOptions
  /** Where others reach it; what is undefined is found. */
  readonly host: string | undefined
  readonly port: number | undefined
}

/** Runs it until the first signal; gives the exit code. A second signal ends the process. */
export const run = (options: Options): Effect.Effect<number, CliError.ClusterFailed> =>
  Effect.scoped(Effect.gen(function*() {
    const { shown } = options.cluster.database
    const interrupt = yield* Interrupt.make(() => say(`leaving ${shown}`))
    const serve = Effect.flatMap(
      Layer.build(layer(options)),
      (services) => Effect.zipRight(Effect.sync(() => say(`joined ${shown} as ${addressOf(services)}`)), Effect.never)
    )
    // Its scope is closed before that of the handlers, so that a signal can end the process while it leaves.
    yield* Effect.raceFirst(Effect.scoped(serve), Deferred.await(interrupt.once))
    return 0
  }))

const layer = ({ cluster: { database, options }, host, library, port }: Options) =>
  ClusterFastGet.runner({ ...library, ...(options.lanes === undefined ? undefined : { lanes: options.lanes }) }).pipe(
    Layer.provideMerge(PostgresCluster.layerRunner({
      url: database.url,
      ...(host === undefined ? undefined : { host }),
      ...(port === undefined ? undefined : { port })
    })),
    Layer.mapError(({ message }) => new CliError.ClusterFailed({ message: ClusterUrl.hide(database, message) }))
  )

const addressOf = (services: Context.Context<ShardingConfig.ShardingConfig>): string =>
  Option.match(Context.get(services, ShardingConfig.ShardingConfig).runnerAddress, {
    onNone: () => "a client",
    onSome: ({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`
  })

const say = (text: string): void => void process.stderr.write(`fastget: ${text}\n`)
