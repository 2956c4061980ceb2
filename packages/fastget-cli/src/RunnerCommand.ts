/**
 * `fastget runner`: the side of a machine in a cluster. Its flags are those of a
 * runner and, of the library's, those that don't belong to a run.
 */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import * as CliError from "./CliError.js"
import * as ClusterFlags from "./flags/ClusterFlags.js"
import * as Flag from "./flags/Flag.js"
import * as Flags from "./flags/Flags.js"
import * as LibraryFlags from "./flags/LibraryFlags.js"
import * as LibrarySettings from "./flags/LibrarySettings.js"
import * as Sides from "./flags/Sides.js"

export const name = "runner"

export const flags = {
  ...ClusterFlags.ofRunner,
  limits: Flags.all.limits,
  verbose: { description: "Shows the log of the library and of the cluster's engine on stderr." }
} as const

export const library: Readonly<Record<string, LibraryFlags.LibraryFlag>> = Object.fromEntries(
  Object.entries(LibraryFlags.all).filter(([, { option }]) => !ClusterConfig.isOfClients(option))
)

export const description = HelpDoc.p(
  "Joins a cluster and makes requests for the runs over it (fastget urls.csv --cluster URL), until SIGTERM or Ctrl-C " +
    "makes it leave. Every runner of a cluster is given the same limits."
)

export const options = { ...Flag.toOptions(flags), library: Flag.toOptions(library) }

export type Given = Flag.ValuesOf<typeof flags> & { readonly library: LibraryFlags.Parsed }

/** Runs until a signal; gives the exit code. */
export const handle = (given: Given): Effect.Effect<number, CliError.Usage | CliError.ClusterFailed> =>
  Effect.gen(function*() {
    const cluster = yield* ClusterFlags.resolve(given, process.env)
    if (cluster === undefined) return yield* usage("fastget runner needs --cluster URL, or FASTGET_CLUSTER")
    const port = Option.map(given.port, Number)
    if (Option.isSome(port) && !(Number.isInteger(port.value) && port.value > 0 && port.value < 65_536)) {
      return yield* usage("--port takes a whole number from 1 to 65535")
    }
    const { options, settings } = yield* LibrarySettings.resolve(
      { ...given, library: LibraryFlags.givenOf(given.library), header: [], headerFile: [], headerEnv: [] },
      process.env,
      Sides.refuseOfRuns
    )
    const { run } = yield* Effect.promise(() => import("./cluster/Runner.js"))
    return yield* run({
      cluster,
      library: options,
      host: Option.getOrUndefined(given.host),
      port: Option.getOrUndefined(port)
    }).pipe(Logger.withMinimumLogLevel(given.verbose ? settings.logLevel : LogLevel.Warning))
  })

const usage = (message: string) => new CliError.Usage({ message })
