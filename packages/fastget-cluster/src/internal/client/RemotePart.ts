/**
 * The part of a chunk that one owner fetches: sends it, and asks for its answers
 * until it has all of them. When the owner is lost, whoever is the next one gets
 * what is unanswered, so that each entry has one answer, whatever dies. Answers
 * leave by a callback.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { WireBatch, WireChunk } from "fastget/FetchPool"
import type { RunBytes } from "fastget/platform/RemoteChunk"
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import { PoolError } from "fastget/PoolError"
import type { Answers, ChunkName, FetchPayload, OriginEntity, Reply } from "../protocol/OriginEntity.js"
import { protocol } from "../protocol/OriginEntity.js"
import type { FinishedChunks } from "./FinishedChunks.js"

/** The owner of a partition, wherever it is. */
type Owner = ReturnType<Effect.Effect.Success<typeof OriginEntity.client>>

export interface PartOptions {
  readonly owner: Owner
  readonly lanes: number
  /** How long to wait for the answer to one message, in milliseconds, until the cluster counts as dead. */
  readonly runnerTimeout: number
  readonly bytes: RunBytes
  /** A name that no message to fetch had before. */
  readonly name: () => ChunkName
  /** Chunks that this owner may forget. */
  readonly finished: FinishedChunks
  /** Takes answers, by their indices in the part. */
  readonly onBatch: (batch: WireBatch) => void
}

/** How long, in milliseconds, to wait where a message was not taken, or an owner ended without an answer. */
const againAfter = 50

/** How often, in milliseconds, a stream that may be drained is looked at. */
const lookEvery = 20

/** Fetches the URLs of a chunk's part. Ends when each has its answer, or will have none because the stream is drained. */
export const fetch = (
  chunk: WireChunk,
  urls: ReadonlyArray<string>,
  options: PartOptions
): Effect.Effect<void, PoolError> =>
  Effect.gen(function*() {
    let open = urls.map((_, index) => index)
    while (open.length > 0 && !options.bytes.isDrained()) {
      const asked = open
      const answered = new Set<number>()
      const indexOf = (index: number) => {
        answered.add(asked[index]!)
        return asked[index]!
      }
      yield* fetchFromOne(chunk, asked.map((index) => urls[index]!), {
        ...options,
        onBatch: (batch) => options.onBatch(RemoteChunk.renumber(batch, indexOf))
      })
      open = asked.filter((index) => !answered.has(index))
      // Where it is lost, the next one may not know yet that it is the owner; where its pool has ended, it needs a new one.
      if (answered.size === 0 && !options.bytes.isDrained()) yield* Effect.sleep(againAfter)
    }
  })

/** Fetches them from whoever owns them now, until that one has no more answers, or is another one. */
const fetchFromOne = (
  { as, drainable, quick, rate, settings, withHeaders }: WireChunk,
  urls: ReadonlyArray<string>,
  options: PartOptions
): Effect.Effect<void, PoolError> =>
  Effect.suspend(() => {
    const { bytes, finished, lanes, onBatch, owner } = options
    const name = options.name()
    const payload: FetchPayload = {
      ...name,
      protocol,
      lanes,
      finished: finished.take(),
      as,
      quick,
      withHeaders,
      settings,
      urls,
      ...(rate === undefined ? undefined : { rate })
    }
    const more = (taken: number): Effect.Effect<Reply, PoolError> =>
      Effect.suspend(() => {
        const isDrained = bytes.isDrained()
        const ask = answered(options, owner.More({ ...name, taken, isDrained }))
        return isDrained ? ask : unlessDrained(ask, taken)
      })
    // The owner is told at once that the stream is drained, and not only with the next question.
    const unlessDrained = (ask: Effect.Effect<Reply, PoolError>, taken: number) =>
      drainable ? Effect.raceFirst(ask, Effect.zipRight(drained(bytes), more(taken))) : ask
    const receive = (reply: Reply): Effect.Effect<void, PoolError> => {
      if (reply._tag === "Refused") return Effect.fail(refused(reply, lanes))
      if (reply._tag === "Unknown") return Effect.void
      onBatch(wireBatch(reply))
      if (!reply.isLast) {
        const isFree = drainable ? Effect.raceFirst(free(bytes), drained(bytes)) : free(bytes)
        return Effect.flatMap(Effect.zipRight(isFree, more(reply.number)), receive)
      }
      finished.add(name.chunk)
      return Effect.void
    }
    return unlessDrained(answered(options, owner.Fetch(payload)), 0).pipe(
      Effect.flatMap(receive),
      Effect.onInterrupt(() => Effect.sync(() => finished.drop(name.chunk)))
    )
  })

/** Waits until the consumer has taken enough that more may be received. */
const free = (bytes: RunBytes): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (!bytes.isSpent()) return resume(Effect.void)
    return Effect.sync(bytes.onFree(() => resume(Effect.void)))
  })

const drained = (bytes: RunBytes): Effect.Effect<void> =>
  Effect.suspend(() => bytes.isDrained() ? Effect.void : Effect.zipRight(Effect.sleep(lookEvery), drained(bytes)))

/** The answer to a message, which is sent again where the owner is full, or lost its partition meanwhile. */
const answered = (
  { runnerTimeout }: PartOptions,
  message: ReturnType<Owner["Fetch"]>
): Effect.Effect<Reply, PoolError> => {
  const again: Effect.Effect<Reply> = Effect.catchAllCause(
    message,
    (cause) =>
      Cause.isDie(cause) && !Cause.isInterrupted(cause)
        ? Effect.failCause(cause as Cause.Cause<never>)
        : Effect.delay(Effect.suspend(() => again), againAfter)
  )
  // The engine can't be interrupted while it looks for a runner: it is left to do so, and nobody waits for it.
  return Effect.timeoutFail(Effect.disconnect(again), {
    duration: runnerTimeout,
    onTimeout: () => new PoolError({ reason: { _tag: "NoRunner", limit: runnerTimeout } })
  })
}

const refused = (reply: Extract<Reply, { readonly _tag: "Refused" }>, lanes: number): PoolError =>
  new PoolError({
    reason: reply.protocol === protocol
      ? { _tag: "Options", lost: [`lanes: ${lanes}`], advice: `the runners of the cluster have lanes: ${reply.lanes}` }
      : { _tag: "Version", expected: protocol, actual: String(reply.protocol) }
  })

/** A batch with buffers of its own, since those of a message may be views of a larger one. */
const wireBatch = ({ batch: { buffer, large, ...others } }: Answers): WireBatch => ({
  ...others,
  // Owners have all of a chunk: what still waits there holds no other origin up.
  waiting: 0,
  buffer: copied(buffer),
  large: large.map(copied),
  moved: true
})

const copied = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
