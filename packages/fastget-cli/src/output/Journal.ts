/**
 * The files of an output, across runs: what is in them already, where the next
 * run appends to them, and how the outcomes of `--retry-failed` replace the old
 * ones.
 *
 * A run appends whole records. After a crash the last may be a part of one: it
 * is cut off before more is appended. The outcomes of a retry go into a
 * file of their own beside the output, `FILE.retry`, which is merged at the end
 * of the run, or by the next one after a crash: both files are written anew
 * under another name and renamed, and `FILE.retry` goes last, so that it can be
 * done again from any point.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs/promises"
import * as CliError from "../CliError.js"
import * as IdSet from "../input/IdSet.js"
import * as GzipRecords from "./GzipRecords.js"
import { OldOutcomes } from "./OldOutcomes.js"
import * as RecordFile from "./RecordFile.js"
import type { Found, NoRecord } from "./RecordFormat.js"
import { keyOf } from "./RecordFormat.js"
import * as Sink from "./Sink.js"

export interface Files {
  readonly output: RecordFile.RecordFile
  /** Where the failures go, if not there; in the format of the output. */
  readonly errors: RecordFile.RecordFile | undefined
}

/** Whether a failure is to be fetched again. */
export type Wanted = (found: Found) => boolean

/** What the files hold. */
export interface Before {
  readonly outcomes: OldOutcomes
  /** Ids of successes, where they are wanted. */
  readonly succeeded: IdSet.IdSet
  /** Failures that stay as they are, and those that are to be fetched again. */
  readonly failed: number
  readonly again: number
  /** How long the files are without a part of a record. */
  readonly lengths: readonly [output: number, errors: number]
}

export const retryName = (output: string): string => `${output}.retry`

/** Where a file is written anew. */
export const nextName = (name: string): string => `${name}.next`

export const retryFile = (output: RecordFile.RecordFile): RecordFile.RecordFile => ({
  ...output,
  path: retryName(output.path)
})

/** Reads what the runs before have left. */
export const read = (
  { errors, output }: Files,
  { wanted, withIds }: { readonly wanted: Wanted | undefined; readonly withIds: boolean }
): Effect.Effect<Before, CliError.OutputFailed> =>
  Effect.gen(function*() {
    const outcomes = new OldOutcomes()
    const succeeded = IdSet.make()
    let failed = 0
    let again = 0
    const one = (found: Found) => {
      const isAgain = wanted?.(found) === true
      outcomes.add(found, isAgain)
      if (isAgain) again++
      else if (!found.ok) failed++
      if (withIds && found.ok) succeeded.add(output.format.plainId(found.idText))
    }
    const scan = (file: RecordFile.RecordFile) =>
      RecordFile.scan(file, (records) => Effect.sync(() => records.forEach(({ found }) => one(found))))
    const lengths = [yield* scan(output), errors === undefined ? 0 : yield* scan(errors)] as const
    return { outcomes, succeeded, failed, again, lengths }
  })

/** What a new output has before it: nothing. */
export const nothing: Effect.Effect<Before> = Effect.sync(() => ({
  outcomes: new OldOutcomes(),
  succeeded: IdSet.make(),
  failed: 0,
  again: 0,
  lengths: [0, 0]
}))

/** Opens a file to write from `length` on, and cuts off what is after that. A new file gets the format's header. */
export const open = (
  { format, isGzip, path }: RecordFile.RecordFile,
  length: number
): Effect.Effect<Sink.Sink, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({
        // Not "w": what is there is cut by length, and only then.
        try: () => Fs.open(path, Fs.constants.O_RDWR | Fs.constants.O_CREAT, 0o666),
        catch: CliError.unwritable(path)
      }),
      (handle) => Effect.ignore(Effect.tryPromise(() => handle.close()))
    )
    yield* Effect.tryPromise({ try: () => handle.truncate(length), catch: CliError.unwritable(path) })
    const file = Sink.file(handle.fd, path, length)
    const sink = isGzip ? yield* GzipRecords.over(file, length === 0) : file
    if (length === 0 && format.header !== "") yield* sink.write(Buffer.from(format.header))
    return sink
  })

const inTheWay = ({ path }: RecordFile.RecordFile, why: string): CliError.OutputFailed =>
  new CliError.OutputFailed({ message: `${path} ${why}` })

/**
 * What a file beside the output has. That it has our name is not enough to touch
 * it.
 */
const look = (
  file: RecordFile.RecordFile,
  each: (found: Found) => void = () => {}
): Effect.Effect<"nothing" | "records" | NoRecord, CliError.OutputFailed> =>
  Effect.gen(function*() {
    const stat = yield* Effect.orElseSucceed(Effect.tryPromise(() => Fs.lstat(file.path)), () => undefined)
    if (stat === undefined) return "nothing"
    if (!stat.isFile()) return "foreign"
    return yield* RecordFile.scan(file, (records) => Effect.sync(() => records.forEach(({ found }) => each(found))))
      .pipe(
        Effect.as("records" as const),
        Effect.catchAll((error) => error instanceof RecordFile.Refused ? Effect.succeed(error.why) : Effect.fail(error))
      )
  })

const foreign = (file: RecordFile.RecordFile): CliError.OutputFailed =>
  inTheWay(file, "is not what a retry of this output has left: move it away, or name another --output")

/** The same; a file that can't be read counts as one that is not ours. */
const lookIfOurs = (file: RecordFile.RecordFile) => Effect.orElseSucceed(look(file), () => "foreign" as const)

/** Drops what a retry of an output that is replaced has left, be it one of an older fastget. */
export const forget = ({ output }: Files): Effect.Effect<void, Sink.Failure> =>
  Effect.gen(function*() {
    const retry = retryFile(output)
    const found = yield* lookIfOurs(retry)
    if (found === "records" || found === "without URL") yield* remove(retry.path)
  })

/** Fails where a new output would meet the outcomes of a retry of another one. */
export const refuseRetry = ({ output }: Files): Effect.Effect<void, Sink.Failure> =>
  Effect.gen(function*() {
    const retry = retryFile(output)
    const found = yield* lookIfOurs(retry)
    if (found === "without URL") return yield* new RecordFile.Refused(retry.path, found)
    if (found === "records") {
      return yield* inTheWay(
        retry,
        "is there already, with outcomes of a retry: --resume goes on with them, --overwrite drops them"
      )
    }
  })

const remove = (name: string): Effect.Effect<void, Sink.Failure> =>
  Effect.tryPromise({ try: () => Fs.rm(name, { force: true }), catch: CliError.unwritable(name) })

/** Replaces old outcomes by those of `FILE.retry`, if there are any. */
export const merge = ({ errors, output }: Files): Effect.Effect<void, Sink.Failure> =>
  Effect.gen(function*() {
    const retry = retryFile(output)
    const fresh = IdSet.make()
    const there = yield* look(retry, (found) => fresh.add(keyOf(found)))
    if (there === "nothing") return
    if (there === "foreign") return yield* foreign(retry)
    if (there === "without URL") return yield* new RecordFile.Refused(retry.path, there)
    if (fresh.size() > 0) {
      yield* rewrite(output, retry, fresh, (found) => errors === undefined || found.ok)
      if (errors !== undefined) yield* rewrite(errors, retry, fresh, (found) => !found.ok)
    }
    yield* remove(retry.path)
  }).pipe(Effect.uninterruptible)

/** Writes a file anew: its records that are not in `fresh`, and those of the retry that belong here. */
const rewrite = (
  file: RecordFile.RecordFile,
  retry: RecordFile.RecordFile,
  fresh: IdSet.IdSet,
  isOfHere: (found: Found) => boolean
): Effect.Effect<void, Sink.Failure> => {
  const next = { ...file, path: nextName(file.path) }
  return Effect.scoped(Effect.gen(function*() {
    // A file that a crash has left while it was written is ours, and is written anew.
    if ((yield* look(next)) === "foreign") return yield* foreign(next)
    const sink = yield* open(next, 0)
    const copy = (from: RecordFile.RecordFile, keeps: (found: Found) => boolean) =>
      RecordFile.scan(from, (records) => {
        const kept = records.filter(({ found }) => keeps(found))
        return kept.length === 0 ? Effect.void : sink.write(Buffer.concat(kept.map(({ bytes }) => bytes)))
      })
    yield* copy(file, (found) => !fresh.has(keyOf(found)))
    yield* copy(retry, isOfHere)
    yield* sink.sync
  })).pipe(
    Effect.zipRight(
      Effect.tryPromise({ try: () => Fs.rename(next.path, file.path), catch: CliError.unwritable(file.path) })
    )
  )
}
