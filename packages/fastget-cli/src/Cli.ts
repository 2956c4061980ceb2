/**
 * The command line: what `fastget` takes, in one command of `@effect/cli`.
 */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Run from "./Run.js"
import * as Version from "./Version.js"

const command = Command.make("fastget", {
  files: Args.file({ name: "input", exists: "either" }).pipe(Args.repeated),
  quiet: Options.boolean("quiet").pipe(Options.withAlias("q"))
}, Run.run)

/** Runs the command on the arguments of the process. */
export const run = Command.run(command, { name: "fastget", version: Version.version })
