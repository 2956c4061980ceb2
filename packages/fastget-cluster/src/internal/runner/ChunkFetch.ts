/** Fetches the entries of a stored chunk by its job's run, and writes their outcomes to the sink of the job. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FetchError from "fastget/FetchError"
import * as Json from "fastget/Json"
import type { Answer, AnswerResult } from "fastget/Outcome"
import * as Outcome from "fastget/Outcome"
import type { JobOutcome } from "../../FetchSink.js"
import * as ChunkWriter from "../job/ChunkWriter.js"
import type { StoredEntry } from "../job/JobInput.js"
import type { StoredOptions } from "../job/JobOptions.js"
import * as JobOptions from "../job/JobOptions.js"
import type { ChunkKey, Job } from "../job/JobStore.js"
import type { ClientRuns } from "./ClientRuns.js"
import type { Answered } from "./RunChunk.js"
import { StoredChunk } from "./StoredChunk.js"

/** Nothing where the chunk is done already. `onUrls` is told what is asked for. */
export const run = (
  runs: ClientRuns,
  sinks: ChunkWriter.Sinks,
  { id, options }: Pick<Job, "id" | "options">,
  key: ChunkKey,
  onUrls: (urls: ReadonlyArray<string>) => void
): Effect.Effect<void, ChunkWriter.Failure> =>
  Effect.scoped(Effect.gen(function*() {
    const stored = yield* sinks.store.entries(key)
    if (stored === undefined) return
    const entries = JSON.parse(stored) as ReadonlyArray<StoredEntry>
    const writer = yield* ChunkWriter.make(sinks, options.sink, { ...key, job: id })
    const chunk = yield* begin(runs, options, key, entries, onUrls)
    const counts = { succeeded: 0, failed: 0 }
    const write = (answers: ReadonlyArray<Answered>): Effect.Effect<void, ChunkWriter.Failure> => {
      if (answers.length === 0) return new ChunkWriter.ChunkFailed({ message: "the runner's threads have ended" })
      const outcomes = answers.map(([index, answer]) => outcomeOf(entries[index]!, answer, options.as))
      for (const { result } of outcomes) counts[result._tag === "Right" ? "succeeded" : "failed"]++
      return writer.write(outcomes)
    }
    while (counts.succeeded + counts.failed < entries.length) yield* chunk.next(write)
    yield* writer.finish(counts)
  }))

/** The chunk joins the run of its job; when the scope closes before its end its requests have stopped. */
const begin = (
  runs: ClientRuns,
  options: StoredOptions,
  { number, uid }: ChunkKey,
  entries: ReadonlyArray<StoredEntry>,
  onUrls: (urls: ReadonlyArray<string>) => void
) =>
  Effect.gen(function*() {
    const urls = entries.map(([, , url]) => url)
    onUrls(urls)
    const request = { as: options.as, withHeaders: false, options: JobOptions.ofStream(options) } as const
    const run = yield* runs.join({ client: `job ${uid}`, run: 0 }, () => request)
    return yield* Effect.acquireRelease(
      Effect.sync(() => run.add(number, (room) => new StoredChunk(urls, room))),
      () => run.remove([number])
    )
  })

const outcomeOf = ([entry, id, url]: StoredEntry, answer: Answer, as: StoredOptions["as"]): JobOutcome => {
  const { attempts, bytes, elapsed, status } = answer
  const value = as === "json" ? json(answer.result) : text(answer.result)
  return {
    entry,
    id: id as Json.Json,
    url,
    text: value._tag === "Right" ? value.right.text : undefined,
    result: Either.mapBoth(value, {
      onLeft: (reason) =>
        FetchError.make({ id: id as Json.Json, url, reason, attempts, elapsed: Duration.millis(elapsed) }),
      onRight: (success) => success.value
    }),
    status: status === 0 ? undefined : status,
    bytes,
    attempts,
    elapsed
  }
}

/** A success as it is stored, and its value. */
interface Value {
  readonly text: string
  readonly value: Json.Json
}

const textOf = (result: AnswerResult) => Outcome.decode(result, "text") as Either.Either<string, FetchError.Reason>

const text = (result: AnswerResult): Either.Either<Value, FetchError.Reason> =>
  Either.map(textOf(result), (value) => ({ text: JSON.stringify(value), value }))

const json = (result: AnswerResult): Either.Either<Value, FetchError.Reason> => {
  // A value of a worker's own decode has no text of its own.
  if (result._tag === "Value") {
    return Either.right({ text: JSON.stringify(result.value), value: result.value as Json.Json })
  }
  // An empty body gets here only where emptyBody is "null".
  if (result._tag === "Body" && result.body.length === 0) return Either.right({ text: "null", value: null })
  return Either.flatMap(textOf(result), (text) => Either.map(Json.parse(text), (value) => ({ text, value })))
}
