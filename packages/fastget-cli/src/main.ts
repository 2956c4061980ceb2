#!/usr/bin/env node
/**
 * The program `fastget`: its arguments come in, an exit code goes out.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cli from "./Cli.js"

// Writing to a terminal that was closed fails; without a handler that would end the process.
process.stderr.on("error", () => {})
// A write beyond the limit on the size of files fails, and is told as one that did. Whoever hides the cursor would
// end the process by this signal.
process.on("SIGXFSZ", () => {})
process.on("uncaughtException", (error) => {
  process.stderr.write(`fastget: this is a bug: ${error.stack}\n`)
  process.exit(70)
})

const fiber = Effect.runFork(Cli.run(process.argv.slice(2)).pipe(Effect.provide(NodeContext.layer)))

fiber.addObserver((exit) => {
  if (Exit.isFailure(exit)) process.stderr.write(`fastget: this is a bug: ${String(exit.cause)}\n`)
  // A stdin that has not ended would keep the process.
  process.exit(Exit.isSuccess(exit) ? exit.value : 70)
})
