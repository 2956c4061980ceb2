/**
 * The policies of one origin, in one thread: each runs while the slot of the
 * origin is locked, on the numbers in it. As long as there is nothing to decide
 * the threads go by without the lock. What one of them learns that lets the
 * others begin sooner than they think is told by their bells.
 */
import * as AnswerCounts from "./AnswerCounts.js"
import type { Connections, Place } from "./Connections.js"
import type * as OriginState from "./OriginState.js"
import type { LimitHeaders, Rules, Verdict } from "./Policy.js"
import * as Policy from "./Policy.js"
import * as TableLayout from "./TableLayout.js"
import type { End } from "./TrafficControl.js"

/** One answer of so many is asked for the headers that tell a limit, where the one before had none. */
const headersEvery = 32

/** By how many milliseconds a wait must be shorter than was said, so that others are told. */
const worthTelling = 5

export interface Options {
  readonly place: Place
  readonly rules: Rules
  readonly now: () => number
  readonly random: () => number
  /** How many requests are under way, over all threads. */
  readonly inFlight: () => number
  /** Requests under way, where their number is found by what the answers say. */
  readonly flights: Connections | undefined
}

export class SharedPolicy {
  readonly state: OriginState.OriginState
  /** The epoch of the last request that was admitted. */
  epoch = 0
  private readonly base: number
  private readonly words: Int32Array
  /** Whether there is always something to decide. */
  private readonly isRuled: boolean
  private withoutHeaders = 0
  private readonly withoutRate: Rules

  constructor(private readonly options: Options) {
    const { place: { slot, table }, rules } = options
    this.words = table.words
    this.base = table.base(slot)
    this.state = table.state(slot)
    this.isRuled = rules.adaptive || rules.rate !== undefined
    this.withoutRate = { ...rules, rate: undefined }
  }

  /** Whether requests may begin without `admit`. */
  isOrdinary(): boolean {
    return !this.isRuled && (Atomics.load(this.words, this.base + TableLayout.slot.flags) & 1) === 0
  }

  /** A turn without a decision. */
  pass(): void {
    // A number of 64 bits is read whole where it is aligned, and of an ordinary origin nobody writes it.
    this.epoch = this.state.epoch
  }

  /** May a request be sent now? As `Policy.admit`. */
  admit(): number {
    const { rules } = this.options
    return this.decide((now) => {
      const turn = Policy.admit(this.state, rules, now)
      this.epoch = this.state.epoch
      return turn
    })
  }

  /** What `admit` would say; where that is that the origin is down, the entry has been told by this. */
  look(): number {
    const { rules } = this.options
    return this.decide((now) => {
      const said = Policy.look(this.state, rules, now)
      return said === -1 ? Policy.admit(this.state, rules, now) : said
    })
  }

  refund(): void {
    if (!this.isOrdinary()) this.decide(() => Policy.refund(this.state, this.options.rules))
  }

  /** Tells the policies how a request ended. */
  feedback(end: End): Verdict {
    const { rules } = this.options
    if (end.status === undefined) return "fail"
    if (end.status === 0) return this.unreachable(end)
    return rules.throttle !== undefined && (end.status === 429 || end.status === 503)
      ? this.refused(end)
      : this.answered(end)
  }

  private answered(end: End): "fail" {
    const { inFlight, now, place: { slot, table, thread }, rules } = this.options
    AnswerCounts.add(table, slot, thread, now())
    const headers = this.headersOf(end)
    if (headers === undefined && this.isOrdinary()) return "fail"
    this.telling((now) => {
      const { epoch, latency, refusals, startedAt } = end
      Policy.answered(this.state, rules, now, { epoch, startedAt, latency, refusals, inFlight: inFlight(), headers })
    })
    return "fail"
  }

  /** Headers are read where an answer had some; else now and then, because to read them takes time. */
  private headersOf(end: End): LimitHeaders | undefined {
    if (this.options.rules.throttle === undefined || this.withoutHeaders-- > 0) return undefined
    const headers = end.limits()
    if (headers === undefined) this.withoutHeaders = headersEvery
    return headers
  }

  private refused(end: End): Verdict {
    const { place: { slot, table }, random, rules } = this.options
    return this.telling((now) => {
      table.setText(slot, "reason", end.reason())
      return Policy.refused(this.state, rules, now, {
        epoch: end.epoch,
        startedAt: end.startedAt,
        status: end.status!,
        retryAfter: end.retryAfter(),
        refusals: end.refusals,
        headers: end.limits(),
        admittedWithin: (millis) => AnswerCounts.within(table, slot, millis, now),
        random: random()
      })
    })
  }

  private unreachable(end: End): "fail" {
    const { place: { slot, table }, rules } = this.options
    this.telling((now) => {
      table.setText(slot, "reason", end.reason())
      Policy.unreachable(this.state, rules, now, { startedAt: end.startedAt })
    })
    return "fail"
  }

  /** Runs with the slot locked, and notes whether there is something to decide then. */
  private decide<A>(f: (now: number) => A): A {
    const { now, place: { slot, table, thread } } = this.options
    return table.locked(slot, thread, () => {
      const result = f(now())
      const flags = this.base + TableLayout.slot.flags
      if (Policy.isOrdinary(this.state)) Atomics.and(this.words, flags, ~1)
      else Atomics.or(this.words, flags, 1)
      return result
    })
  }

  /** The same for what may let others begin sooner than they think: they are rung, and the main thread where it opens or closes. */
  private telling<A>(f: (now: number) => A): A {
    const { flights, place: { slot, table, thread }, rules } = this.options
    const told = new Set<number>()
    const result = this.decide((now) => {
      const before = this.wait(now)
      const isOpen = this.isOpen()
      const result = f(now)
      const after = this.wait(now)
      if (before - after > worthTelling) this.addHeldUp(told)
      if (isOpen !== this.isOpen()) told.add(table.main)
      if (flights !== undefined) {
        for (const other of flights.resize(Policy.inFlightLimit(this.state, rules))) told.add(other)
      }
      return result
    })
    told.delete(thread)
    for (const other of told) table.ring(other, slot)
    return result
  }

  private isOpen(): boolean {
    return this.state.closedUntil === 0 && this.state.downSince === 0
  }

  /** What a request would be told now, but for the rate that is set, which nothing that is learned changes. */
  private wait(now: number): number {
    return Policy.look(this.state, this.withoutRate, now)
  }

  /** Other threads that have entries which are held up by the policies. */
  private addHeldUp(to: Set<number>): void {
    const { slot, table } = this.options.place
    for (let other = 1; other <= table.wire.threads; other++) {
      if (this.words[table.part(slot, other) + TableLayout.thread.waitingEntries]! > 0) to.add(other)
    }
  }

  /** So many entries of this thread are held up by the policies. */
  setHeldUp(entries: number): void {
    const { slot, table, thread } = this.options.place
    this.words[table.part(slot, thread) + TableLayout.thread.waitingEntries] = entries
  }
}
