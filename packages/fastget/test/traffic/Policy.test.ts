import * as OriginState from "#internal/traffic/OriginState"
import * as Policy from "#internal/traffic/Policy"
import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Simulation from "./Simulation.js"

const rules = Simulation.rulesOf()

const good = (state: OriginState.OriginState, now: number, fields: Partial<Policy.Answered> = {}) =>
  Policy.answered(state, rules, now, { epoch: state.epoch, startedAt: now - 1, latency: 1, inFlight: 1, ...fields })

const refuse = (state: OriginState.OriginState, now: number, fields: Partial<Policy.Refused> = {}, by = rules) =>
  Policy.refused(state, by, now, {
    epoch: state.epoch,
    startedAt: now - 1,
    status: 429,
    retryAfter: 1000,
    refusals: 0,
    admittedWithin: () => 10,
    random: 0,
    ...fields
  })

/** An origin that has been asked. */
const known = () => {
  const state = OriginState.initial()
  Policy.admit(state, rules, 1000)
  good(state, 1010)
  return state
}

describe("what is decided about an origin", () => {
  it("is nothing until something is refused, fails, or tells a limit", () => {
    expect(Policy.isOrdinary(OriginState.initial())).toBe(false)
    const state = known()
    expect(Policy.isOrdinary(state)).toBe(true)
    Policy.unreachable(state, rules, 1020, { startedAt: 1011 })
    expect(Policy.isOrdinary(state)).toBe(false)
    good(state, 1030)
    expect(Policy.isOrdinary(state)).toBe(true)
    good(state, 1040, { headers: { remaining: 3, reset: 1000, limit: 10, window: 1000 } })
    expect(Policy.isOrdinary(state)).toBe(false)
  })

  it("is to wait where it has refused, for as long as it asks", () => {
    const state = known()
    refuse(state, 2000, { retryAfter: 3000 })
    expect(Policy.isOrdinary(state)).toBe(false)
    expect(Policy.admit(state, rules, 2000)).toBe(3000)
    expect(Policy.admit(state, rules, 4999)).toBe(1)
    expect(Policy.admit(state, rules, 5000)).toBe(0)
  })

  it("sends the entry that closed the gate first when it opens, and those refused with it behind the others", () => {
    const state = known()
    const { epoch } = state
    expect(refuse(state, 2000)).toBe(995)
    expect(refuse(state, 2001, { epoch })).toBe("back")
  })

  it("waits for what is told by headers where nothing else is", () => {
    const state = known()
    refuse(state, 2000, { retryAfter: undefined, headers: { remaining: 0, reset: 7000, limit: 10, window: undefined } })
    expect(Policy.admit(state, rules, 2000)).toBe(7000)
    expect(state.pending).toBe(0)
  })

  it("takes one step for all the refusals of requests that were sent together", () => {
    FastCheck.assert(FastCheck.property(FastCheck.array(FastCheck.boolean(), { maxLength: 100 }), (answers) => {
      const state = known()
      const { epoch } = state
      refuse(state, 2000, { epoch })
      answers.forEach((isGood, n) => {
        if (isGood) good(state, 2001 + n, { epoch })
        else refuse(state, 2001 + n, { epoch, retryAfter: undefined })
      })
      expect(state.epoch).toBe(epoch + 1)
      expect(state.closedUntil).toBe(3000)
      expect(state.level).toBe(0)
    }))
  })

  it("opens fully when the first probe is answered well", () => {
    const state = known()
    refuse(state, 2000)
    expect(Policy.admit(state, rules, 3000)).toBe(0)
    expect(Policy.admit(state, rules, 3000)).toBeGreaterThan(0)
    good(state, 3010)
    expect(Policy.admit(state, rules, 3010)).toBe(0)
  })

  it("sends another probe where the refused one had been refused before, and opens if that is answered well", () => {
    const state = known()
    refuse(state, 2000)
    Policy.admit(state, rules, 3000)
    expect(refuse(state, 3010, { refusals: 1 })).toBe(1000)
    expect(Policy.admit(state, rules, 3010)).toBe(0)
    good(state, 3020)
    expect(state.closedUntil).toBe(0)
    expect(state.own).toBe(1)
  })

  it("closes again if the other probe is refused as well", () => {
    const state = known()
    refuse(state, 2000)
    Policy.admit(state, rules, 3000)
    refuse(state, 3010, { refusals: 1 })
    Policy.admit(state, rules, 3010)
    expect(refuse(state, 3020)).toBe("back")
    expect(Policy.admit(state, rules, 3020)).toBeGreaterThan(900)
    expect(state.own).toBe(0)
  })

  it("lets an entry fail that is refused again and again for its own sake", () => {
    const state = { ...known(), own: 2, ownAt: 1000 }
    const verdicts = [0, 1, 2, 3, 4].map((refusals) => refuse(state, 2000, { refusals, retryAfter: undefined }))
    expect(verdicts).toEqual([500, 1000, 2000, 4000, "fail"])
    expect(Policy.admit(state, rules, 2000)).toBe(0)
  })

  it("is the ordinary way of a failure for 503 without Retry-After, and for all where throttle is off", () => {
    const state = known()
    expect(refuse(state, 2000, { status: 503, retryAfter: undefined })).toBe("fail")
    expect(Policy.admit(state, rules, 2000)).toBe(0)
    expect(refuse(state, 2000, {}, Simulation.rulesOf({ throttle: undefined }))).toBe("fail")
    expect(Policy.admit(state, rules, 2000)).toBe(0)
    expect(refuse(state, 2000, { status: 503 })).not.toBe("fail")
    expect(Policy.admit(state, rules, 2000)).toBe(1000)
  })

  it("gives up where nothing was answered well for too long: entries end, but for a probe", () => {
    const state = known()
    const short = Simulation.rulesOf({ throttle: { giveUpAfter: 10_000 } })
    const verdicts: Array<Policy.Verdict> = []
    let now = 2000
    for (; state.downSince === 0; now += Policy.admit(state, short, now) || 5) {
      verdicts.push(refuse(state, now, { retryAfter: undefined }, short))
    }
    expect(verdicts.pop()).toBe("fail")
    expect(verdicts).not.toContain("fail")
    expect(state.downSince - 2000).toBeGreaterThan(9000)
    const { skipped } = state
    expect(Policy.admit(state, short, state.downSince)).toBe(-1)
    expect(state.skipped).toBe(skipped + 1)
    const probeAt = Math.max(state.nextProbeAt, state.closedUntil)
    expect(Policy.admit(state, short, probeAt)).toBe(0)
    good(state, probeAt + 5)
    expect(Policy.admit(state, short, probeAt + 5)).toBeGreaterThanOrEqual(0)
    expect(state.downSince).toBe(0)
  })

  it("gives up where it is asked to wait for longer than that, by one and by a probe after it", () => {
    const state = known()
    const { epoch } = state
    expect(refuse(state, 2000, { retryAfter: 3_600_000 })).toBe("fail")
    expect(refuse(state, 2001, { retryAfter: 3_600_000, epoch })).toBe("fail")
    expect(Policy.admit(state, rules, 2001)).toBeLessThan(600)
    expect(Policy.admit(state, rules, 2600)).toBe(0)
    expect(refuse(state, 2610, { retryAfter: 3_600_000 })).toBe("fail")
    expect(Policy.admit(state, rules, 2610)).toBe(-1)
    // It probes no sooner than it was asked.
    expect(Policy.admit(state, rules, 3_600_000)).toBe(-1)
    expect(Policy.admit(state, rules, 3_602_610)).toBe(0)
  })

  it("does not give an origin up for one entry that is asked to wait for an hour", () => {
    const state = known()
    refuse(state, 2000, { retryAfter: 3_600_000 })
    expect(Policy.admit(state, rules, 2600)).toBe(0)
    good(state, 2610)
    expect(Policy.admit(state, rules, 2610 + 200)).toBe(0)
  })

  it("ends entries of an origin that is down, but for one from time to time", () => {
    const state = OriginState.initial()
    for (let n = 0; n < 10; n++) Policy.unreachable(state, rules, 3000, { startedAt: 1000 })
    expect(Policy.admit(state, rules, 3000)).toBe(-1)
    expect(Policy.admit(state, rules, 4000)).toBe(0)
    expect(Policy.admit(state, rules, 4000)).toBe(-1)
    good(state, 4010)
    expect(Policy.admit(state, rules, 4010)).toBe(0)
  })

  it("gives back a probe that was not sent, and a probe of one that is down", () => {
    const state = known()
    refuse(state, 2000)
    expect(Policy.admit(state, rules, 3000)).toBe(0)
    Policy.refund(state, rules)
    expect(Policy.admit(state, rules, 3000)).toBe(0)
    const down = OriginState.initial()
    for (let n = 0; n < 10; n++) Policy.unreachable(down, rules, 3000, { startedAt: 1000 })
    expect(Policy.admit(down, rules, 4000)).toBe(0)
    Policy.refund(down, rules)
    expect(Policy.admit(down, rules, 4000)).toBe(0)
  })

  it("keeps the rule's rate while it learns another", () => {
    const rate = { requests: 10, per: 1000, burst: undefined }
    const limited = Simulation.rulesOf({ rate })
    const state = OriginState.initial()
    expect(Policy.admit(state, limited, 1000)).toBe(0)
    expect(Policy.admit(state, limited, 1000)).toBeGreaterThan(0)
    Policy.refund(state, limited)
    expect(Policy.admit(state, limited, 1000)).toBe(0)
  })

  it("is as many at once as there are connections, or fewer where that is adaptive", () => {
    const state = OriginState.initial()
    expect(Policy.inFlightLimit(state, rules)).toBe(64)
    expect(Policy.inFlightLimit(state, Simulation.rulesOf({ adaptive: true }))).toBe(8)
  })
})

/** What threads do, in any order: ask, be answered well, be refused, get no answer, give back, wait. */
const steps = FastCheck.array(
  FastCheck.record({
    what: FastCheck.constantFrom("ask", "ask", "ask", "good", "refused", "unreachable", "refund", "wait"),
    millis: FastCheck.integer({ min: 0, max: 3000 }),
    retryAfter: FastCheck.option(FastCheck.integer({ min: 0, max: 5000 }), { nil: undefined }),
    refusals: FastCheck.integer({ min: 0, max: 6 })
  }),
  { maxLength: 300, size: "max" }
)

type Step = (typeof steps) extends FastCheck.Arbitrary<ReadonlyArray<infer S>> ? S : never

const rule = { requests: 20, per: 1000, burst: 5 }

/** Threads that share the state of an origin, and what came of it. */
class Threads {
  readonly state = OriginState.initial()
  readonly sent: Array<number> = []
  /** Requests that were sent before the gate opened. */
  tooEarly = 0
  /** Answers of `admit` that `look` did not foresee. */
  surprises = 0
  private readonly rules = Simulation.rulesOf({ rate: rule })
  private readonly underWay: Array<{ epoch: number; startedAt: number }> = []
  private now = 1000

  step({ millis, refusals, retryAfter, what }: Step): void {
    const { now, rules, state } = this
    if (what === "wait") this.now += millis
    else if (what === "ask") this.ask()
    else {
      const request = this.underWay.shift()
      if (request === undefined) return
      if (what === "good") Policy.answered(state, rules, now, { ...request, latency: 1, inFlight: 1, refusals })
      else if (what === "unreachable") Policy.unreachable(state, rules, now, request)
      else if (what === "refused") {
        refuse(state, now, { ...request, retryAfter, refusals, admittedWithin: () => this.sent.length }, rules)
      } else if (request.startedAt === now && request.epoch === state.epoch) {
        Policy.refund(state, rules)
        this.sent.splice(this.sent.lastIndexOf(now), 1)
      }
    }
  }

  private ask(): void {
    const { closedUntil, epoch } = this.state
    const foreseen = Policy.look(this.state, this.rules, this.now)
    const said = Policy.admit(this.state, this.rules, this.now)
    if (said !== foreseen) this.surprises++
    if (said !== 0) return
    if (this.now < closedUntil) this.tooEarly++
    this.underWay.push({ epoch, startedAt: this.now })
    this.sent.push(this.now)
  }
}

/** How many more were sent in some window than the rule has for it. */
const tooMany = (sent: ReadonlyArray<number>): number =>
  Math.max(
    0,
    ...sent.flatMap((to, n) =>
      sent.slice(0, n + 1).map((from, first) =>
        n + 1 - first - rule.burst - Math.floor((to - from) * rule.requests / rule.per + 1e-6)
      )
    )
  )

describe("whatever threads do, in any order", () => {
  it("sends nothing while the gate is closed, and no faster than the rule; each number stays one", () => {
    FastCheck.assert(
      FastCheck.property(steps, (steps) => {
        const threads = new Threads()
        for (const step of steps) threads.step(step)
        expect(threads.tooEarly).toBe(0)
        expect(threads.surprises).toBe(0)
        expect(tooMany(threads.sent)).toBe(0)
        expect(Object.values(threads.state).filter((value) => Number.isNaN(value))).toEqual([])
      }),
      { numRuns: 500 }
    )
  })
})
