/** Fetches the entries of a stored chunk, and writes their outcomes to the sink of its job. */
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as FastGet from "fastget/FastGet"
import type { FetchError, Reason } from "fastget/FetchError"
import * as FetchErrorModule from "fastget/FetchError"
import * as Json from "fastget/Json"
import type { Outcome } from "fastget/Outcome"
import type { PoolError } from "fastget/PoolError"
import type { JobOutcome } from "../../FetchSink.js"
import * as ChunkWriter from "./ChunkWriter.js"
import type { StoredEntry } from "./JobInput.js"
import type { StoredOptions } from "./JobOptions.js"
import * as JobOptions from "./JobOptions.js"
import type { ChunkKey } from "./JobStore.js"

type Key = readonly [entry: number, id: Json.Json]

/** A success as it is stored, and its value. */
interface Value {
  readonly text: string
  readonly value: Json.Json
}

/** Does so with the FastGet of the runner. It is nothing where the chunk is done already. */
export const run = (
  service: FastGet.Service,
  sinks: ChunkWriter.Sinks,
  options: StoredOptions,
  key: ChunkKey,
  onUrls: (urls: ReadonlyArray<string>) => void
): Effect.Effect<void, ChunkWriter.Failure | PoolError> =>
  Effect.scoped(Effect.gen(function*() {
    const stored = yield* sinks.store.entries(key)
    if (stored === undefined) return
    const writer = yield* ChunkWriter.make(sinks, options.sink, key)
    const counts = { succeeded: 0, failed: 0 }
    const entries = (JSON.parse(stored) as ReadonlyArray<StoredEntry>).map(([entry, id, url]) =>
      [[entry, id as Json.Json] as const, url] as const
    )
    onUrls(entries.map(([, url]) => url))
    yield* fetch(entries, options).pipe(
      Stream.runForEachChunk((some) => {
        const all = Chunk.toReadonlyArray(some).map(jobOutcome)
        for (const { result } of all) counts[result._tag === "Right" ? "succeeded" : "failed"]++
        return writer.write(all)
      }),
      Effect.provideService(FastGet.FastGet, service)
    )
    yield* writer.finish(counts)
  }))

const fetch = (entries: ReadonlyArray<readonly [Key, string]>, options: StoredOptions) => {
  const request = { ...JobOptions.ofStream(options), withHeaders: false }
  return options.as === "json"
    ? FastGet.outcomes(entries, { ...request, parse: asJson })
    : Stream.map(FastGet.outcomes(entries, { ...request, as: "text" }), ({ result, ...outcome }) => ({
      ...outcome,
      result: Either.map(result, (value): Value => ({ text: JSON.stringify(value), value }))
    }))
}

const asJson = (text: string): Either.Either<Value, Reason> =>
  Either.map(Json.parse(text), (value) => ({ text, value }))

const jobOutcome = (
  { attempts, bytes, elapsed, id: [entry, id], result, status, url }: Outcome<Key, Value>
): JobOutcome => ({
  entry,
  id,
  url,
  text: result._tag === "Right" ? result.right.text : undefined,
  result: Either.mapBoth(result, {
    onLeft: (error) => withId(error, id),
    onRight: ({ value }) => value
  }),
  status,
  bytes,
  attempts,
  elapsed: Duration.toMillis(elapsed)
})

/** The same error with the entry's own id, without the number beside it. */
const withId = ({ attempts, elapsed, reason, url }: FetchError, id: Json.Json): FetchError<Json.Json> =>
  FetchErrorModule.make({ id, url, reason, attempts, elapsed })
