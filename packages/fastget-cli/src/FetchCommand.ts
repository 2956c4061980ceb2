/**
 * `fastget` itself: an input is fetched, by threads of this process or over a
 * cluster.
 */
import * as Args from "@effect/cli/Args"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import type * as FastGet from "fastget/FastGet"
import type { PoolError } from "fastget/PoolError"
import type * as CliError from "./CliError.js"
import * as DryRun from "./DryRun.js"
import type * as Arguments from "./flags/Arguments.js"
import * as ClusterFlags from "./flags/ClusterFlags.js"
import * as Flag from "./flags/Flag.js"
import * as Flags from "./flags/Flags.js"
import * as HowToResume from "./flags/HowToResume.js"
import * as LibraryFlags from "./flags/LibraryFlags.js"
import * as LibrarySettings from "./flags/LibrarySettings.js"
import * as Manual from "./flags/Manual.js"
import * as Sides from "./flags/Sides.js"
import * as OutputFile from "./output/OutputFile.js"
import * as Plan from "./Plan.js"
import * as Run from "./Run.js"

export const options = {
  files: Args.text({ name: "input" }).pipe(Args.withDescription(Manual.inputArgument), Args.repeated),
  ...Flag.toOptions(Flags.all),
  library: Flag.toOptions(LibraryFlags.all)
}

export type Given = Plan.Given & { readonly library: LibraryFlags.Parsed }

/** Fetches it; gives the exit code. */
export const handle =
  (all: ReadonlyArray<Arguments.Argument>) => (given: Given): Effect.Effect<number, CliError.Usage | Run.Failure> =>
    Effect.gen(function*() {
      const plan = yield* Plan.make(given)
      const cluster = yield* ClusterFlags.resolve(given, process.env)
      const { options, settings } = yield* LibrarySettings.resolve(
        { ...given, library: LibraryFlags.givenOf(given.library) },
        process.env,
        cluster === undefined ? undefined : Sides.refuseOfRunners
      )
      if (given.dryRun) {
        yield* Console.log(yield* DryRun.text(plan, settings, options.client, cluster))
        return 0
      }
      return yield* Run.run({
        plan,
        layer: yield* layerOf(options, cluster),
        settings,
        isOverCluster: cluster !== undefined,
        client: options.client,
        quiet: given.quiet,
        howToResume: OutputFile.problemOfResuming(plan.output) === undefined ? HowToResume.command(all) : undefined
      }).pipe(Logger.withMinimumLogLevel(given.verbose ? settings.logLevel : LogLevel.None))
    })

const layerOf = (
  options: NodeFastGet.LayerOptions,
  cluster: ClusterFlags.Cluster | undefined
): Effect.Effect<Layer.Layer<FastGet.FastGet, PoolError | CliError.ClusterFailed>> =>
  cluster === undefined
    ? Effect.succeed(NodeFastGet.layer(options))
    : Effect.map(Effect.promise(() => import("./cluster/Client.js")), ({ layer }) => layer(cluster, options))
