/**
 * Where the outcomes of a chunk go, by the sink of its job. Outcomes come in as
 * they arrive; `finish` writes what is left and marks the chunk as done.
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { JobOutcome, Service as OwnSink } from "../../FetchSink.js"
import * as FolderSink from "./FolderSink.js"
import type { Sink } from "./JobOptions.js"
import type { Counts, JobStore, NamedChunk } from "./JobStore.js"
import * as TableSink from "./TableSink.js"
import type { RunnerBytes } from "./WaitingRows.js"
import { WaitingRows } from "./WaitingRows.js"

/** A chunk could not be fetched, or its sink did not take it. `message` is for the user. */
export class ChunkFailed extends Data.TaggedError("ChunkFailed")<{ readonly message: string }> {}

export type Failure = ChunkFailed | SqlError

export interface ChunkWriter {
  readonly write: (outcomes: ReadonlyArray<JobOutcome>) => Effect.Effect<void, Failure>
  readonly finish: (counts: Counts) => Effect.Effect<void, Failure>
}

export interface Sinks {
  readonly store: JobStore
  readonly table: Effect.Effect.Success<typeof TableSink.make>
  /** What waits for the table in all chunks of the runner. */
  readonly waiting: RunnerBytes
  /** The one of the runner, if it was given one. */
  readonly own: OwnSink | undefined
}

/** The writer of a chunk. What it has opened is closed with the scope. */
export const make = (
  sinks: Sinks,
  sink: Sink,
  chunk: NamedChunk
): Effect.Effect<ChunkWriter, ChunkFailed, Scope.Scope> => {
  switch (sink._tag) {
    case "Table":
      return intoTable(sinks, chunk)
    case "Folder":
      return intoFolder(sinks, sink.folder, chunk)
    case "Own":
      return sinks.own === undefined
        ? new ChunkFailed({ message: "the job's sink is \"own\", and this runner has no FetchSink" })
        : Effect.succeed(intoOwn(sinks, sinks.own, chunk))
  }
}

const intoTable = ({ store, table, waiting }: Sinks, chunk: NamedChunk) =>
  Effect.gen(function*() {
    const rows = new WaitingRows(waiting)
    const written = Effect.sync(() => rows.written())
    yield* Effect.addFinalizer(() => written)
    const writeRows = Effect.suspend(() => Effect.ensuring(table.write(chunk.job, rows.take()), written))
    return {
      write: (outcomes) =>
        Effect.suspend(() => {
          rows.add(outcomes.map(TableSink.rowOf))
          return rows.isTooMuch() ? store.whileOpen(chunk, writeRows) : Effect.void
        }),
      finish: (counts) => store.finish(chunk, counts, writeRows)
    } satisfies ChunkWriter
  })

const intoFolder = ({ store }: Sinks, folder: string, chunk: NamedChunk) =>
  Effect.map(Effect.mapError(FolderSink.open(folder, chunk), failedBy), ({ close, place, write }): ChunkWriter => ({
    write: (outcomes) => Effect.mapError(write(outcomes), failedBy),
    finish: (counts) =>
      // In the transaction, so that a chunk that is another one's by now, or was removed, leaves no file.
      Effect.zipRight(Effect.mapError(close, failedBy), store.finish(chunk, counts, Effect.mapError(place, failedBy)))
  }))

const intoOwn = ({ store }: Sinks, sink: OwnSink, chunk: NamedChunk): ChunkWriter => ({
  write: (outcomes) => Effect.mapError(sink.write({ job: chunk.job, outcomes }), failedBy),
  finish: (counts) => store.finish(chunk, counts, Effect.void)
})

const failedBy = (error: unknown): ChunkFailed => {
  const { cause, message } = error as { readonly cause?: unknown; readonly message?: string }
  const said = cause instanceof Error ? cause.message : message
  return new ChunkFailed({ message: `the sink failed: ${said ?? String(error)}` })
}
