/**
 * What comes in: pairs of an id and a URL, from a Stream or an Iterable. They
 * are read no faster than they are fetched (a Stream gives whole chunks), and
 * the run that reads them owns the stream or the iterator.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"

/**
 * An id of any kind, and where to GET its JSON.
 *
 * @since 0.1.0
 * @category models
 */
export type Entry<Id> = readonly [id: Id, url: string | URL]

/**
 * Many entries, all at once or as they come.
 *
 * @since 0.1.0
 * @category models
 */
export type Entries<Id, E = never, R = never> = Stream.Stream<Entry<Id>, E, R> | Iterable<Entry<Id>>

/**
 * @since 0.1.0
 * @category guards
 */
export const isEntries = (u: unknown): u is Entries<unknown, unknown, unknown> =>
  Predicate.hasProperty(u, Stream.StreamTypeId) || (Predicate.isIterable(u) && typeof u !== "string")
