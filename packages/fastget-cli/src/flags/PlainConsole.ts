/**
 * A console that leaves out colours where no terminal shows them, or where
 * `NO_COLOR` asks for it.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { stripVTControlCharacters } from "node:util"

/** `process.stdout` is first touched when something is printed: where stdout is the output, `Sink` owns its descriptor. */
const print = (name: "stdout" | "stderr") => (...texts: ReadonlyArray<unknown>): Effect.Effect<void> =>
  Effect.async((resume) => {
    const stream = process[name]
    // What @effect/cli prints has an empty line at its end.
    const text = `${texts.join(" ").trimEnd()}\n`
    const isColoured = stream.isTTY && !process.env["NO_COLOR"]
    // A reader that has closed it needs no more.
    stream.once("error", () => resume(Effect.void))
    stream.write(isColoured ? text : stripVTControlCharacters(text), () => resume(Effect.void))
  })

export const make: Console.Console = {
  ...Effect.runSync(Console.consoleWith(Effect.succeed)),
  log: print("stdout"),
  error: print("stderr")
}
