/**
 * The command line: which command it is, its flags, and what is done with them.
 * It ends with an exit code.
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as CliError from "./CliError.js"
import * as FetchCommand from "./FetchCommand.js"
import * as Arguments from "./flags/Arguments.js"
import * as Flags from "./flags/Flags.js"
import * as LibraryFlags from "./flags/LibraryFlags.js"
import * as Manual from "./flags/Manual.js"
import * as PlainConsole from "./flags/PlainConsole.js"
import * as JobCommand from "./JobCommand.js"
import * as Sink from "./output/Sink.js"
import type * as Run from "./Run.js"
import * as RunnerCommand from "./RunnerCommand.js"
import * as Version from "./Version.js"

/** Tells the exit code that a command ends with. */
type Keep = (exitCode: number) => void

const fetch = (all: ReadonlyArray<Arguments.Argument>, keep: Keep) =>
  Command.make("fastget", FetchCommand.options, (given) => Effect.map(FetchCommand.handle(all)(given), keep)).pipe(
    Command.withDescription(Manual.description),
    Command.run({ name: "fastget", version: Version.version })
  )

const runner = (_: ReadonlyArray<Arguments.Argument>, keep: Keep) =>
  Command.make(RunnerCommand.name, RunnerCommand.options, (given) => Effect.map(RunnerCommand.handle(given), keep))
    .pipe(
      Command.withDescription(RunnerCommand.description),
      Command.run({ name: `fastget ${RunnerCommand.name}`, version: Version.version })
    )

const job = (all: ReadonlyArray<Arguments.Argument>, keep: Keep) =>
  Command.make(JobCommand.name, JobCommand.options, (given) => Effect.map(JobCommand.handle(all)(given), keep))
    .pipe(
      Command.withDescription(JobCommand.description),
      Command.run({ name: `fastget ${JobCommand.name}`, version: Version.version })
    )

/** Which command the arguments are for, and the arguments left. An input of the same name as one goes as `./runner`. */
const choose = (argv: ReadonlyArray<string>) => {
  switch (argv[0]) {
    case RunnerCommand.name:
      return {
        command: runner,
        known: Arguments.table({ ...RunnerCommand.flags, ...RunnerCommand.library }),
        rest: argv.slice(1)
      }
    case JobCommand.name:
      return { command: job, known: JobCommand.known, rest: argv.slice(1) }
    default:
      return { command: fetch, known: Arguments.table({ ...Flags.all, ...LibraryFlags.all }), rest: argv }
  }
}

const inputs = (all: ReadonlyArray<Arguments.Argument>): string | undefined =>
  all.some(({ _tag }) => _tag === "File")
    ? "fastget runner takes no input: runs over the cluster (--cluster URL) have them"
    : undefined

/** Runs the command on the arguments after the program's name; gives the exit code. */
export const run = (argv: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    let exitCode = 0
    const { command, known, rest } = choose(argv)
    const all = Arguments.read(rest, known)
    const problem = Arguments.problem(all, known) ?? (command === runner ? inputs(all) : undefined)
    if (problem !== undefined) return Effect.as(complain(new CliError.Usage({ message: problem })), 2)
    const keep = (code: number) => {
      exitCode = code
    }
    return command(all, keep)(["", "", ...Arguments.complete(all, known)])
      .pipe(
        Effect.map(() => exitCode),
        Effect.catchAll((error) =>
          ValidationError.isValidationError(error) ? Effect.succeed(2) : Effect.as(complain(error), codeOf(error))
        )
      )
  }).pipe(
    Effect.provide(CliConfig.layer({ isCaseSensitive: true, showBuiltIns: false })),
    // stdout is for the output.
    Effect.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))),
    Effect.withConsole(PlainConsole.make),
    (effect) => Effect.suspend(() => Effect.locally(effect, Sink.descriptors, new Map()))
  )

type Failure = CliError.Usage | CliError.OutputFailed | Run.Failure

const complain = (error: Failure): Effect.Effect<void> =>
  error._tag === "ReaderGone" ? Effect.void : Console.error(`fastget: ${error.message}`)

const codeOf = (error: Failure): number => error._tag === "ReaderGone" ? 0 : error._tag === "Usage" ? 2 : 3
