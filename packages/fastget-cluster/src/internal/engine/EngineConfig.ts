/**
 * The settings of `@effect/cluster` that FastGet needs: so that a dead runner's
 * work is with another within ten seconds, and that nothing stands still for
 * longer where a database, a network or a process does.
 */
import type { ShardingConfig } from "@effect/cluster/ShardingConfig"
import * as Duration from "effect/Duration"

export const settings: Partial<ShardingConfig["Type"]> = {
  // A dead runner's shards are free after this; the default of 35 s would hold its origins up as long.
  shardLockExpiration: Duration.seconds(6),
  // Three refreshes fit into an expiration, so that one that fails loses nothing.
  shardLockRefreshInterval: Duration.seconds(2),
  // A stopped process keeps its connection to the database, and with it advisory locks, for as long as it is stopped.
  shardLockDisableAdvisory: true,
  // How soon clients and runners see who is there; a look is one short query.
  refreshAssignmentsInterval: Duration.seconds(1),
  // How soon a dead runner is noticed; the check is a ping, by one of the runners.
  runnerHealthCheckInterval: Duration.seconds(2),
  // How often a runner looks whether it has to acquire or to release shards, where nothing told it.
  entityMessagePollInterval: Duration.seconds(2),
  // A runner that leaves hands its origins over: their requests are interrupted and need no longer.
  entityTerminationTimeout: Duration.seconds(5),
  // Answers stay as they are where client and runner are one process.
  simulateRemoteSerialization: false
}
