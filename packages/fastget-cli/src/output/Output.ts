/**
 * The output of a run: outcomes and bad rows come in, in batches; whole records
 * leave for stdout, for the files of a journal, and bodies for a folder. A batch
 * is done when it is written, so that the run waits for whoever reads it.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { Outcome } from "fastget/Outcome"
import * as CliError from "../CliError.js"
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"
import type { BadRow, Choice } from "../input/Input.js"
import * as Input from "../input/Input.js"
import type * as Plan from "../Plan.js"
import type { RunStatistics } from "../stats/RunStatistics.js"
import * as BodyFolder from "./BodyFolder.js"
import * as GzipRecords from "./GzipRecords.js"
import * as Journal from "./Journal.js"
import * as OutputFile from "./OutputFile.js"
import type { RecordFormat } from "./RecordFormat.js"
import { badRowMessage } from "./RecordFormat.js"
import * as Sink from "./Sink.js"
import type * as Target from "./Target.js"

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

/** What the runs before have left. */
interface Before {
  readonly isEmpty: boolean
  /** Rows of the input that were left out because they are done. */
  readonly skipped: () => number
  /** Outcomes that stay as they are, and how many of them are failures. */
  readonly kept: () => { readonly outcomes: number; readonly failures: number }
  /** Goes through the input from the start again. */
  readonly restart: () => void
}

/** How often, in milliseconds, what is written is put on the disk: what a power cut may take. */
const syncEvery = 5000

export const open = (
  plan: Plan.Output,
  statistics: RunStatistics
): Effect.Effect<Output, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const { records } = plan.file
    const failureRecords = plan.errors?.records ?? records
    yield* refuseExisting(plan)
    const bodies = plan.folder === undefined ? undefined : yield* BodyFolder.make(plan.folder)
    const { before, choice, close, errors, isTaken, sink } = yield* OutputFile.isPlain(plan.file)
      ? openJournal(plan, plan.file)
      : openStream(plan)
    // Bad rows are written while batches are.
    const turn = yield* Effect.makeSemaphore(1)
    let synced = performance.now()
    let waitsSince: number | undefined

    const putAll = (successes: string, failures: string) =>
      Effect.suspend(() => {
        const askedAt = performance.now()
        waitsSince = askedAt
        const both = errors === undefined
          ? put(statistics, sink, successes + failures)
          : Effect.zipRight(put(statistics, sink, successes), put(statistics, errors, failures))
        return Effect.flatMap(both, () => {
          const now = performance.now()
          statistics.consumerWaited(now - askedAt)
          if (now - synced < syncEvery) return Effect.void
          synced = now
          return syncAll
        })
      }).pipe(
        Effect.ensuring(Effect.sync(() => {
          waitsSince = undefined
        })),
        turn.withPermits(1)
      )

    const syncAll = Effect.zipRight(sink.sync, errors === undefined ? Effect.void : errors.sync)

    const write = (batch: ReadonlyArray<Done>) => {
      let successes = ""
      let failures = ""
      for (const outcome of batch) {
        statistics.record(outcome)
        const { id, result, status, url } = outcome
        if (result._tag === "Right") successes += records.success(id, url, status, result.right)
        else failures += failureRecords.failure(id, url, result.left)
      }
      return putAll(successes, failures)
    }

    return {
      choice,
      before,
      write: bodies === undefined ? write : (batch) => Effect.flatMap(storeBodies(bodies, isTaken, batch), write),
      writeBadRows: (rows) => {
        if (rows.length === 0) return Effect.void
        for (const _ of rows) statistics.badRow()
        return putAll("", rows.map(({ line, problem }) => failureRecords.badRow(line, problem)).join(""))
      },
      finish: Effect.zipRight(syncAll, close),
      // A disk is waited for in any case.
      waitsSince: () => OutputFile.areFiles(plan) ? undefined : waitsSince
    }
  })

const put = (statistics: RunStatistics, to: Sink.Sink, text: string) => {
  if (text === "") return Effect.void
  const bytes = Buffer.from(text)
  return Effect.map(to.write(bytes), () => statistics.written(bytes.length))
}

/** Writes the bodies; their values become the names of the files. */
const storeBodies = (bodies: BodyFolder.BodyFolder, isTaken: Opened["isTaken"], batch: ReadonlyArray<Done>) =>
  Effect.forEach(batch, (outcome) =>
    outcome.result._tag === "Left" ? Effect.succeed(outcome) : Effect.map(
      // Where bodies go into a folder they are wanted as bytes.
      bodies.write(outcome.id, outcome.url, isTaken(outcome.id), outcome.result.right as Uint8Array),
      (name): Done => ({ ...outcome, result: Either.right(name) })
    ), { concurrency: BodyFolder.concurrency })

interface Opened {
  readonly choice: Choice
  readonly before: Before
  /** Whether an outcome that stays has a body by this id. */
  readonly isTaken: (id: EntryId) => boolean
  readonly sink: Sink.Sink
  readonly errors: Sink.Sink | undefined
  readonly close: Effect.Effect<void, Sink.Failure>
}

/** Looked at again now that the output is locked: another run may have ended meanwhile. */
const refuseExisting = (plan: Plan.Output): Effect.Effect<void, CliError.OutputFailed> =>
  Effect.suspend(() => {
    const message = OutputFile.existing(plan)
    return message === undefined ? Effect.void : new CliError.OutputFailed({ message })
  })

/** Opens what nothing is before. */
const openNew = (file: OutputFile.OutputFile): Effect.Effect<Sink.Sink, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    if (OutputFile.isPlain(file)) return yield* Journal.open(OutputFile.recordFile(file), 0)
    const { isGzip, records, target } = file
    const stream = yield* Sink.stream(target as Target.Stream)
    const sink = isGzip ? yield* GzipRecords.over(stream, true) : stream
    if (records.header !== "") yield* sink.write(Buffer.from(records.header))
    return sink
  })

const openStream = ({ errors, file, folder }: Plan.Output): Effect.Effect<Opened, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    return {
      choice: { ...Input.everything, distinguishes: folder !== undefined },
      before: nothingBefore,
      isTaken: () => false,
      sink: yield* openNew(file),
      errors: errors === undefined ? undefined : yield* openNew(errors),
      close: Effect.void
    }
  })

const nothingBefore: Before = {
  isEmpty: true,
  skipped: () => 0,
  kept: () => ({ outcomes: 0, failures: 0 }),
  restart: () => {}
}

const openJournal = (
  { errors, folder, mode, retry }: Plan.Output,
  file: OutputFile.Plain
): Effect.Effect<Opened, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const { records } = file
    const output = OutputFile.recordFile(file)
    // Only plain files are gone on with.
    const failures = errors === undefined || !OutputFile.isPlain(errors) ? undefined : OutputFile.recordFile(errors)
    const files = { output, errors: failures }
    if (mode === "resume") yield* Journal.merge(files)
    else yield* mode === "overwrite" ? Journal.forget(files) : Journal.refuseRetry(files)
    const old = yield* mode === "resume"
      ? Journal.read(files, { wanted: retry?.wanted, withIds: folder !== undefined })
      : Journal.nothing
    // A retry's outcomes wait beside the files until they take the places of the old ones.
    const main = retry === undefined
      ? yield* Journal.open(output, old.lengths[0])
      : yield* Journal.open(Journal.retryFile(output), 0)
    const second = errors === undefined || retry !== undefined
      ? undefined
      : failures === undefined
      ? yield* openNew(errors)
      : yield* Journal.open(failures, old.lengths[1])
    const close = retry === undefined ? Effect.void : Journal.merge(files)
    const isTaken = (id: EntryId) => old.succeeded.has(EntryId_.idOf(id))
    return { ...resume(old, records.idText, retry?.only === true), isTaken, sink: main, errors: second, close }
  })

/** Chooses what has no outcome, unless `onlyAgain`, and what is to be fetched again. */
const resume = (
  { again, failed, outcomes }: Journal.Before,
  idText: RecordFormat["idText"],
  onlyAgain: boolean
): Pick<Opened, "choice" | "before"> => {
  const isEmpty = outcomes.size() === 0
  let skipped = 0
  const choice: Choice = {
    entry: (id, url, line, isNumbered) => {
      if (isEmpty) return onlyAgain ? undefined : id
      const verdict = outcomes.take({ id, idText: idText(EntryId_.idOf(id)), url, line, isNumbered })
      if (verdict._tag === "Done") skipped++
      return verdict._tag === "Done" || (verdict._tag === "New" && onlyAgain) ? undefined : verdict.id
    },
    badRow: (line, problem) => {
      const isDone = outcomes.hasBadRow(line, badRowMessage(line, problem))
      if (isDone) skipped++
      return !isDone && !onlyAgain
    },
    distinguishes: true
  }
  return {
    choice,
    before: {
      isEmpty,
      skipped: () => skipped,
      kept: () => ({
        outcomes: outcomes.size() - outcomes.takenAgain(),
        failures: failed + again - outcomes.takenAgain()
      }),
      restart: () => {
        skipped = 0
        outcomes.restart()
      }
    }
  }
}
