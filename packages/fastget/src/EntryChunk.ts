/**
 * Entries into chunks. The reader puts entries into a `Backlog`; each worker's
 * feeder takes chunks out of it. A chunk leaves when it is full, when its
 * worker is idle, when its first entry has waited `chunkWithin`, or when the
 * input can give no more (its end, its failure, the bound).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as BufferedBytes from "./BufferedBytes.js"
import type { Entry } from "./Entry.js"
import type { Settings } from "./FastGetConfig.js"
import type { As } from "./Outcome.js"
import * as SliceQueue from "./SliceQueue.js"

/**
 * Of the settings, what a worker needs for a chunk. Plain data.
 *
 * @since 0.1.0
 * @category wire
 */
export interface GetSettings extends
  Pick<
    Settings,
    "timeout" | "deadline" | "retry" | "headers" | "maxRedirects" | "maxBodyBytes" | "emptyBody" | "decodeTimeout"
  >
{
  /** Of the headers those that go along to another origin; none where it is missing. */
  readonly headersElsewhere?: Settings["headers"]
}

/**
 * A chunk on its way to a worker. The ids stay behind; an outcome names its
 * entry by the place in `urls`.
 *
 * @since 0.1.0
 * @category wire
 */
export interface WireChunk {
  /** The stream's number; a worker serves streams in turn. */
  readonly run: number
  readonly as: As
  /** Whether outcomes carry the response's headers. */
  readonly withHeaders: boolean
  /** The worker's share of `connectionsPerOrigin`. */
  readonly connections: number
  /** The worker's share of `maxConnections`. */
  readonly connectionsInAll: number
  /** Whether a client that can may take the quick path. */
  readonly quick: boolean
  readonly settings: GetSettings
  /** Whether the run may be drained, so that its worker has to look for it. */
  readonly drainable: boolean
  /** The run's count of bytes, in memory the threads share. */
  readonly buffered: BufferedBytes.Wire
  readonly urls: ReadonlyArray<string>
}

/**
 * Who takes chunks. It is asked each time something changed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Taker<Id> {
  /** The largest chunk it can take now; 0 when it can take none. */
  readonly room: () => number
  /** Whether it has nothing to do. */
  readonly idle: () => boolean
  /** Whether it has had a chunk before. */
  readonly served: () => boolean
  /** A chunk of its own that goes before all others, if it has one and can take it now. */
  readonly own: () => ReadonlyArray<Entry<Id>> | undefined
}

/**
 * Entries taken from the input and not yet sent to a worker, oldest first.
 *
 * @since 0.1.0
 * @category models
 */
export interface Backlog<Id> {
  readonly size: () => number
  /** Adds entries that were read. */
  readonly add: (entries: ReadonlyArray<Entry<Id>>) => void
  /** Puts back entries whose worker was lost: they leave first, and to whoever has room. */
  readonly putBack: (chunk: ReadonlyArray<Entry<Id>>) => void
  /** Tells whether more entries may come. While they may, chunks wait to fill. */
  readonly setOpen: (open: boolean) => void
  /** Waits for a chunk. A taker that is idle gets what there is, shared with the other idle ones. */
  readonly take: (taker: Taker<Id>) => Effect.Effect<ReadonlyArray<Entry<Id>>>
  /** Looks again who can take what. To be called when a taker's room has grown. */
  readonly wake: () => void
}

/**
 * An empty backlog.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeBacklog = <Id>(options: {
  /** The longest time an entry waits for its chunk to fill, in milliseconds. */
  readonly within: number
  /** Entries to keep for workers that are about to be ready, from takers that were served. */
  readonly reserved: () => number
  /** Called after entries have left. */
  readonly onTaken: () => void
}): Effect.Effect<Backlog<Id>, never, Scope.Scope> =>
  Effect.gen(function*() {
    interface Waiting {
      readonly taker: Taker<Id>
      readonly resume: (chunk: ReadonlyArray<Entry<Id>>) => void
    }
    const queue = SliceQueue.make<Entry<Id>>()
    const putBack: Array<ReadonlyArray<Entry<Id>>> = []
    const waiting = new Set<Waiting>()
    const filling = yield* Effect.makeLatch(false)
    let open = true
    let late = false

    const idleTakers = () => {
      let count = 0
      for (const { taker } of waiting) if (taker.idle() && taker.room() > 0) count++
      return count
    }

    const chunkFor = (taker: Taker<Id>): ReadonlyArray<Entry<Id>> | undefined => {
      const own = taker.own()
      if (own !== undefined) return own
      const room = taker.room()
      if (room === 0) return undefined
      const again = putBack.shift()
      if (again !== undefined) {
        if (again.length > room) putBack.unshift(again.slice(room))
        return again.slice(0, room)
      }
      const available = queue.size() - (taker.served() ? options.reserved() : 0)
      if (available <= 0) return undefined
      if (taker.idle()) return queue.take(Math.min(room, Math.ceil(available / idleTakers())))
      return available >= room || late || !open ? queue.take(Math.min(room, available)) : undefined
    }

    const wake = () => {
      let taken = false
      for (const idle of [true, false]) {
        for (const waiter of waiting) {
          if (waiter.taker.idle() !== idle) continue
          const chunk = chunkFor(waiter.taker)
          if (chunk === undefined) continue
          waiting.delete(waiter)
          taken = true
          waiter.resume(chunk)
        }
      }
      if (queue.size() === 0) late = false
      if (taken) options.onTaken()
    }

    yield* filling.await.pipe(
      Effect.zipRight(Effect.sleep(options.within)),
      Effect.zipRight(filling.close),
      Effect.zipRight(Effect.sync(() => {
        late = queue.size() > 0
        wake()
      })),
      Effect.forever,
      Effect.forkScoped
    )

    return {
      size: queue.size,
      wake,
      add: (entries) => {
        queue.add(entries)
        wake()
        if (queue.size() > 0) filling.unsafeOpen()
      },
      putBack: (chunk) => {
        putBack.push(chunk)
        wake()
      },
      setOpen: (value) => {
        open = value
        wake()
      },
      take: (taker) =>
        Effect.async<ReadonlyArray<Entry<Id>>>((resume) => {
          const waiter: Waiting = { taker, resume: (chunk) => resume(Effect.succeed(chunk)) }
          waiting.add(waiter)
          wake()
          return Effect.sync(() => waiting.delete(waiter))
        })
    }
  })
