/**
 * The command line: all flags as one command of `@effect/cli`, and what is done
 * with them. It ends with an exit code.
 */
import * as Args from "@effect/cli/Args"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as CliError from "./CliError.js"
import * as DryRun from "./DryRun.js"
import * as Arguments from "./flags/Arguments.js"
import * as Flag from "./flags/Flag.js"
import * as Flags from "./flags/Flags.js"
import * as HowToResume from "./flags/HowToResume.js"
import * as LibraryFlags from "./flags/LibraryFlags.js"
import * as LibrarySettings from "./flags/LibrarySettings.js"
import * as Manual from "./flags/Manual.js"
import * as PlainConsole from "./flags/PlainConsole.js"
import * as OutputFile from "./output/OutputFile.js"
import * as Plan from "./Plan.js"
import * as Run from "./Run.js"
import * as Version from "./Version.js"

const options = {
  files: Args.text({ name: "input" }).pipe(Args.withDescription(Manual.inputArgument), Args.repeated),
  ...Flag.toOptions(Flags.all),
  library: Flag.toOptions(LibraryFlags.all)
}

type Parsed = Plan.Given & {
  readonly library: Readonly<Record<string, Option.Option<string> | ReadonlyArray<string> | boolean>>
}

/** The library's flags that were given. */
const givenOf = (library: Parsed["library"]): LibrarySettings.Flags["library"] =>
  Object.fromEntries(
    Object.entries(library).map(([name, value]) => [
      name,
      typeof value === "boolean" ? value : Option.isOption(value) ? Option.getOrUndefined(value) : undefined
    ])
  )

const handle =
  (all: ReadonlyArray<Arguments.Argument>) => (given: Parsed): Effect.Effect<number, CliError.Usage | Run.Failure> =>
    Effect.gen(function*() {
      const plan = yield* Plan.make(given)
      const { options, settings } = yield* LibrarySettings.resolve(
        { ...given, library: givenOf(given.library) },
        process.env
      )
      if (given.dryRun) {
        yield* Console.log(yield* DryRun.text(plan, settings, options.client))
        return 0
      }
      return yield* Run.run({
        plan,
        library: options,
        settings,
        quiet: given.quiet,
        verbose: given.verbose,
        howToResume: OutputFile.problemOfResuming(plan.output) === undefined ? HowToResume.command(all) : undefined
      }).pipe(Logger.withMinimumLogLevel(given.verbose ? settings.logLevel : LogLevel.None))
    })

/** Runs the command on the arguments after the program's name; gives the exit code. */
export const run = (argv: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    let exitCode = 0
    const all = Arguments.read(argv)
    const problem = Arguments.problem(all)
    if (problem !== undefined) return Effect.as(complain(new CliError.Usage({ message: problem })), 2)
    const command = Command.make("fastget", options, (given) =>
      Effect.map(handle(all)(given), (code) => {
        exitCode = code
      })).pipe(Command.withDescription(Manual.description))
    return Command.run(command, { name: "fastget", version: Version.version })(["", "", ...Arguments.complete(all)])
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
    Effect.withConsole(PlainConsole.make)
  )

type Failure = CliError.Usage | Run.Failure

const complain = (error: Failure): Effect.Effect<void> =>
  error._tag === "ReaderGone" ? Effect.void : Console.error(`fastget: ${error.message}`)

const codeOf = (error: Failure): number => error._tag === "ReaderGone" ? 0 : error._tag === "Usage" ? 2 : 3
