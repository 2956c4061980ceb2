/**
 * The files of an output, across runs: what is in them already, where they are
 * gone on with, and how the outcomes of `--retry-failed` take the places of the
 * old ones.
 *
 * A run appends whole records. After a crash the last may be a part of one: it
 * is cut off before the file is gone on with. The outcomes of a retry go into a
 * file of their own beside the output, `FILE.retry`, which is merged at the end
 * of the run, or by the next one after a crash: both files are written anew
 * under another name and renamed, and `FILE.retry` goes last, so that it can be
 * done again from any point.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs/promises"
import * as CliError from "./CliError.js"
import * as IdSet from "./IdSet.js"
import * as OldOutcomes from "./OldOutcomes.js"
import type { Wanted } from "./Reasons.js"
import * as RecordFile from "./RecordFile.js"
import type { Found, RecordFormat } from "./RecordFormat.js"
import { keyOf } from "./RecordFormat.js"
import * as Sink from "./Sink.js"

export interface Files {
  readonly output: string
  /** Where the failures go, if not there. */
  readonly errors: string | undefined
}

/** What the files hold. */
export interface Before {
  readonly outcomes: OldOutcomes.OldOutcomes
  /** Ids of successes, where they are wanted. */
  readonly succeeded: IdSet.IdSet
  /** Failures that stay as they are, and those that are to be fetched again. */
  readonly failed: number
  readonly again: number
  /** How long the files are without a part of a record. */
  readonly lengths: readonly [output: number, errors: number]
}

export const retryFile = (output: string): string => `${output}.retry`

/** Reads what the runs before have left. */
export const read = (
  { errors, output }: Files,
  format: RecordFormat,
  { wanted, withIds }: { readonly wanted: Wanted | undefined; readonly withIds: boolean }
): Effect.Effect<Before, CliError.OutputFailed> =>
  Effect.gen(function*() {
    const outcomes = OldOutcomes.make()
    const succeeded = IdSet.make()
    let failed = 0
    let again = 0
    const one = (found: Found) => {
      const isAgain = wanted?.(found) === true
      outcomes.add(found, isAgain)
      if (isAgain) again++
      else if (!found.ok) failed++
      if (withIds && found.ok) succeeded.add(format.plainId(found.idText))
    }
    const scan = (name: string) =>
      RecordFile.scan(name, format, (records) => Effect.sync(() => records.forEach(({ found }) => one(found))))
    const lengths = [yield* scan(output), errors === undefined ? 0 : yield* scan(errors)] as const
    return { outcomes, succeeded, failed, again, lengths }
  })

/** What a new output has before it: nothing. */
export const nothing: Effect.Effect<Before> = Effect.sync(() => ({
  outcomes: OldOutcomes.make(),
  succeeded: IdSet.make(),
  failed: 0,
  again: 0,
  lengths: [0, 0]
}))

/** Opens a file to write from `length` on, and cuts off what is after that. A new file gets the format's header. */
export const open = (
  name: string,
  format: RecordFormat,
  length: number
): Effect.Effect<Sink.Sink, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const { handle, isFile } = yield* Effect.acquireRelease(
      Effect.tryPromise({
        // Not "w": what is there is cut by length, and only then.
        try: async () => {
          const handle = await Fs.open(name, Fs.constants.O_RDWR | Fs.constants.O_CREAT, 0o666)
          return { handle, isFile: (await handle.stat()).isFile() }
        },
        catch: CliError.unwritable(name)
      }),
      ({ handle }) => Effect.ignore(Effect.tryPromise(() => handle.close()))
    )
    if (isFile) yield* Effect.tryPromise({ try: () => handle.truncate(length), catch: CliError.unwritable(name) })
    const sink = Sink.file(handle.fd, name, isFile ? length : undefined)
    if (length === 0 && format.header !== "") yield* sink.write(Buffer.from(format.header))
    return sink
  })

/** Drops what a retry of an output that is replaced has left. */
export const forget = ({ output }: Files): Effect.Effect<void, Sink.Failure> =>
  Effect.tryPromise({
    try: () => Fs.rm(retryFile(output), { force: true }),
    catch: CliError.unwritable(retryFile(output))
  })

/** Puts the outcomes of `FILE.retry`, if there are any, in the places of the old ones. */
export const merge = ({ errors, output }: Files, format: RecordFormat): Effect.Effect<void, Sink.Failure> =>
  Effect.gen(function*() {
    const retry = retryFile(output)
    const fresh = IdSet.make()
    yield* RecordFile.scan(
      retry,
      format,
      (records) => Effect.sync(() => records.forEach(({ found }) => fresh.add(keyOf(found))))
    )
    if (fresh.size() > 0) {
      yield* rewrite(output, retry, format, fresh, (found) => errors === undefined || found.ok)
      if (errors !== undefined) yield* rewrite(errors, retry, format, fresh, (found) => !found.ok)
    }
    yield* Effect.tryPromise({ try: () => Fs.rm(retry, { force: true }), catch: CliError.unwritable(retry) })
  }).pipe(Effect.uninterruptible)

/** Writes a file anew: its records that are not in `fresh`, and those of the retry that belong here. */
const rewrite = (
  name: string,
  retry: string,
  format: RecordFormat,
  fresh: IdSet.IdSet,
  isOfHere: (found: Found) => boolean
): Effect.Effect<void, Sink.Failure> => {
  const next = `${name}.next`
  return Effect.scoped(Effect.gen(function*() {
    const sink = yield* open(next, format, 0)
    const copy = (from: string, keeps: (found: Found) => boolean) =>
      RecordFile.scan(from, format, (records) => {
        const kept = records.filter(({ found }) => keeps(found))
        return kept.length === 0 ? Effect.void : sink.write(Buffer.concat(kept.map(({ bytes }) => bytes)))
      })
    yield* copy(name, (found) => !fresh.has(keyOf(found)))
    yield* copy(retry, isOfHere)
    yield* sink.sync
  })).pipe(
    Effect.zipRight(Effect.tryPromise({ try: () => Fs.rename(next, name), catch: CliError.unwritable(name) }))
  )
}
