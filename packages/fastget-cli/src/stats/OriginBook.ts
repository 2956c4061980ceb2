/**
 * What servers said of their limits in a run: what the library knows of the
 * origins comes in every quarter of a second, and one summary for each origin
 * that held the run up goes out. At most 1,024 origins are kept.
 */
import type { OriginTraffic } from "fastget/FetchPool"

/** An origin that refused requests for their rate, or that is down. */
export interface OriginSummary {
  /** Without the scheme: `api.example.com`. */
  readonly host: string
  readonly origin: string
  /** Entries that wait for it now. */
  readonly waiting: number
  /** Milliseconds until it is asked again. */
  readonly opensIn: number
  /** Milliseconds that its last refusal asked for. */
  readonly askedFor: number | undefined
  /** Requests a second that it seems to bear, as it was learned last. */
  readonly rate: number | undefined
  readonly refusals: number
  readonly answered: number
  readonly downSince: number | undefined
  readonly skipped: number
  /** For how many milliseconds entries waited for it, because it had refused some. */
  readonly heldUp: number
}

const most = 1024

/** An origin's summary, and what the library told of it last. */
interface Entry {
  readonly summary: OriginSummary
  readonly told: OriginTraffic
}

export class OriginBook {
  private readonly known = new Map<string, Entry>()
  private last: ReadonlyArray<OriginTraffic> = []
  private at = 0

  /** What is known at a moment; gives how many requests were refused since the one before. */
  record(at: number, origins: ReadonlyArray<OriginTraffic>): number {
    const since = Math.max(0, at - this.at)
    this.at = at
    this.last = origins
    let refused = 0
    for (const told of origins) {
      if (told.refusals === 0 && told.skipped === 0 && told.downSince === undefined) continue
      const before = this.known.get(told.origin)
      if (before === undefined && this.known.size >= most) continue
      const summary = next(told, before, since)
      refused += summary.refusals - (before?.summary.refusals ?? 0)
      this.known.set(told.origin, { summary, told })
    }
    return refused
  }

  /** Those that held the run up longest first, then those that skipped most. */
  list(): ReadonlyArray<OriginSummary> {
    return Array.from(this.known.values(), ({ summary }) => summary).sort((a, b) =>
      b.heldUp - a.heldUp || b.skipped - a.skipped || b.refusals - a.refusals
    )
  }

  /** All origins as they were told last, also those that held nothing up. */
  all(): ReadonlyArray<OriginTraffic> {
    return this.last
  }
}

const next = (told: OriginTraffic, before: Entry | undefined, since: number): OriginSummary => {
  const { askedFor, downSince, learnedRate, opensIn, origin, waiting } = told
  // An origin that the library forgot for a while counts from 0 again.
  const total = (count: "answered" | "refusals" | "skipped"): number => {
    if (before === undefined) return told[count]
    const isAnew = told[count] < before.told[count]
    return before.summary[count] + told[count] - (isAnew ? 0 : before.told[count])
  }
  const isHeldUp = waiting > 0 && (opensIn > 0 || learnedRate !== undefined)
  return {
    host: origin.replace(/^https?:\/\//, ""),
    origin,
    waiting,
    opensIn,
    askedFor: askedFor ?? before?.summary.askedFor,
    rate: learnedRate ?? before?.summary.rate,
    refusals: total("refusals"),
    answered: total("answered"),
    downSince,
    skipped: total("skipped"),
    heldUp: (before?.summary.heldUp ?? 0) + (isHeldUp ? since : 0)
  }
}
