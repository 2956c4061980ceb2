#!/usr/bin/env node
/**
 * The program `fastget`: its arguments come in, an exit code goes out.
 */
import * as Version from "./Version.js"

// Writing to a terminal that was closed fails; without a handler that would end the process.
process.stderr.on("error", () => {})
// A write beyond the limit on the size of files fails, and is told as one that did. Whoever hides the cursor would
// end the process by this signal.
process.on("SIGXFSZ", () => {})
process.on("uncaughtException", (error) => {
  process.stderr.write(`fastget: this is a bug: ${error.stack}\n`)
  process.exit(70)
})

const argv = process.argv.slice(2)

if (argv.length === 1 && argv[0] === "--version") {
  // The version needs none of the rest, which takes most of the time of a start. A reader that has closed stdout
  // needs no more.
  process.stdout.on("error", () => {})
  process.stdout.write(`${Version.version}\n`)
} else {
  const { run } = await import("./Program.js")
  // A stdin that has not ended would keep the process.
  process.exit(await run(argv))
}
