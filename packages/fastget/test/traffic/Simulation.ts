/**
 * A pool and servers in virtual time: discrete events, no timers, all chance by a seed. The policies are the real
 * ones; the pool does what the table does with them.
 */
import * as OriginState from "#internal/traffic/OriginState"
import * as Policy from "#internal/traffic/Policy"

export type Random = () => number

/** Mulberry32: small, and the same on every machine. */
export const random = (seed: number): Random => {
  let state = seed * 2654435761 >>> 0
  return () => {
    state = state + 0x6d2b79f5 >>> 0
    let t = Math.imul(state ^ state >>> 15, state | 1)
    t ^= t + Math.imul(t ^ t >>> 7, t | 61)
    return ((t ^ t >>> 14) >>> 0) / 4294967296
  }
}

/** What a server says to a request. */
export interface Reply {
  /** 0: nothing, the connection breaks. */
  readonly status: number
  /** Milliseconds from its arrival. */
  readonly after: number
  readonly retryAfter?: number | undefined
  readonly headers?: Policy.LimitHeaders | undefined
}

export interface Arrival {
  readonly now: number
  readonly entry: number
  /** Requests at the server that are not answered yet, this one included. */
  readonly inFlight: number
}

export type Server = (arrival: Arrival) => Reply

/** Events in the order of their times; those of the same time in the order in which they were added. */
export class Events {
  now = 1000
  private readonly heap: Array<{ at: number; order: number; run: () => void }> = []
  private order = 0

  at(at: number, run: () => void): void {
    const event = { at: Math.max(at, this.now), order: this.order++, run }
    let i = this.heap.push(event) - 1
    while (i > 0) {
      const parent = i - 1 >> 1
      if (before(this.heap[parent]!, event)) break
      this.heap[i] = this.heap[parent]!
      i = parent
    }
    this.heap[i] = event
  }

  /** Runs until nothing is left, or until `end`. */
  run(end = Infinity): void {
    for (let event = this.next(); event !== undefined && event.at <= end; event = this.next()) {
      this.now = event.at
      event.run()
    }
  }

  private next() {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first === undefined || this.heap.length === 0 || last === undefined) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.heap.length) break
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child++
      if (before(last, this.heap[child]!)) break
      this.heap[i] = this.heap[child]!
      i = child
    }
    this.heap[i] = last
    return first
  }
}

const before = (a: { at: number; order: number }, b: { at: number; order: number }) =>
  a.at < b.at || (a.at === b.at && a.order < b.order)

export interface PoolOptions {
  readonly entries: number
  readonly rules?: Partial<Policy.Rules>
  readonly seed?: number
  /** Milliseconds that a timer fires late, at most. */
  readonly lateness?: number
  /** Milliseconds that a request takes to the server, at most; each takes a time of its own. */
  readonly way?: number
}

export interface Result {
  readonly succeeded: number
  readonly failed: number
  readonly down: number
  readonly requests: number
  readonly refusals: number
  readonly wall: number
  /** When each request was sent. */
  readonly sentAt: ReadonlyArray<number>
  readonly latencies: ReadonlyArray<number>
  /** When each success came. */
  readonly succeededAt: ReadonlyArray<number>
  readonly failedAt: ReadonlyArray<number>
  readonly state: OriginState.OriginState
}

export const rulesOf = (rules: Partial<Policy.Rules> = {}): Policy.Rules => ({
  connections: 64,
  rate: undefined,
  throttle: { giveUpAfter: 900_000 },
  adaptive: false,
  ...rules
})

/** A pool that asks a server for its entries. `result` is complete when the events have run. */
export const pool = (events: Events, server: Server, options: PoolOptions): Result => {
  const rules = rulesOf(options.rules)
  const chance = random(options.seed ?? 1)
  const state = OriginState.initial()
  const result = {
    succeeded: 0,
    failed: 0,
    down: 0,
    requests: 0,
    refusals: 0,
    wall: 0,
    state,
    sentAt: [] as Array<number>,
    latencies: [] as Array<number>,
    succeededAt: [] as Array<number>,
    failedAt: [] as Array<number>
  }
  const start = events.now
  const fresh = Array.from({ length: options.entries }, (_, entry) => entry)
  fresh.reverse()
  const back: Array<number> = []
  const sentBack = new Map<number, number>()
  const answersAt: Array<number> = []
  let inFlight = 0
  let atServer = 0
  let timerAt = Infinity

  const admittedWithin = (millis: number) => {
    let count = 0
    for (let n = answersAt.length - 1; n >= 0 && answersAt[n]! > events.now - millis; n--) count++
    return count
  }
  const end = (how: "succeeded" | "failed" | "down") => {
    result[how]++
    result.wall = events.now - start
    if (how === "succeeded") result.succeededAt.push(events.now - start)
    else result.failedAt.push(events.now - start)
  }
  const serve = (): void => {
    // As a thread does that has no connection: it asks whether the origin is down, and gives the turn back.
    if (inFlight >= Policy.inFlightLimit(state, rules) && Policy.admit(state, rules, events.now) === 0) {
      Policy.refund(state, rules)
    }
    while (inFlight < Policy.inFlightLimit(state, rules) && fresh.length + back.length > 0) {
      const wait = Policy.admit(state, rules, events.now)
      if (wait > 0) {
        const at = events.now + wait
        if (at < timerAt) {
          timerAt = at
          events.at(at + chance() * (options.lateness ?? 0), () => {
            if (timerAt === at) timerAt = Infinity
            serve()
          })
        }
        return
      }
      const entry = fresh.length > 0 ? fresh.pop()! : back.shift()!
      if (wait < 0) end("down")
      else send(entry)
    }
  }
  const send = (entry: number): void => {
    const startedAt = events.now
    const { epoch } = state
    inFlight++
    result.requests++
    result.sentAt.push(startedAt)
    events.at(startedAt + chance() * (options.way ?? 0), () => {
      atServer++
      const reply = server({ now: events.now, entry, inFlight: atServer })
      events.at(events.now + reply.after, () => {
        atServer--
        receive(entry, startedAt, epoch, reply)
      })
    })
  }
  const receive = (entry: number, startedAt: number, epoch: number, reply: Reply): void => {
    const { now } = events
    const atOnce = inFlight--
    const { headers, retryAfter, status } = reply
    if (status === 0) {
      Policy.unreachable(state, rules, now, { startedAt })
      end("failed")
    } else if (status === 429 || status === 503) {
      result.refusals++
      const refusals = sentBack.get(entry) ?? 0
      const verdict = Policy.refused(state, rules, now, {
        epoch,
        startedAt,
        status,
        retryAfter,
        refusals,
        headers,
        admittedWithin,
        random: chance()
      })
      if (verdict === "fail") end("failed")
      else {
        sentBack.set(entry, refusals + 1)
        if (verdict === "back") back.push(entry)
        else {events.at(now + verdict, () => {
            fresh.push(entry)
            serve()
          })}
      }
    } else {
      answersAt.push(now)
      result.latencies.push(now - startedAt)
      Policy.answered(state, rules, now, {
        epoch,
        startedAt,
        latency: now - startedAt,
        inFlight: atOnce,
        headers,
        refusals: sentBack.get(entry)
      })
      end("succeeded")
    }
    serve()
  }
  events.at(start, serve)
  return result
}

/** One pool at one server, until it is done. */
export const run = (server: Server, options: PoolOptions): Result => {
  const events = new Events()
  const result = pool(events, server, options)
  events.run(events.now + 24 * 3_600_000)
  return result
}
