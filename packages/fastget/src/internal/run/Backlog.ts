/**
 * Entries taken from the input and not yet sent to a worker, oldest first. The
 * reader adds them; each worker's feeder takes chunks of them. A chunk leaves
 * when it is full, when its worker is idle, when its first entry has waited
 * `chunkWithin`, or when the input can give no more (its end, its failure, the
 * bound). The run's scope owns the timer.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Entry } from "../../Entry.js"
import * as SliceQueue from "../base/SliceQueue.js"

/** Who takes chunks. It is asked each time something changed. */
export interface Taker<Id> {
  /** The largest chunk it can take now; 0 when it can take none. */
  readonly room: () => number
  /** Whether it has nothing to do. */
  readonly idle: () => boolean
  /** Whether it has had a chunk before. */
  readonly served: () => boolean
  /** A chunk of its own that goes before all others, if it has one and can take it now. */
  readonly own: () => ReadonlyArray<Entry<Id>> | undefined
  /** It has been given so many entries. */
  readonly took: (entries: number) => void
}

export interface Options {
  /** The longest time an entry waits for its chunk to fill, in milliseconds. */
  readonly within: number
  /** Entries to keep for workers that are about to be ready, from takers that were served. */
  readonly reserved: () => number
  /** Called after entries have left. */
  readonly onTaken: () => void
}

/** An empty backlog. */
export const make = <Id>(options: Options): Effect.Effect<Backlog<Id>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const filling = yield* Effect.makeLatch(false)
    const backlog = new Backlog<Id>(options, filling)
    yield* filling.await.pipe(
      Effect.zipRight(Effect.sleep(options.within)),
      Effect.zipRight(filling.close),
      Effect.zipRight(Effect.sync(() => backlog.waitedLongEnough())),
      Effect.forever,
      Effect.forkScoped
    )
    return backlog
  })

interface Waiting<Id> {
  readonly taker: Taker<Id>
  readonly resume: (chunk: ReadonlyArray<Entry<Id>>) => void
}

export class Backlog<Id> {
  private readonly queue = SliceQueue.make<Entry<Id>>()
  private readonly again: Array<ReadonlyArray<Entry<Id>>> = []
  private readonly waiting = new Set<Waiting<Id>>()
  private isOpen = true
  /** Whether the oldest entries have waited `within`. */
  private isLate = false

  /** `filling` is opened when entries begin to wait for their chunk to fill. */
  constructor(private readonly options: Options, private readonly filling: Effect.Latch) {}

  size(): number {
    return this.queue.size()
  }

  /** Adds entries that were read. */
  add(entries: ReadonlyArray<Entry<Id>>): void {
    this.queue.add(entries)
    this.wake()
    if (this.queue.size() > 0) this.filling.unsafeOpen()
  }

  /** Puts back entries whose worker was lost: they leave first, and to whoever has room. */
  putBack(chunk: ReadonlyArray<Entry<Id>>): void {
    this.again.push(chunk)
    this.wake()
  }

  /** Tells whether more entries may come. While they may, chunks wait to fill. */
  setOpen(isOpen: boolean): void {
    this.isOpen = isOpen
    this.wake()
  }

  waitedLongEnough(): void {
    this.isLate = this.queue.size() > 0
    this.wake()
  }

  /** Waits for a chunk. A taker that is idle gets what there is, shared with the other idle ones. */
  take(taker: Taker<Id>): Effect.Effect<ReadonlyArray<Entry<Id>>> {
    return Effect.async<ReadonlyArray<Entry<Id>>>((resume) => {
      const waiter: Waiting<Id> = { taker, resume: (chunk) => resume(Effect.succeed(chunk)) }
      this.waiting.add(waiter)
      this.wake()
      return Effect.sync(() => this.waiting.delete(waiter))
    })
  }

  /** Looks again who can take what, the idle ones first. To be called when a taker's room has grown. */
  readonly wake = (): void => {
    let taken = false
    for (const idle of [true, false]) {
      for (const waiter of this.waiting) {
        if (waiter.taker.idle() !== idle) continue
        const chunk = this.chunkFor(waiter.taker)
        if (chunk === undefined) continue
        this.waiting.delete(waiter)
        waiter.taker.took(chunk.length)
        taken = true
        waiter.resume(chunk)
      }
    }
    if (this.queue.size() === 0) this.isLate = false
    if (taken) this.options.onTaken()
  }

  private chunkFor(taker: Taker<Id>): ReadonlyArray<Entry<Id>> | undefined {
    const own = taker.own()
    if (own !== undefined) return own
    const room = taker.room()
    if (room === 0) return undefined
    return this.again.length > 0 ? this.takeAgain(room) : this.takeNew(taker, room)
  }

  private takeAgain(room: number): ReadonlyArray<Entry<Id>> {
    const chunk = this.again.shift()!
    if (chunk.length > room) this.again.unshift(chunk.slice(room))
    return chunk.slice(0, room)
  }

  private takeNew(taker: Taker<Id>, room: number): ReadonlyArray<Entry<Id>> | undefined {
    const available = this.queue.size() - (taker.served() ? this.options.reserved() : 0)
    if (available <= 0) return undefined
    if (taker.idle()) return this.queue.take(Math.min(room, Math.ceil(available / this.idleTakers())))
    const isDue = available >= room || this.isLate || !this.isOpen
    return isDue ? this.queue.take(Math.min(room, available)) : undefined
  }

  private idleTakers(): number {
    let count = 0
    for (const { taker } of this.waiting) if (taker.idle() && taker.room() > 0) count++
    return count
  }
}
