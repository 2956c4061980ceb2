/**
 * The program from its arguments to its exit code, for a process: with the
 * services of Node, and a defect told.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cli from "./Cli.js"

/** Runs the command on the arguments after the program's name; gives the exit code. */
export const run = async (argv: ReadonlyArray<string>): Promise<number> => {
  const exit = await Effect.runPromiseExit(Cli.run(argv).pipe(Effect.provide(NodeContext.layer)))
  if (Exit.isSuccess(exit)) return exit.value
  process.stderr.write(`fastget: this is a bug: ${String(exit.cause)}\n`)
  return 70
}
