/**
 * What becomes of entries whose worker was lost. In come those without an
 * answer and what is known of the end; out comes who goes again like any other,
 * who is suspect and goes alone, and who is given up. One for each run, because
 * an entry may be lost at more than one place. See docs/decisions/0009 and 0014.
 *
 * @since 0.1.0
 */
import type { Entry } from "../../Entry.js"
import type { WorkerLost } from "../../FetchPool.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Verdict<Id> {
  /** These go again at once, with others. */
  readonly innocent: ReadonlyArray<Entry<Id>>
  /** Each of these chunks goes again with nothing beside it. */
  readonly suspect: ReadonlyArray<ReadonlyArray<Entry<Id>>>
  readonly givenUp: ReadonlyArray<Entry<Id>>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface PoisonDetection<Id> {
  /** Of a chunk, the places without an answer; `alone` says whether nothing was beside it. */
  readonly judge: (
    chunk: ReadonlyArray<Entry<Id>>,
    unanswered: ReadonlyArray<number>,
    lost: WorkerLost,
    alone: boolean
  ) => Verdict<Id>
}

/** How often an entry is held innocent: whoever is near when it happens this often is suspect. */
const mostSpared = 10

/** How many workers an entry may end before it is given up. Some ends take seconds of a core, so fewer of them. */
const mostEnded = (cause: WorkerLost["cause"]): number => cause === "stuck" || cause === "out of memory" ? 2 : 3

interface Record {
  /** Workers this entry ended: it was alone, or its own code was running. */
  ended: number
  /** Workers that someone else ended. */
  spared: number
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = <Id>(): PoisonDetection<Id> => {
  // Weak, so that it holds only what is still on its way.
  const records = new WeakMap<Entry<Id>, Record>()
  const recordOf = (entry: Entry<Id>): Record => {
    let record = records.get(entry)
    if (record === undefined) records.set(entry, record = { ended: 0, spared: 0 })
    return record
  }

  const isSpared = (entry: Entry<Id>): boolean => ++recordOf(entry).spared <= mostSpared

  const ended = (entry: Entry<Id>, { cause }: WorkerLost): Verdict<Id> =>
    ++recordOf(entry).ended < mostEnded(cause)
      ? { innocent: [], suspect: [[entry]], givenUp: [] }
      : { innocent: [], suspect: [], givenUp: [entry] }

  /** Nothing is known: as a whole where another chunk may be to blame, else in halves. */
  const divide = (entries: ReadonlyArray<Entry<Id>>, lost: WorkerLost, alone: boolean): Verdict<Id> => {
    if (entries.length === 0) return nothing
    if (!alone) return { innocent: [], suspect: [entries], givenUp: [] }
    if (entries.length === 1) return ended(entries[0]!, lost)
    const half = Math.ceil(entries.length / 2)
    return { innocent: [], suspect: [entries.slice(0, half), entries.slice(half)], givenUp: [] }
  }

  const spare = (entries: ReadonlyArray<Entry<Id>>, lost: WorkerLost, alone: boolean): Verdict<Id> => {
    const innocent: Array<Entry<Id>> = []
    const others: Array<Entry<Id>> = []
    for (const entry of entries) (isSpared(entry) ? innocent : others).push(entry)
    return { ...divide(others, lost, alone), innocent }
  }

  return {
    judge: (chunk, unanswered, lost, alone) => {
      const { blame } = lost
      const entriesAt = (places: ReadonlyArray<number>) => places.map((place) => chunk[place]!)
      if (blame === undefined) return divide(entriesAt(unanswered), lost, alone)
      // What was suspect before stays so, unless its culprit is found.
      if (blame === "elsewhere" || !unanswered.includes(blame)) {
        const { innocent, suspect, ...rest } = spare(entriesAt(unanswered), lost, alone)
        return alone && innocent.length > 0
          ? { ...rest, innocent: [], suspect: [innocent, ...suspect] }
          : { ...rest, innocent, suspect }
      }
      const others = spare(entriesAt(unanswered.filter((place) => place !== blame)), lost, alone)
      const culprit = ended(chunk[blame]!, lost)
      return {
        innocent: others.innocent,
        suspect: [...culprit.suspect, ...others.suspect],
        givenUp: [...culprit.givenUp, ...others.givenUp]
      }
    }
  }
}

const nothing = { innocent: [], suspect: [], givenUp: [] } as const
