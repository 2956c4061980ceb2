/**
 * The output of a run: outcomes and bad rows come in, in batches; whole records
 * leave for stdout, for the files of a journal, and bodies for a folder. A batch
 * is done when it is written, so that the run waits for whoever reads it.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { Outcome } from "fastget/Outcome"
import * as BodyFolder from "./BodyFolder.js"
import type { EntryId } from "./EntryId.js"
import * as EntryId_ from "./EntryId.js"
import type { BadRow, Choice } from "./Input.js"
import * as Journal from "./Journal.js"
import type * as Plan from "./Plan.js"
import type { RunStatistics } from "./RunStatistics.js"
import * as Sink from "./Sink.js"

/** An outcome whose value `ResultValue` has made. */
export type Done = Outcome<EntryId, unknown>

export interface Output {
  /** The rows that are still to be done. */
  readonly choice: Choice
  /** Entries that were done before, how many of them have failed for good, and how many are left, where that is known. */
  readonly before: { readonly finished: number; readonly failed: number; readonly toDo: number | undefined }
  readonly write: (batch: ReadonlyArray<Done>) => Effect.Effect<void, Sink.Failure>
  readonly writeBadRows: (rows: ReadonlyArray<BadRow>) => Effect.Effect<void, Sink.Failure>
  /** Puts everything on the disk and in its place. */
  readonly finish: Effect.Effect<void, Sink.Failure>
}

/** How often, in milliseconds, what is written is put on the disk: what a power cut may take. */
const syncEvery = 5000

export const open = (
  plan: Plan.Output,
  statistics: RunStatistics
): Effect.Effect<Output, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const { folder, records } = plan
    const bodies = folder === undefined ? undefined : yield* BodyFolder.make(folder.path, folder.extension)
    const { before, choice, close, errors, sink } = yield* plan.file === undefined
      ? openStdout(plan)
      : openJournal({ ...plan, file: plan.file })
    // Bad rows are written while batches are.
    const turn = yield* Effect.makeSemaphore(1)
    let synced = performance.now()

    const putAll = (successes: string, failures: string) =>
      Effect.suspend(() => {
        const askedAt = performance.now()
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
      }).pipe(turn.withPermits(1))

    const syncAll = Effect.zipRight(sink.sync, errors === undefined ? Effect.void : errors.sync)

    const write = (batch: ReadonlyArray<Done>) => {
      let successes = ""
      let failures = ""
      for (const outcome of batch) {
        statistics.record(outcome)
        const { id, result, status } = outcome
        if (result._tag === "Right") successes += records.success(id, status, result.right)
        else failures += records.failure(id, result.left)
      }
      return putAll(successes, failures)
    }

    return {
      choice,
      before,
      write: bodies === undefined ? write : (batch) => Effect.flatMap(storeBodies(bodies, batch), write),
      writeBadRows: (rows) => {
        if (rows.length === 0) return Effect.void
        for (const _ of rows) statistics.badRow()
        return putAll("", rows.map(({ line, problem }) => records.badRow(line, problem)).join(""))
      },
      finish: Effect.zipRight(syncAll, close)
    }
  })

const put = (statistics: RunStatistics, to: Sink.Sink, text: string) => {
  if (text === "") return Effect.void
  const bytes = Buffer.from(text)
  return Effect.map(to.write(bytes), () => statistics.written(bytes.length))
}

/** Writes the bodies; their values become the names of the files. */
const storeBodies = (bodies: BodyFolder.BodyFolder, batch: ReadonlyArray<Done>) =>
  Effect.forEach(batch, (outcome) =>
    outcome.result._tag === "Left" ? Effect.succeed(outcome) : Effect.map(
      // Where bodies go into a folder they are wanted as bytes.
      bodies.write(outcome.id, outcome.result.right as Uint8Array),
      (name): Done => ({ ...outcome, result: Either.right(name) })
    ), { concurrency: BodyFolder.concurrency })

interface Opened {
  readonly choice: Choice
  readonly before: Output["before"]
  readonly sink: Sink.Sink
  readonly errors: Sink.Sink | undefined
  readonly close: Effect.Effect<void, Sink.Failure>
}

const openStdout = ({ errors, folder, records }: Plan.Output): Effect.Effect<Opened, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const sink = yield* Sink.stdout
    if (records.header !== "") yield* sink.write(Buffer.from(records.header))
    return {
      choice: { entry: () => true, badRow: () => true, distinguishes: folder !== undefined },
      before: { finished: 0, failed: 0, toDo: undefined },
      sink,
      errors: errors === undefined ? undefined : yield* Journal.open(errors, records, 0),
      close: Effect.void
    }
  })

const openJournal = (
  { errors, file, mode, records, retry }: Plan.Output & { readonly file: string }
): Effect.Effect<Opened, Sink.Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const files = { output: file, errors }
    if (mode === "resume") yield* Journal.merge(files, records)
    else yield* Journal.forget(files)
    const { again, failed, finished, lengths } = yield* mode === "resume"
      ? Journal.read(files, records, retry?.wanted)
      : Journal.nothing
    const key = (id: EntryId_.EntryId, line: number | undefined) =>
      EntryId_.key(records.idText(EntryId_.idOf(id)), line)
    const isNew = retry?.only === true ? () => false : (key: string) => !finished.has(key)
    const isFirst = finished.size() === 0 && retry?.only !== true
    const choice: Choice = {
      entry: (id, line) => {
        if (isFirst) return true
        const text = key(id, line)
        return isNew(text) || again.has(text)
      },
      badRow: (line) => isNew(EntryId_.badRowKey(line)),
      distinguishes: true
    }
    const toDo = retry?.only === true ? again.size() : undefined
    const before = { finished: finished.size() - again.size(), failed, toDo }
    // A retry's outcomes wait beside the files until they take the places of the old ones.
    const main = retry === undefined
      ? yield* Journal.open(file, records, lengths[0])
      : yield* Journal.open(Journal.retryFile(file), records, 0)
    const second = errors === undefined || retry !== undefined
      ? undefined
      : yield* Journal.open(errors, records, lengths[1])
    const close = retry === undefined ? Effect.void : Journal.merge(files, records)
    return { choice, before, sink: main, errors: second, close }
  })
