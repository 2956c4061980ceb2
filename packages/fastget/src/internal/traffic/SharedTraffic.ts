/**
 * Traffic by the table that the threads of a pool share: the leases of
 * connections, and the policies of each origin. As long as there is nothing to
 * decide and nobody waits, a request costs a look at one word when it begins and
 * two when it ends.
 */
import type { Place } from "./Connections.js"
import { Connections, Total } from "./Connections.js"
import type { OriginState } from "./OriginState.js"
import { initial } from "./OriginState.js"
import type { OriginTable } from "./OriginTable.js"
import * as Table from "./OriginTable.js"
import type { Rules, Verdict } from "./Policy.js"
import * as Rate from "./Rate.js"
import type { RateRule } from "./Rules.js"
import * as SharedClock from "./SharedClock.js"
import { SharedPolicy } from "./SharedPolicy.js"
import * as TableLayout from "./TableLayout.js"
import type { End, OriginTraffic, TrafficControl } from "./TrafficControl.js"
import * as Control from "./TrafficControl.js"

export interface Options {
  readonly table: OriginTable
  /** The number of this thread, from 1. */
  readonly thread: number
  readonly rulesFor: (origin: string) => Rules
  readonly now?: () => number
  readonly random?: () => number
}

export const make = (options: Options): TrafficControl => {
  const { rulesFor, table, thread } = options
  const total = new Total({ table, thread })
  const rung = new Map<number, () => void>()
  let onAll: (() => void) | undefined
  return {
    all: {
      wait: () => total.mark(),
      waitNoMore: () => total.unmark(),
      isWaiting: () => total.isMarked,
      isOwed: (isWanted) => total.isOwed(total.held(), isWanted),
      hasSpare: () => total.spare() > 0,
      giveSpare: () => total.giveSpare(),
      onRung: (listener) => {
        onAll = listener
      }
    },
    takeTurn: (name, rate) => takeTurn(options, name, rate),
    close: table.listen(thread, (slot) => slot === 0 ? onAll?.() : rung.get(slot)?.()),
    enter: (origin, onRung) => {
      const rules = rulesFor(origin)
      const slot = table.enter(origin, rules.connections, thread)
      if (slot === undefined) {
        const own = divided(rules, table.wire.threads)
        return new SharedOrigin(alone(origin, own), own, total, options, () => {})
      }
      rung.set(slot, onRung)
      return new SharedOrigin({ table, slot, thread }, rules, total, options, () => {
        rung.delete(slot)
        table.leave(slot, thread)
      })
    }
  }
}

/** A place for an origin that found none in the table: what is known of it stays in its thread, which has a part of the limits. */
const alone = (origin: string, { connections }: Rules): Place => {
  const table = Table.make({ threads: 1, slots: 2, inAll: Infinity, isShared: false })
  return { table, slot: table.enter(origin, connections, 1)!, thread: 1 }
}

const divided = (rules: Rules, threads: number): Rules => ({
  ...rules,
  connections: Math.max(1, Math.floor(rules.connections / threads)),
  rate: rules.rate === undefined ? undefined : { ...rules.rate, requests: rules.rate.requests / threads }
})

/** The name has a slot of its own, in which its next turn is. Where there is none, each thread has a part of the rate. */
const takeTurn = ({ now = SharedClock.now, table, thread }: Options, name: string, rate: RateRule): number => {
  const slot = table.enter(name, 1, thread)
  if (slot === undefined) return takeOwnTurn(name, { ...rate, requests: rate.requests / table.wire.threads }, now())
  try {
    return table.locked(slot, thread, () => turnOf(table.state(slot), rate, now()))
  } finally {
    table.leave(slot, thread)
  }
}

const turnOf = (state: OriginState, rate: RateRule, now: number): number => {
  const wait = Rate.wait(state, rate, now)
  if (wait === 0) Rate.take(state, rate, now)
  return wait
}

/** Of names that found no slot; the oldest leaves. */
const own = new Map<string, OriginState>()
const mostOwn = 1000

const takeOwnTurn = (name: string, rate: RateRule, now: number): number => {
  const state = own.get(name) ?? initial()
  own.delete(name)
  own.set(name, state)
  if (own.size > mostOwn) own.delete(own.keys().next().value!)
  return turnOf(state, rate, now)
}

class SharedOrigin implements OriginTraffic {
  private readonly connections: Connections
  private readonly flights: Connections | undefined
  private readonly policy: SharedPolicy
  private readonly words: Int32Array
  private readonly flags: number
  private readonly flagsOfAll: number
  private readonly wordsOfAll: Int32Array

  constructor(
    private readonly place: Place,
    readonly rules: Rules,
    private readonly total: Total,
    { now = SharedClock.now, random = Math.random, table }: Options,
    private readonly onClose: () => void
  ) {
    this.connections = new Connections(place, "connections", total)
    this.flights = rules.adaptive ? new Connections(place, "flights", undefined) : undefined
    const inFlight = () => (this.flights ?? this.connections).inAll()
    this.policy = new SharedPolicy({ place, rules, now, random, inFlight, flights: this.flights })
    this.words = place.table.words
    this.flags = place.table.base(place.slot) + TableLayout.slot.flags
    this.wordsOfAll = table.words
    this.flagsOfAll = table.base(0) + TableLayout.slot.flags
  }

  reserve(): number {
    const taken = this.connections.use()
    const { policy } = this
    if (policy.isOrdinary()) {
      policy.pass()
      return outcomes[taken]
    }
    if (taken !== "taken") {
      this.giveFlights()
      const said = policy.look()
      return said === 0 ? outcomes[taken] : said
    }
    const turn = policy.admit()
    if (turn === 0 && (this.flights === undefined || this.flights.use() === "taken")) return Control.granted
    this.connections.release()
    this.giveFlights()
    if (turn !== 0) return turn
    policy.refund()
    return Control.full
  }

  /** Others may have a connection, and wait for this. */
  private giveFlights(): void {
    while (this.flights !== undefined && this.flights.idle() > 0) {
      this.flights.leave()
      this.flights.give()
    }
  }

  refund(): void {
    this.policy.refund()
  }

  epoch(): number {
    return this.policy.epoch
  }

  feedback(end: End): Verdict {
    return this.policy.feedback(end)
  }

  release(isWanted: boolean): void {
    const { connections, flights } = this
    connections.release()
    if (flights === undefined) return
    flights.release()
    // What is not under way is not to count as if it were: the limit is to be reached by requests.
    if (isWanted && !flights.isTooMany() && !flights.isOwed(flights.held(), true)) return
    flights.leave()
    flights.give()
  }

  isQuiet(): boolean {
    return Atomics.load(this.words, this.flags) >> 1 === (this.connections.isMarked ? 1 : 0) &&
      Atomics.load(this.wordsOfAll, this.flagsOfAll) >> 1 === (this.total.isMarked ? 1 : 0)
  }

  owes(isWanted: boolean): "now" | "soon" | "no" {
    const { connections, total } = this
    const held = connections.allowed()
    if (total.isOwed(total.held(), isWanted)) return "now"
    if (!connections.isOwed(held, isWanted)) return "no"
    return !isWanted && connections.isEven(held) ? "soon" : "now"
  }

  idle(): number {
    return this.connections.idle()
  }

  allowed(): number {
    return this.connections.allowed()
  }

  leave(): (isKept: boolean) => void {
    this.connections.leave()
    return (isKept) => this.connections.give(isKept)
  }

  heldUp(entries: number): void {
    this.policy.setHeldUp(entries)
  }

  waitNoMore(): void {
    this.connections.unmark()
    this.flights?.unmark()
    this.giveFlights()
  }

  isUnused(): boolean {
    return this.connections.isUnused()
  }

  close(): void {
    this.onClose()
  }

  whyDown(): Control.Down {
    const { slot, table, thread } = this.place
    // Another thread may be writing what it saw.
    return table.locked(slot, thread, () => {
      const { downSince, gaveUp, skipped } = table.state(slot)
      return { reason: table.text(slot, "reason"), since: downSince, skipped, gaveUp: gaveUp === 1 }
    })
  }
}

const outcomes = { taken: Control.granted, full: Control.full, total: Control.fullInAll } as const
