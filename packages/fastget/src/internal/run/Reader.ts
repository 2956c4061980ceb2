/**
 * Takes entries out of the input, a Stream or an Iterable, no more at once than
 * it is asked for (a Stream gives whole chunks), and puts them into the backlog
 * while the run has room. The scope owns the stream or the iterator.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Entries, Entry } from "../../Entry.js"
import type { Backlog } from "./Backlog.js"
import type { Outbox } from "./Outbox.js"

/**
 * Reads some entries: at least one, and at most `max` from an Iterable. Fails
 * with None at the end of the input, with Some when the input fails.
 */
export type Reader<Id, E, R> = (max: number) => Effect.Effect<ReadonlyArray<Entry<Id>>, Option.Option<E>, R>

/**
 * A reader of the entries. An iterator that was not read to its end is told so
 * (`return`) when the scope closes; one that throws is a defect.
 */
export const make = <Id, E = never, R = never>(
  entries: Entries<Id, E, R>
): Effect.Effect<Reader<Id, E, R>, never, Scope.Scope | R> =>
  Symbol.iterator in entries ? ofIterable<Id, E, R>(entries) : ofStream(entries)

const ofStream = <Id, E, R>(
  entries: Stream.Stream<Entry<Id>, E, R>
): Effect.Effect<Reader<Id, E, R>, never, Scope.Scope | R> =>
  Effect.map(Stream.toPull(entries), (pull) => () => Effect.map(pull, (chunk) => Array.from(chunk, toEntry)))

const ofIterable = <Id, E, R>(
  entries: Iterable<Entry<Id>>
): Effect.Effect<Reader<Id, E, R>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const iterator = entries[Symbol.iterator]()
    // How the iterator ended, once it has.
    let ended: Effect.Effect<never, Option.Option<never>> | undefined
    yield* Effect.addFinalizer(() => Effect.sync(() => ended === undefined && iterator.return?.()))
    return (max) =>
      Effect.suspend(() => {
        const read: Array<Entry<Id>> = []
        while (ended === undefined && read.length < max) {
          try {
            const next = iterator.next()
            if (next.done === true) ended = Effect.fail(Option.none())
            else read.push(toEntry(next.value))
          } catch (error) {
            // What was read before it threw is given first.
            ended = Effect.die(error)
          }
        }
        return ended !== undefined && read.length === 0 ? ended : Effect.succeed(read)
      })
  })

// What is no pair (types can be wrong at the edges of a program) is a bad entry, not a crash.
const toEntry = <Id>(entry: Entry<Id>): Entry<Id> =>
  Array.isArray(entry) ? entry : [entry as unknown as Id, undefined as unknown as string]

/** What reading needs of its run. */
export interface Options<Id, A, B, E, R2> {
  readonly outbox: Outbox<Id, A, B, E, R2>
  readonly backlog: Backlog<Id>
  /** How many entries the backlog is to hold. */
  readonly ahead: () => number
  /** The most that is read at once. */
  readonly inputChunkSize: number
  /** Called with the time when the input is asked for entries, and with Infinity when it has answered. */
  readonly onAsked: (at: number) => void
}

/** Reads entries into the backlog until the input ends, while the run has room and no more ahead than `ahead`. */
export const readInto = <Id, A, B, E, R, R2>(
  entries: Entries<Id, E, R>,
  { ahead, backlog, inputChunkSize, onAsked, outbox }: Options<Id, A, B, E, R2>
): Effect.Effect<void, never, R> =>
  Effect.scoped(Effect.gen(function*() {
    const read = yield* make(entries)
    while (true) {
      // Before looking, so that no change between the look and the wait is missed.
      outbox.watch()
      const room = outbox.room()
      const wanted = Math.min(room, ahead() - backlog.size(), inputChunkSize)
      // At the bound no more entries come, so that chunks don't wait for them.
      backlog.setOpen(room > 0)
      if (wanted <= 0) {
        yield* outbox.changed
        continue
      }
      onAsked(performance.now())
      const exit = yield* Effect.exit(read(wanted))
      onAsked(Infinity)
      if (Exit.isFailure(exit)) {
        backlog.setOpen(false)
        return outbox.inputEnded(endOf(exit.cause))
      }
      outbox.taken(exit.value.length)
      backlog.add(exit.value)
    }
  }))

/** The end of an input is its success. */
const endOf = <E>(cause: Cause.Cause<Option.Option<E>>): Exit.Exit<void, E> =>
  Option.match(Cause.flipCauseOption(cause), {
    onNone: () => Exit.void,
    onSome: (cause) => Exit.failCause(cause)
  })
