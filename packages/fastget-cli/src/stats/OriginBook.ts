/**
 * What servers said of their limits in a run: what the library knows of the
 * origins comes in every quarter of a second, and one summary for each origin
 * that held the run up goes out. At most 1,024 origins are kept.
 */
import type { OriginTraffic } from "fastget/FetchPool"

/** An origin that refused requests for their rate or asked to be left alone, or that is down. */
export interface OriginSummary {
  /** Without the scheme: `api.example.com`. */
  readonly host: string
  readonly origin: string
  /** Entries that wait for it now. */
  readonly waiting: number
  /** Milliseconds until it is asked again. */
  readonly opensIn: number
  /** Requests a second that it seems to bear: the mean of what was learned, or what it answered while it held entries up if that is less. */
  readonly rate: number | undefined
  readonly refusals: number
  readonly answered: number
  readonly downSince: number | undefined
  readonly skipped: number
  /** For how many milliseconds entries waited for it, because it had asked for it or had refused some. */
  readonly heldUp: number
}

/** For how many milliseconds entries waited for their turn at an origin, by a rate that was set. */
export interface Paced {
  readonly origin: string
  readonly waited: number
}

const most = 1024

/** An origin's summary, and what the library told of it last. */
interface Entry {
  readonly summary: OriginSummary
  /** For how many milliseconds the rate was learned that the mean is of. */
  readonly learnedFor: number
  readonly learned: number | undefined
  /** What was answered while entries waited all the time, and in how many milliseconds. */
  readonly measured: number
  readonly measuredFor: number
  readonly told: OriginTraffic
}

export class OriginBook {
  private readonly known = new Map<string, Entry>()
  private readonly waits = new Map<string, number>()
  private last: ReadonlyArray<OriginTraffic> = []
  private at = 0

  /** What is known at a moment; gives how many requests were refused since the one before. */
  record(at: number, origins: ReadonlyArray<OriginTraffic>): number {
    const since = Math.max(0, at - this.at)
    this.at = at
    this.last = origins
    let refused = 0
    for (const told of origins) {
      if (told.waiting > 0 && !isHeldUp(told)) this.wait(told.origin, since)
      if (told.refusals === 0 && told.skipped === 0 && told.downSince === undefined && !isClosed(told)) continue
      const before = this.known.get(told.origin)
      if (before === undefined && this.known.size >= most) continue
      const entry = next(told, before, since)
      refused += entry.summary.refusals - (before?.summary.refusals ?? 0)
      this.known.set(told.origin, entry)
    }
    return refused
  }

  /** Those that held the run up longest first, then those that skipped most. */
  list(): ReadonlyArray<OriginSummary> {
    return Array.from(this.known.values(), ({ summary }) => summary).sort((a, b) =>
      b.heldUp - a.heldUp || b.skipped - a.skipped || b.refusals - a.refusals
    )
  }

  private wait(origin: string, millis: number): void {
    const before = this.waits.get(origin)
    if (before !== undefined || this.waits.size < most) this.waits.set(origin, (before ?? 0) + millis)
  }

  /** The longest wait first. */
  paced(): ReadonlyArray<Paced> {
    return Array.from(this.waits, ([origin, waited]) => ({ origin, waited })).sort((a, b) => b.waited - a.waited)
  }

  /** All origins as they were told last, also those that held nothing up. */
  all(): ReadonlyArray<OriginTraffic> {
    return this.last
  }
}

const isClosed = ({ opensIn, waiting }: OriginTraffic): boolean => waiting > 0 && opensIn > 0

/** Whether entries wait because of the server, and not for a turn of a rate that was set. */
const isHeldUp = (told: OriginTraffic): boolean =>
  isClosed(told) || (told.waiting > 0 && told.learnedRate !== undefined)

const next = (told: OriginTraffic, before: Entry | undefined, since: number): Entry => {
  const { downSince, learnedRate, opensIn, origin, waiting } = told
  // An origin that the library forgot for a while counts from 0 again.
  const total = (count: "answered" | "refusals" | "skipped"): number => {
    if (before === undefined) return told[count]
    const isAnew = told[count] < before.told[count]
    return before.summary[count] + told[count] - (isAnew ? 0 : before.told[count])
  }
  const { learned = learnedRate, learnedFor = 0, measured = 0, measuredFor = 0, summary } = before ?? {}
  // A rate that is tried for a moment only counts for no more than that moment.
  const timeOfRate = learnedRate === undefined ? 0 : since
  const all = learnedFor + timeOfRate
  const answered = total("answered")
  // Not from the burst before the first wait, which says nothing of a rate.
  const isMeasured = before !== undefined && isHeldUp(before.told) && isHeldUp(told)
  const entry = {
    told,
    learned: all === 0 ? learnedRate ?? learned : ((learned ?? 0) * learnedFor + (learnedRate ?? 0) * timeOfRate) / all,
    learnedFor: all,
    measured: measured + (isMeasured ? answered - before.summary.answered : 0),
    measuredFor: measuredFor + (isMeasured ? since : 0)
  }
  return {
    ...entry,
    summary: {
      host: origin.replace(/^https?:\/\//, ""),
      origin,
      waiting,
      opensIn,
      rate: rateOf(entry),
      refusals: total("refusals"),
      answered,
      downSince,
      skipped: total("skipped"),
      heldUp: (summary?.heldUp ?? 0) + (isHeldUp(told) ? since : 0)
    }
  }
}

/** In milliseconds: what was measured for less is a matter of chance. */
const enough = 2000

/** While a rate is looked for it is tried above what the server bears; what was answered meanwhile is not above it. */
const rateOf = ({ learned, measured, measuredFor }: Omit<Entry, "summary">): number | undefined =>
  measuredFor < enough ? learned : Math.min(learned ?? Infinity, measured / measuredFor * 1000)
