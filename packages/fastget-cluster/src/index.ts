/**
 * FastGet over many machines, on `@effect/cluster`.
 *
 * @since 0.1.0
 */

/** A client, and a runner: begin here. */
export * as ClusterFastGet from "./ClusterFastGet.js"
/** Its options, and which side of it has which. */
export * as ClusterConfig from "./ClusterConfig.js"
/** Why a cluster can't be used. */
export * as ClusterError from "./ClusterError.js"
/** A cluster on Postgres. */
export * as PostgresCluster from "./PostgresCluster.js"
/** A cluster of one process, on SQLite. */
export * as SqliteCluster from "./SqliteCluster.js"
/** Runs that go on when everything was killed. */
export * as FetchJob from "./FetchJob.js"
/** A sink of your own for them. */
export * as FetchSink from "./FetchSink.js"
/** Why a job can't be started, watched or read. */
export * as JobError from "./JobError.js"
