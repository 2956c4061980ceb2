/**
 * The allowed arrows of this repository. docs/architecture.md draws them.
 *
 * In `fastget` the side of the consumer (`run`) and the side of the requests
 * (`worker`, `http`, `origin`) know nothing of each other: they meet in `wire`
 * and in the public models.
 */
import type { Package } from "./Arrows.js"

/** Public modules of `fastget` that are types and data, without a run or a worker behind them. */
export const models = ["Entry", "FastGetConfig", "FetchError", "FetchMetrics", "Json", "Outcome", "PoolError", "Reason"]

const base = ["internal/base", ...models]

const wire = [...base, "internal/wire", "internal/memory"]

export const fastget: Package = {
  folder: "packages/fastget/src",
  watched: [],
  parts: {
    "": {
      mayImport: [
        "internal/run",
        "internal/worker",
        "internal/recording",
        "internal/config",
        "internal/traffic",
        "platform",
        ...wire
      ]
    },
    "platform": { mayImport: [...wire, "internal/traffic", "internal/config/OriginRules"] },
    "internal/base": { mayImport: ["Json", "Reason"] },
    "internal/memory": { mayImport: [] },
    "internal/config": { mayImport: ["internal/base", "internal/traffic", "platform"] },
    "internal/wire": { mayImport: [...base, "internal/memory", "internal/traffic", "platform"] },
    "internal/run": { mayImport: [...wire, "platform", "FetchPool"] },
    "internal/traffic": { mayImport: [] },
    "internal/origin": { mayImport: [...wire, "internal/traffic", "platform"] },
    "internal/http": { mayImport: [...wire, "platform", "internal/traffic", "internal/origin"] },
    "internal/recording": { mayImport: [...base, "RecordingError", "platform", "internal/http"] },
    "internal/worker": {
      mayImport: [...wire, "platform", "internal/config", "internal/traffic", "internal/origin", "internal/http"]
    }
  }
}

/** Of `fastget` its public modules and what is for packages that bring a platform. */
const library = ["fastget/*", "fastget/platform/"]

export const fastgetNode: Package = {
  folder: "packages/fastget-node/src",
  watched: ["fastget", "fastget-node"],
  parts: {
    "": { mayImport: [...library, "internal/client", "internal/sockets", "internal/threads"] },
    "internal/threads": { mayImport: library },
    "internal/sockets": { mayImport: library },
    "internal/client": { mayImport: [...library, "internal/sockets"] }
  }
}

/** The libraries as a user knows them, and what is for packages that bring a platform. */
const libraries = [...library, "fastget-node/*"]

const fastgetCluster: Package = {
  folder: "packages/fastget-cluster/src",
  watched: ["fastget", "fastget-node", "fastget-cluster"],
  parts: {
    "": { mayImport: [...libraries, "internal/client", "internal/engine", "internal/job", "internal/runner"] },
    "internal/protocol": { mayImport: library },
    "internal/engine": { mayImport: ["ClusterError"] },
    "internal/client": { mayImport: [...library, "ClusterConfig", "internal/protocol"] },
    "internal/job": {
      mayImport: [...library, "ClusterConfig", "FetchSink", "JobError", "internal/engine", "internal/protocol"]
    },
    "internal/runner": {
      mayImport: [...libraries, "FetchSink", "internal/engine", "internal/job", "internal/protocol"]
    }
  }
}

/** What every part of the command may know: how it ends, and its version. */
const command = ["CliError", "ExitCode", "Version"]

/** The command knows the libraries as a user does. */
const users = ["fastget/*", "fastget-node/*"]

/** Of the cluster what loads nothing of its engine. */
const clusterOptions = "fastget-cluster/ClusterConfig"

/** What its flags share with the library's options: a name that is nearly right, a header, the variables there are. */
const textChecks = ["fastget/platform/Environment", "fastget/platform/Nearest", "fastget/platform/RequestHeaders"]

/** A failure as all that write records have it. */
const failureRecord = "fastget/platform/FailureRecord"

export const fastgetCli: Package = {
  folder: "packages/fastget-cli/src",
  watched: ["fastget", "fastget-node", "fastget-cluster"],
  parts: {
    "": { mayImport: [...users, clusterOptions, "cluster", "flags", "input", "output", "stats", "report"] },
    "cluster": { mayImport: [...users, "fastget-cluster/*", ...command, "Interrupt", "flags", "input", "output"] },
    "flags": { mayImport: [...users, clusterOptions, ...textChecks, ...command, "input", "output"] },
    "input": { mayImport: [...users, ...command] },
    "output": { mayImport: [...users, failureRecord, ...command, "input", "stats"] },
    "stats": { mayImport: users },
    "report": { mayImport: [...users, clusterOptions, ...command, "stats"] }
  }
}

export const all = [fastget, fastgetNode, fastgetCluster, fastgetCli]
