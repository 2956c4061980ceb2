/**
 * The part of a client's stream that an owner has: one run of the runner's own
 * FastGet, which all chunks of the stream join. It begins with the first of them
 * and ends when none was there for a while, or when the owner ends.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as FastGet from "fastget/FastGet"
import type { StreamOptions } from "fastget/FastGetConfig"
import type { Answer } from "fastget/Outcome"
import type { FetchPayload } from "../protocol/OriginEntity.js"
import { OwnedChunk } from "./OwnedChunk.js"

/** An entry of the run: its chunk, and its index there. */
type Place = readonly [chunk: OwnedChunk, index: number]

/** Bytes of answers that wait for the client. With more than this the run gets no further ones, and in turn asks for none. */
const mostWaiting = 32 * 1024 * 1024

/** A chunk that its client did not ask for in so many milliseconds has no client any more. */
const forgottenAfter = 60_000

/** A run without chunks is kept for so many milliseconds. */
const keptFor = 2000

export interface OwnedRun {
  /** Begins a chunk, or finds the one that has begun. */
  readonly fetch: (payload: FetchPayload) => OwnedChunk
  readonly chunk: (number: number) => OwnedChunk | undefined
  /** Forgets chunks. Where none is left their requests end at once, else when they are answered. */
  readonly drop: (numbers: ReadonlyArray<number>) => void
  /** No further request begins. */
  readonly drain: () => void
  /** Forgets chunks whose client is gone. Whether the run has had none for a while, and can be closed. */
  readonly isUnused: () => boolean
}

/** The run, in the scope. It serves what has the settings of this first payload. */
export const make = (
  service: FastGet.Service,
  first: FetchPayload,
  layerRate: Rate
): Effect.Effect<OwnedRun, never, Scope.Scope> =>
  Effect.gen(function*() {
    const entries = yield* Mailbox.make<readonly [Place, string]>()
    const drained = yield* Deferred.make<void>()
    const room = yield* Effect.makeLatch(true)
    const chunks = new Map<number, OwnedChunk>()
    let waiting = 0
    let usedAt = performance.now()

    const onTaken = (bytes: number) => {
      waiting -= bytes
      if (waiting < mostWaiting) room.unsafeOpen()
    }
    const receive = ([[chunk, index], answer]: readonly [Place, Answer]) => {
      waiting += chunk.add(index, answer)
      if (waiting >= mostWaiting) room.unsafeClose()
    }
    const drop = (numbers: ReadonlyArray<number>) => {
      for (const number of numbers) {
        const chunk = chunks.get(number)
        if (chunk === undefined) continue
        chunk.drop()
        chunks.delete(number)
        usedAt = performance.now()
      }
    }
    yield* service.run({
      ...raw,
      entries: Mailbox.toStream(entries),
      options: optionsOf(first, layerRate),
      as: first.as,
      withHeaders: first.withHeaders,
      drain: Deferred.await(drained)
    }).pipe(
      Stream.runForEachChunk((batch) => {
        for (const one of batch) receive(one)
        return room.await
      }),
      Effect.ensuring(Effect.sync(() => chunks.forEach((chunk) => chunk.end()))),
      Effect.forkScoped
    )
    return {
      fetch: ({ chunk: number, urls }) => {
        usedAt = performance.now()
        const known = chunks.get(number)
        if (known !== undefined) return known
        const chunk = new OwnedChunk({ entries: urls.length, onTaken })
        chunks.set(number, chunk)
        entries.unsafeOfferAll(urls.map((url, index) => [[chunk, index], url] as const))
        return chunk
      },
      chunk: (number) => chunks.get(number),
      drop,
      drain: () => Deferred.unsafeDone(drained, Exit.void),
      isUnused: () => {
        const now = performance.now()
        for (const [number, chunk] of chunks) {
          if (!chunk.isAsked() && now - chunk.askedAt > forgottenAfter) drop([number])
        }
        return chunks.size === 0 && now - usedAt > keptFor
      }
    }
  })

/** What a run of answers as they are has instead of values. */
const raw = {
  failFast: false,
  logged: false,
  decode: Either.right,
  emit: (place: Place, _url: string, _result: unknown, answer: Answer) => [place, answer] as const
}

/**
 * The settings of a chunk, as options of a stream. A rate that is above the
 * layer's is left out: the layer's holds for all of its streams.
 */
const optionsOf = ({ quick, rate, settings }: FetchPayload, layer: Rate): StreamOptions => {
  const { deadline, headers, headersElsewhere = {}, ...others } = settings
  return {
    ...others,
    deadline: deadline === Infinity ? "none" : deadline,
    // Those that stay behind at a redirect to another origin are the ones a stream is given as secrets.
    headers: Record.map(headers, (value, name) => name in headersElsewhere ? value : Redacted.make(value)),
    fastPath: quick,
    ...(rate === undefined || isAbove(rate, layer) ? undefined : { rate: asOption(rate) })
  }
}

type Rate = FetchPayload["rate"]

const asOption = ({ burst, per, requests }: NonNullable<Rate>) => ({
  requests,
  per,
  ...(burst === undefined ? undefined : { burst })
})

const isAbove = (rate: NonNullable<Rate>, layer: Rate): boolean =>
  layer !== undefined && rate.requests / rate.per > layer.requests / layer.per
