/**
 * The output of a run: outcomes and bad rows come in, in batches; whole records
 * leave for stdout, for the files of a journal, and bodies for a folder. A batch
 * is done when it is written, so that a slow reader slows down the run.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { Outcome } from "fastget/Outcome"
import * as CliError from "../CliError.js"
import type { EntryId } from "../input/EntryId.js"
import type { BadRow, Choice } from "../input/Input.js"
import type { RunStatistics } from "../stats/RunStatistics.js"
import * as BodyFolder from "./BodyFolder.js"
import * as OpenedOutput from "./OpenedOutput.js"
import * as OutputFile from "./OutputFile.js"
import type { RecordFormat } from "./RecordFormat.js"
import * as RecordWriter from "./RecordWriter.js"
import type { Needs } from "./ResultValue.js"
import type { Before } from "./Resumption.js"
import type * as Sink from "./Sink.js"

export interface Options extends Omit<OpenedOutput.Options, "hasFolder"> {
  readonly folder: BodyFolder.Options | undefined
  readonly needs: Needs
}

/** An outcome whose value `ResultValue` has made. */
export type Done = Outcome<EntryId, unknown>

export interface Output {
  /** The rows that are still to be done. A row that is asked for is taken off what is left to be asked for. */
  readonly choice: Choice
  readonly before: Before
  readonly write: (batch: ReadonlyArray<Done>) => Effect.Effect<void, Sink.Failure>
  readonly writeBadRows: (rows: ReadonlyArray<BadRow>) => Effect.Effect<void, Sink.Failure>
  /** Puts everything on the disk and in its place. */
  readonly finish: Effect.Effect<void, Sink.Failure>
  /** Since when, by `performance.now`, a write has waited for the reader of a stream; undefined while none waits. */
  readonly waitsSince: () => number | undefined
}

export const open = (
  options: Options,
  statistics: RunStatistics
): Effect.Effect<Output, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    yield* refuseExisting(options)
    const bodies = options.folder === undefined ? undefined : yield* BodyFolder.make(options.folder)
    const opened = yield* OpenedOutput.open({ ...options, hasFolder: bodies !== undefined })
    const writer = yield* RecordWriter.make(opened, statistics)
    const records = options.file.records
    const failureRecords = options.errors?.records ?? records
    const write = (batch: ReadonlyArray<Done>) => {
      for (const outcome of batch) statistics.record(outcome)
      const [successes, failures] = textsOf(batch, records, failureRecords)
      return writer.write(successes, failures)
    }
    return {
      choice: opened.choice,
      before: opened.before,
      write: bodies === undefined
        ? write
        : (batch) => Effect.flatMap(storeBodies(bodies, opened.isTaken, batch), write),
      writeBadRows: (rows) => {
        if (rows.length === 0) return Effect.void
        for (const _ of rows) statistics.badRow()
        return writer.write("", rows.map(({ line, problem }) => failureRecords.badRow(line, problem)).join(""))
      },
      finish: Effect.zipRight(writer.sync, opened.close),
      // A disk is waited for in any case.
      waitsSince: () => OutputFile.areFiles(options) ? undefined : writer.waitsSince()
    }
  })

/** The records of a batch. */
const textsOf = (
  batch: ReadonlyArray<Done>,
  records: RecordFormat,
  failureRecords: RecordFormat
): readonly [successes: string, failures: string] => {
  let successes = ""
  let failures = ""
  for (const { id, result, status, url } of batch) {
    if (result._tag === "Right") successes += records.success(id, url, status, result.right)
    else failures += failureRecords.failure(id, url, result.left)
  }
  return [successes, failures]
}

/** Writes the bodies of the successes; each then has the name of its file for its value. */
const storeBodies = (
  bodies: BodyFolder.BodyFolder,
  isTaken: (id: EntryId) => boolean,
  batch: ReadonlyArray<Done>
): Effect.Effect<ReadonlyArray<Done>, CliError.OutputFailed> =>
  Effect.forEach(batch, (outcome) =>
    outcome.result._tag === "Left" ? Effect.succeed(outcome) : Effect.map(
      // Where bodies go into a folder they are wanted as bytes.
      bodies.write(outcome.id, outcome.url, isTaken(outcome.id), outcome.result.right as Uint8Array),
      (name): Done => ({ ...outcome, result: Either.right(name) })
    ), { concurrency: BodyFolder.concurrency })

/** Looked at again now that the output is locked: another run may have ended meanwhile. */
const refuseExisting = (options: Options): Effect.Effect<void, CliError.OutputFailed> =>
  Effect.suspend(() => {
    const message = OutputFile.existing(options)
    return message === undefined ? Effect.void : new CliError.OutputFailed({ message })
  })
