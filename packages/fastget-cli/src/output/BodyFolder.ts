/**
 * A folder with a file for each body. A file is written under another name and
 * then renamed, so that one with a body's name is whole. A file that was
 * in the folder before is replaced with --overwrite only; the run's other files
 * never are.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as CliError from "../CliError.js"
import type { EntryId } from "../input/EntryId.js"
import * as SafeName from "./SafeName.js"
import * as Target from "./Target.js"

export interface Options {
  readonly path: string
  readonly extension: string
  /** The run's other files: an id that names one of them gets another name. */
  readonly others: ReadonlyArray<string>
  /**
   * What becomes of a file that is there already with other content: with "new"
   * the run ends, with "resume", where it may be what a crash has left or
   * somebody else's, the body gets another name.
   */
  readonly mode: "new" | "overwrite" | "resume"
}

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

export const make = (options: Options): Effect.Effect<BodyFolder, CliError.OutputFailed> => {
  const { extension, mode, path } = options
  return Effect.tryPromise({ try: () => Fs.mkdir(path, { recursive: true }), catch: CliError.unwritable(path) }).pipe(
    Effect.map(() => {
      const notOurs = namesOfOthers(options)
      const put = putIn(path)
      const write: BodyFolder["write"] = (id, url, taken, body) => {
        const own = SafeName.make(id, url, taken, extension)
        const name = notOurs.has(own.toLowerCase()) ? SafeName.hashed(id, url, extension) : own
        if (mode === "overwrite") return put(name, body)
        const file = Path.join(path, name)
        return Effect.flatMap(Effect.promise(() => look(file, body)), (found) => {
          if (found === "same") return Effect.succeed(name)
          if (found === "none") return put(name, body)
          return mode === "resume" ? put(SafeName.hashed(id, url, extension), body) : new CliError.OutputFailed({
            message: `${file} is there already, with other content: --overwrite replaces it`
          })
        })
      }
      return { write }
    })
  )
}

/** The names of the run's other files that are in the folder, in small letters, as names of bodies are. */
const namesOfOthers = ({ others, path }: Options): ReadonlySet<string> => {
  const folder = Target.realPath(path)
  return new Set(
    others.flatMap((name) => [Path.resolve(name), Target.realPath(name)])
      .filter((path) => Target.realPath(Path.dirname(path)) === folder)
      .map((path) => Path.basename(path).toLowerCase())
  )
}

/** Puts a whole file into a folder; gives its name. */
const putIn = (folder: string) => {
  let part = 0
  return (name: string, body: Uint8Array): Effect.Effect<string, CliError.OutputFailed> => {
    const file = Path.join(folder, name)
    // No file of a body has such a name: theirs do not begin with a dot.
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
}

/** What exists under a body's name. */
const look = async (file: string, body: Uint8Array): Promise<"none" | "same" | "other"> => {
  const stat = await Fs.lstat(file).catch(() => undefined)
  if (stat === undefined) return "none"
  if (!stat.isFile() || stat.size !== body.byteLength) return "other"
  return Fs.readFile(file).then((bytes) => bytes.equals(body) ? "same" : "other", () => "other")
}
