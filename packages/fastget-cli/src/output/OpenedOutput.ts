/**
 * Opens the sinks of an output: streams, new files, or files of earlier runs, in
 * which it also finds what these have done. The scope closes them.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import type { Choice } from "../input/Input.js"
import * as Input from "../input/Input.js"
import * as GzipRecords from "./GzipRecords.js"
import * as Journal from "./Journal.js"
import * as OutputFile from "./OutputFile.js"
import type { Sinks } from "./RecordWriter.js"
import type { Before } from "./Resumption.js"
import { nothingBefore, Resumption } from "./Resumption.js"
import * as Sink from "./Sink.js"

export interface Options {
  readonly file: OutputFile.OutputFile
  /** Where the failures go, if not there. */
  readonly errors: OutputFile.OutputFile | undefined
  readonly mode: "new" | "overwrite" | "resume"
  /** With `--retry-failed`: which failures are fetched again, and whether only they are. */
  readonly retry: { readonly wanted: Journal.Wanted; readonly only: boolean } | undefined
  /** Whether bodies go into files named by ids, so that equal ids have to be told apart. */
  readonly hasFolder: boolean
}

export interface OpenedOutput extends Sinks {
  readonly choice: Choice
  readonly before: Before
  /** Whether an outcome that stays has a body by this id. */
  readonly isTaken: (id: EntryId) => boolean
  /** Puts the outcomes of a retry in place of the old ones. */
  readonly close: Effect.Effect<void, Sink.Failure>
}

export const open = (options: Options): Effect.Effect<OpenedOutput, Sink.Failure, Scope.Scope> =>
  OutputFile.isPlain(options.file) ? openFiles(options, options.file) : openStream(options)

const openStream = ({ errors, file, hasFolder }: Options) =>
  Effect.gen(function*() {
    return {
      choice: { ...Input.everything, distinguishes: hasFolder },
      before: nothingBefore,
      isTaken: () => false,
      sink: yield* openNew(file),
      errors: errors === undefined ? undefined : yield* openNew(errors),
      close: Effect.void
    }
  })

/** Opens a sink with no records in it yet. */
const openNew = (file: OutputFile.OutputFile): Effect.Effect<Sink.Sink, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const { isGzip, records, target } = file
    if (target._tag === "PlainFile") return yield* Journal.open({ path: target.path, format: records, isGzip }, 0)
    const stream = yield* Sink.stream(target)
    const sink = isGzip ? yield* GzipRecords.over(stream, true) : stream
    if (records.header !== "") yield* sink.write(Buffer.from(records.header))
    return sink
  })

const openFiles = (options: Options, file: OutputFile.Plain) =>
  Effect.gen(function*() {
    const { errors, hasFolder, mode, retry } = options
    const output = OutputFile.recordFile(file)
    // Only plain files can be resumed.
    const failures = errors === undefined || !OutputFile.isPlain(errors) ? undefined : OutputFile.recordFile(errors)
    const files = { output, errors: failures }
    if (mode === "resume") yield* Journal.merge(files)
    else yield* mode === "overwrite" ? Journal.forget(files) : Journal.refuseRetry(files)
    const old = yield* mode === "resume"
      ? Journal.read(files, { wanted: retry?.wanted, withIds: hasFolder })
      : Journal.nothing
    const { idText } = file.records
    const { before, choice } = new Resumption({ old, idText, onlyAgain: retry?.only === true })
    const sinks = yield* retry === undefined ? openAt(old.lengths, files, errors) : openRetry(output)
    return {
      choice,
      before,
      isTaken: (id: EntryId) => old.succeeded.has(EntryId_.idOf(id)),
      ...sinks,
      close: retry === undefined ? Effect.void : Journal.merge(files)
    }
  })

const openAt = (
  lengths: Journal.Before["lengths"],
  { errors: errorsFile, output }: Journal.Files,
  errors: OutputFile.OutputFile | undefined
) =>
  Effect.gen(function*() {
    return {
      sink: yield* Journal.open(output, lengths[0]),
      errors: errors === undefined
        ? undefined
        : yield* errorsFile === undefined ? openNew(errors) : Journal.open(errorsFile, lengths[1])
    }
  })

/** A retry's outcomes, successes and failures, wait beside the files until they replace the old ones. */
const openRetry = (output: Journal.Files["output"]) =>
  Effect.map(Journal.open(Journal.retryFile(output), 0), (sink) => ({ sink, errors: undefined }))
