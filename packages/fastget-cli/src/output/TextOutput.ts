/**
 * Writes a text as a whole, as the summary and the report are: to a file, which
 * is replaced, or to a stream.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import * as Zlib from "node:zlib"
import * as CliError from "../CliError.js"
import * as OutputName from "./OutputName.js"
import * as Sink from "./Sink.js"
import type * as Target from "./Target.js"

/** A reader that closes its stream before the end is no failure. */
export const write = (target: Target.Target, text: string): Effect.Effect<void, CliError.OutputFailed> => {
  const bytes = OutputName.read(target.name).isGzip ? Zlib.gzipSync(text) : Buffer.from(text)
  return target._tag === "PlainFile"
    ? Effect.tryPromise({ try: () => Fs.writeFile(target.path, bytes), catch: CliError.unwritable(target.path) })
    : Effect.scoped(Effect.flatMap(Sink.stream(target), (sink) => sink.write(bytes))).pipe(
      Effect.catchTag("ReaderGone", () => Effect.void)
    )
}
