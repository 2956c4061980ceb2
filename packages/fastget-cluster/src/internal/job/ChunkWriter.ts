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
import type { ChunkKey, Counts, JobStore } from "./JobStore.js"
import type * as TableSink from "./TableSink.js"

/** A sink did not take what it was given. `message` is for the user. */
export class SinkFailed extends Data.TaggedError("SinkFailed")<{ readonly message: string }> {}

export type Failure = SinkFailed | SqlError

export interface ChunkWriter {
  readonly write: (outcomes: ReadonlyArray<JobOutcome>) => Effect.Effect<void, Failure>
  readonly finish: (counts: Counts) => Effect.Effect<void, Failure>
}

export interface Sinks {
  readonly store: JobStore
  readonly table: Effect.Effect.Success<typeof TableSink.make>
  /** The one of the runner, if it was given one. */
  readonly own: OwnSink | undefined
}

/** The writer of a chunk. What it has opened is closed with the scope. */
export const make = (sinks: Sinks, sink: Sink, key: ChunkKey): Effect.Effect<ChunkWriter, SinkFailed, Scope.Scope> => {
  switch (sink._tag) {
    case "Table":
      return Effect.succeed(intoTable(sinks, key))
    case "Folder":
      return intoFolder(sinks, sink.folder, key)
    case "Own":
      return sinks.own === undefined
        ? new SinkFailed({ message: "the job's sink is \"own\", and this runner has no FetchSink" })
        : Effect.succeed(intoOwn(sinks, sinks.own, key))
  }
}

/** Bytes of bodies that wait for the end of their chunk, so that all of it is one transaction. */
const mostWaiting = 8 * 1024 * 1024

const intoTable = ({ store, table }: Sinks, key: ChunkKey): ChunkWriter => {
  let waiting: Array<JobOutcome> = []
  let bytes = 0
  const writeWaiting = Effect.suspend(() => {
    const outcomes = waiting
    waiting = []
    bytes = 0
    return table.write({ job: key.job, outcomes })
  })
  return {
    write: (outcomes) =>
      Effect.suspend(() => {
        waiting.push(...outcomes)
        for (const { text } of outcomes) bytes += text?.length ?? 0
        return bytes > mostWaiting ? store.whileOpen(key, writeWaiting) : Effect.void
      }),
    finish: (counts) => store.finish(key, counts, writeWaiting)
  }
}

const intoFolder = ({ store }: Sinks, folder: string, key: ChunkKey) =>
  Effect.map(Effect.mapError(FolderSink.open(folder, key), failedBy), ({ finish, write }): ChunkWriter => ({
    write: (outcomes) => Effect.mapError(write(outcomes), failedBy),
    finish: (counts) => Effect.zipRight(Effect.mapError(finish, failedBy), store.finish(key, counts, Effect.void))
  }))

const intoOwn = ({ store }: Sinks, sink: OwnSink, key: ChunkKey): ChunkWriter => ({
  write: (outcomes) => Effect.mapError(sink.write({ job: key.job, outcomes }), failedBy),
  finish: (counts) => store.finish(key, counts, Effect.void)
})

const failedBy = (error: unknown): SinkFailed => {
  const { cause, message } = error as { readonly cause?: unknown; readonly message?: string }
  const said = cause instanceof Error ? cause.message : message
  return new SinkFailed({ message: `the sink failed: ${said ?? String(error)}` })
}
