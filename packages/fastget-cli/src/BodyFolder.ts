/**
 * A folder with a file for each body. A file is written under another name and
 * then renamed, so that one with a body's name is whole.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as CliError from "./CliError.js"
import type { EntryId } from "./EntryId.js"
import * as SafeName from "./SafeName.js"

export interface BodyFolder {
  /** Writes a body; gives the name of its file. `taken`: another entry with this id has one. */
  readonly write: (
    id: EntryId,
    url: string,
    taken: boolean,
    body: Uint8Array
  ) => Effect.Effect<string, CliError.OutputFailed>
}

/** Files written at once. */
export const concurrency = 16

export const make = (folder: string, extension: string): Effect.Effect<BodyFolder, CliError.OutputFailed> => {
  let part = 0
  const write: BodyFolder["write"] = (id, url, taken, body) => {
    const name = SafeName.make(id, url, taken, extension)
    const file = Path.join(folder, name)
    // No id has such a name: none begins with a dot.
    const partial = Path.join(folder, `.fastget-${process.pid}-${part++ % (2 * concurrency)}`)
    return Effect.tryPromise({
      try: () => Fs.writeFile(partial, body).then(() => Fs.rename(partial, file)),
      catch: CliError.unwritable(file)
    }).pipe(
      Effect.tapError(() => Effect.ignore(Effect.tryPromise(() => Fs.rm(partial, { force: true })))),
      Effect.uninterruptible,
      Effect.as(name)
    )
  }
  return Effect.tryPromise({ try: () => Fs.mkdir(folder, { recursive: true }), catch: CliError.unwritable(folder) })
    .pipe(
      Effect.as({ write })
    )
}
