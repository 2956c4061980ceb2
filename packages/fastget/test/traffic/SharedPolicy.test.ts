import * as AnswerCounts from "#internal/traffic/AnswerCounts"
import { Connections } from "#internal/traffic/Connections"
import type { LimitHeaders, Rules } from "#internal/traffic/Policy"
import { SharedPolicy } from "#internal/traffic/SharedPolicy"
import type { End } from "#internal/traffic/TrafficControl"
import { describe, expect, it } from "@effect/vitest"
import * as CountedTable from "./CountedTable.js"

const ordinary: Rules = { connections: 16, rate: undefined, throttle: { giveUpAfter: 60_000 }, adaptive: false }

/** Two threads at one origin, in virtual time, and the table as the main thread has it. */
const make = (rules: Partial<Rules> = {}) => {
  const all: Rules = { ...ordinary, ...rules }
  const clock = { now: 1_000_000 }
  const tables = CountedTable.make(2)
  const [first, second] = tables.slice(0, 2).map((table) => {
    const { thread } = table
    const slot = table.enter("http://a", all.connections, thread)!
    const place = { table, slot, thread }
    const flights = all.adaptive ? new Connections(place, "flights", undefined) : undefined
    const policy = new SharedPolicy({
      place,
      rules: all,
      now: () => clock.now,
      random: () => 0,
      inFlight: () => flights?.inAll() ?? 1,
      flights
    })
    return { table, slot, policy, flights: flights! }
  }) as unknown as readonly [Thread, Thread]
  return { clock, first, second, main: tables[2]! }
}

interface Thread {
  readonly table: CountedTable.CountedTable
  readonly slot: number
  readonly policy: SharedPolicy
  readonly flights: Connections
}

interface Ended {
  readonly status: number | undefined
  readonly startedAt?: number
  readonly retryAfter?: number
  readonly limits?: () => LimitHeaders | undefined
  readonly latency?: number
}

/** A request of the thread's current epoch ends. */
const ended = (
  { policy }: Thread,
  { latency = 10, limits = () => undefined, retryAfter, startedAt = 1_000_000, status }: Ended
) => {
  const end: End = {
    epoch: policy.epoch,
    startedAt,
    latency,
    status,
    refusals: 0,
    retryAfter: () => retryAfter,
    limits,
    reason: () => `seen ${status}`
  }
  return policy.feedback(end)
}

/** Something has been answered: the origin is an ordinary one. */
const answeredOnce = (rules: Partial<Rules> = {}) => {
  const made = make(rules)
  expect(made.first.policy.admit()).toBe(0)
  ended(made.first, { status: 200 })
  return made
}

/** A hundred answers in a second, to both threads. */
const manyAnswers = ({ clock, first, second }: Pick<ReturnType<typeof make>, "clock" | "first" | "second">) => {
  for (let n = 0; n < 100; n++) {
    clock.now += 10
    ended(n % 2 === 0 ? first : second, { status: 200, startedAt: clock.now })
  }
}

describe("an ordinary origin", () => {
  it("is one that has answered: from then on all threads go by without the lock", () => {
    const { first, second } = make()
    expect([first.policy.isOrdinary(), second.policy.isOrdinary(), first.policy.admit()]).toEqual([false, false, 0])
    ended(first, { status: 200 })
    for (const thread of [first, second]) {
      const locks = thread.table.locksFor(() => {
        expect(thread.policy.isOrdinary()).toBe(true)
        thread.policy.pass()
        expect(ended(thread, { status: 404 })).toBe("fail")
        thread.policy.refund()
      })
      expect(locks).toBe(0)
    }
  })

  it.each<[string, Partial<Rules>]>([
    ["a rate", { rate: { requests: 1, per: 1000, burst: undefined } }],
    ["a number of requests that is found", { adaptive: true }]
  ])("is none where there is %s", (_, rules) => {
    expect(answeredOnce(rules).first.policy.isOrdinary()).toBe(false)
  })

  it("counts the answers of all threads, and not what tells nothing of it", () => {
    const { clock, first, second } = answeredOnce()
    ended(second, { status: 302 })
    ended(second, { status: 200 })
    ended(second, { status: undefined })
    expect(AnswerCounts.inAll(first.table, first.slot)).toBe(3)
    expect(AnswerCounts.within(first.table, first.slot, 1000, clock.now)).toBe(3)
    expect([first.policy.isOrdinary(), first.policy.state.failures]).toEqual([true, 0])
  })

  it("is asked for the headers of a limit now and then, and always where the answer before had some", () => {
    const { first, second } = answeredOnce()
    let asked = 0
    const limits = (told: LimitHeaders | undefined) => () => {
      asked++
      return told
    }
    const answer = (times: number, told?: LimitHeaders) => {
      asked = 0
      for (let n = 0; n < times; n++) ended(second, { status: 200, limits: limits(told) })
      return asked
    }
    expect([answer(1), answer(32), answer(1)]).toEqual([1, 0, 1])
    expect(answer(64, { remaining: 900, reset: 1000, limit: 1000, window: 1000 })).toBe(32)
    expect(answer(2)).toBe(1)
    const without = answeredOnce({ throttle: undefined })
    ended(without.first, { status: 200, limits: limits(undefined) })
    expect([asked, first.policy.isOrdinary()]).toEqual([1, true])
  })
})

describe("a rate", () => {
  it("is one for all threads, and a turn that is not used can be used by another", () => {
    const { clock, first, second } = make({ rate: { requests: 1, per: 1000, burst: undefined } })
    expect(first.policy.admit()).toBe(0)
    const wait = second.policy.admit()
    expect(wait).toBeGreaterThanOrEqual(1000)
    first.policy.refund()
    expect([second.policy.look(), second.policy.admit(), first.policy.admit()]).toEqual([0, 0, wait])
    clock.now += wait
    expect(first.policy.admit()).toBe(0)
  })
})

describe("a refusal", () => {
  it("closes the origin for all threads, tells why, and rings the main one", () => {
    const { first, main, second } = answeredOnce()
    main.rung()
    expect(ended(second, { status: 429, retryAfter: 5000 })).not.toBe("fail")
    expect([first.policy.isOrdinary(), first.policy.admit(), second.policy.look()]).toEqual([false, 5000, 5000])
    expect([first.policy.state.refusals, main.text(first.slot, "reason")]).toEqual([1, "seen 429"])
    expect([main.rung(), first.table.rung(), second.table.rung()]).toEqual([[first.slot], [], []])
  })

  it("is over with the answer to the first request after it, of which those are told who are held up", () => {
    const { clock, first, main, second } = answeredOnce()
    // So many that the rate which is learned has nobody wait.
    manyAnswers({ clock, first, second })
    ended(first, { status: 429, retryAfter: 5000 })
    second.policy.setHeldUp(3)
    clock.now += 5000
    const [probe, other] = [first.policy.admit(), second.policy.admit()]
    expect([probe, other > 0, first.policy.epoch]).toEqual([0, true, 1])
    main.rung()
    ended(first, { status: 200, startedAt: clock.now })
    expect([second.policy.look(), second.table.rung(), main.rung()]).toEqual([0, [first.slot], [first.slot]])
    expect(first.table.rung()).toEqual([])
    // Nobody is told who is not held up any more.
    second.policy.setHeldUp(0)
    ended(first, { status: 429, retryAfter: 5000 })
    clock.now += 6000
    expect(first.policy.admit()).toBe(0)
    ended(first, { status: 200, startedAt: clock.now })
    expect([main.rung(), second.table.rung()]).toEqual([[first.slot], []])
  })

  it("is an ordinary answer where refusals are not heeded, and a 503 that asks for nothing is no matter of the rate", () => {
    const { first, second } = answeredOnce({ throttle: undefined })
    expect([ended(first, { status: 429, retryAfter: 5000 }), second.policy.isOrdinary()]).toEqual(["fail", true])
    const heeded = answeredOnce()
    expect([ended(heeded.first, { status: 503 }), heeded.second.policy.admit()]).toEqual(["fail", 0])
    expect(ended(heeded.first, { status: 503, retryAfter: 700 })).not.toBe("fail")
    expect(heeded.second.policy.admit()).toBe(700)
  })

  it("has a rate learned from the answers of all threads before it", () => {
    const { clock, first, second } = answeredOnce()
    manyAnswers({ clock, first, second })
    ended(first, { status: 429, retryAfter: 1000, startedAt: clock.now })
    // One more or less for the slice of time that is cut.
    expect(Math.abs(second.policy.state.counted - 100)).toBeLessThanOrEqual(1)
    clock.now += 1000
    expect(second.policy.admit()).toBe(0)
    ended(second, { status: 200, startedAt: clock.now })
    expect([first.policy.state.phase, first.policy.isOrdinary()]).toEqual([1, false])
  })
})

describe("an origin that nothing answers at", () => {
  it("is down for all threads, which tells why, rings the main one and counts who is turned away", () => {
    const { clock, first, main, second } = make()
    main.rung()
    for (let n = 0; n < 10; n++) {
      expect(first.policy.admit()).toBe(0)
      clock.now += 300
      ended(n % 2 === 0 ? first : second, { status: 0 })
    }
    expect([first.policy.admit(), second.policy.admit(), second.policy.look()]).toEqual([-1, -1, -1])
    expect([first.policy.state.skipped, main.text(first.slot, "reason"), main.rung()]).toEqual([
      3,
      "seen 0",
      [first.slot]
    ])
    // From time to time one finds out whether it still is.
    clock.now += 1000
    expect([second.policy.look(), second.policy.admit(), first.policy.admit()]).toEqual([0, 0, -1])
    ended(second, { status: 200, startedAt: clock.now })
    expect([first.policy.isOrdinary(), main.rung()]).toEqual([true, [first.slot]])
  })

  it("is not ordinary after the first failure, so that the answers in between are told", () => {
    const { first, second } = answeredOnce()
    expect([ended(first, { status: 0 }), second.policy.isOrdinary(), second.policy.admit()]).toEqual(["fail", false, 0])
    ended(second, { status: 200 })
    expect([first.policy.state.failures, first.policy.isOrdinary()]).toEqual([0, true])
  })
})

describe("a number of requests that is found", () => {
  it("is the limit of the leases of all threads, and who waits for one is rung when it grows", () => {
    const { clock, first, second } = answeredOnce({ adaptive: true })
    const taken = Array.from({ length: 9 }, () => first.flights.use())
    expect([taken.filter((each) => each === "taken").length, taken.at(-1)]).toEqual([8, "full"])
    expect(second.flights.use()).toBe("full")
    for (let n = 0; n < 40; n++) {
      clock.now += 10
      ended(first, { status: 200, startedAt: clock.now - 10 })
    }
    expect([first.policy.state.limit, second.flights.inAll(), second.flights.use()]).toEqual([16, 16, "taken"])
    expect(second.table.rung()).toEqual([first.slot])
  })
})
