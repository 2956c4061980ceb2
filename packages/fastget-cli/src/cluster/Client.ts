/**
 * FastGet over the runners of a cluster, for a run. Loaded where there is a
 * cluster only: the engine is as large as all the rest of the command.
 */
import * as Layer from "effect/Layer"
import * as ClusterFastGet from "fastget-cluster/ClusterFastGet"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"
import type * as NodeFastGet from "fastget-node/NodeFastGet"
import type * as FastGet from "fastget/FastGet"
import * as CliError from "../CliError.js"
import type { Cluster } from "../flags/ClusterFlags.js"
import * as ClusterUrl from "../flags/ClusterUrl.js"

/** The layer. Of the library's options there are those of streams only: others were refused. */
export const layer = (
  { database, options }: Cluster,
  library: NodeFastGet.LayerOptions
): Layer.Layer<FastGet.FastGet, CliError.ClusterFailed> =>
  ClusterFastGet.layer({ ...library, ...options } as ClusterFastGet.Options).pipe(
    Layer.provide(PostgresCluster.layerClient({ url: database.url })),
    Layer.mapError(({ message }) => new CliError.ClusterFailed({ message: ClusterUrl.hide(database, message) }))
  )
