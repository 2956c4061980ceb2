/**
 * `fastget job`: durable jobs of a cluster. An input is stored and fetched by the
 * runners, whatever becomes of this process; other actions look at a job, wait
 * for it, end it, and read its results.
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import * as CliError from "./CliError.js"
import * as Arguments from "./flags/Arguments.js"
import * as ClusterFlags from "./flags/ClusterFlags.js"
import * as Flag from "./flags/Flag.js"
import * as Flags from "./flags/Flags.js"
import * as JobFlags from "./flags/JobFlags.js"
import * as LibraryFlags from "./flags/LibraryFlags.js"
import * as LibrarySettings from "./flags/LibrarySettings.js"
import * as Sides from "./flags/Sides.js"
import * as Plan from "./Plan.js"

export const name = "job"

/** Those of all actions, and those of `start` alone. */
const flags = { ...JobFlags.ofAll, ...Flags.groups.Input, ...Flags.groups.Headers, ...JobFlags.ofStart } as const

const library: Readonly<Record<string, LibraryFlags.LibraryFlag>> = Object.fromEntries(
  Object.entries(LibraryFlags.all).filter(([, { option }]) => ClusterConfig.isOfClients(option))
)

export const known = Arguments.table({ ...flags, ...library })

export const description = HelpDoc.p(
  "Durable jobs of a cluster: start NAME FILE… stores an input, which the runners fetch whatever becomes of this " +
    "process, and goes on where that was broken off; status NAME, wait NAME, cancel NAME, remove NAME, list; " +
    "results NAME prints the outcomes as NDJSON."
)

export const options = {
  words: Args.text({ name: "action" }).pipe(
    Args.withDescription("start, status, wait, cancel, remove, results or list; then the job's name, and inputs."),
    Args.repeated
  ),
  ...Flag.toOptions(flags),
  library: Flag.toOptions(library)
}

export type Given = Flag.ValuesOf<typeof flags> & {
  readonly words: ReadonlyArray<string>
  readonly library: LibraryFlags.Parsed
}

const isAction = (word: string | undefined): word is JobFlags.Action =>
  (JobFlags.actions as ReadonlyArray<string>).includes(word ?? "")

/** Does what is asked; gives the exit code. */
export const handle = (all: ReadonlyArray<Arguments.Argument>) =>
(
  given: Given
): Effect.Effect<number, CliError.Usage | CliError.InputFailed | CliError.ClusterFailed | CliError.OutputFailed> =>
  Effect.gen(function*() {
    const { action, files, job } = yield* wordsOf(given.words)
    const misplaced = action === "start" ? undefined : ofStart(all)
    if (misplaced !== undefined) return yield* usage(`${misplaced} is for fastget job start`)
    const cluster = yield* ClusterFlags.resolve({ ...given, lanes: Option.none() }, process.env)
    if (cluster === undefined) return yield* usage("fastget job needs --cluster URL, or FASTGET_CLUSTER")
    const { database } = cluster
    const jobs = yield* Effect.promise(() => import("./cluster/Jobs.js"))
    if (action !== "start") return yield* jobs.look(database, action, job)
    const input = yield* Plan.input({ ...given, files })
    const { options, settings } = yield* LibrarySettings.resolve(
      { ...given, limits: Option.none(), library: LibraryFlags.givenOf(given.library) },
      process.env,
      Sides.refuseOfJobs
    )
    const own = yield* JobFlags.resolve(given, options.headers)
    return yield* jobs.start(database, job, input, options, own).pipe(
      Logger.withMinimumLogLevel(given.verbose ? settings.logLevel : LogLevel.Warning)
    )
  })

const usage = (message: string) => new CliError.Usage({ message })

const wordsOf = (words: ReadonlyArray<string>) => {
  const [action, job, ...files] = words
  if (!isAction(action)) {
    return usage(`fastget job needs an action: ${JobFlags.actions.join(", ")}. An input named job is given as ./job`)
  }
  if (action === "list") {
    return job === undefined
      ? Effect.succeed({ action, job: "", files })
      : usage("list takes no name")
  }
  if (job === undefined) return usage(`fastget job ${action} needs the name of a job`)
  return action === "start" || files.length === 0
    ? Effect.succeed({ action, job, files })
    : usage(`fastget job ${action} takes one name`)
}

/** The first option that only `start` has. */
const ofStart = (all: ReadonlyArray<Arguments.Argument>): string | undefined => {
  const ofAll = Arguments.table(JobFlags.ofAll)
  for (const argument of all) if (argument._tag === "Option" && !ofAll.has(argument.flag)) return argument.flag
  return undefined
}
