/**
 * Which of the library's options the two sides of a cluster take. What the other
 * side has is refused by name, since it would not hold.
 */
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import type { Refuse } from "./LibrarySettings.js"

/** Of a run over a cluster: what is of its streams. */
export const refuseOfRunners: Refuse = (option, text) =>
  option.startsWith("client.") || ClusterConfig.isOfRunners(option, text)
    ? "belongs to the runners of the cluster, which make the requests: give it to fastget runner"
    : undefined

/** Of a runner: what is not of the streams whose requests it makes. */
export const refuseOfRuns: Refuse = (option) =>
  ClusterConfig.isOfClients(option)
    ? "belongs to the runs over the cluster, and comes with their entries: give it to them"
    : undefined

/** Of a job: what is not of its requests. */
export const refuseOfJobs: Refuse = (option) =>
  ClusterConfig.isOfClients(option) ? undefined : "is nothing that a job has: it belongs to runs, or to fastget runner"
