import * as RetryBudget from "#internal/http/RetryBudget"
import { describe, expect, it } from "@effect/vitest"

/** A budget with a clock that is set by hand. */
const make = () => {
  let time = 0
  return { budget: RetryBudget.make(() => time), set: (millis: number) => void (time = millis) }
}

const times = (count: number, go: () => void) => {
  for (let n = 0; n < count; n++) go()
}

/** How many retries there are, taken one after another. */
const takeAll = (budget: RetryBudget.RetryBudget, ratio = 0.2, origin = "http://a") => {
  let taken = 0
  while (taken < 10_000 && budget.take(origin, ratio)) taken++
  return taken
}

describe("a retry budget", () => {
  it("gives the floor where nothing was asked for yet", () => {
    expect(takeAll(make().budget)).toBe(RetryBudget.floor)
  })

  it("gives the share of the requests and the floor, and no more", () => {
    const { budget } = make()
    times(1000, () => budget.requested("http://a", 0.25))
    expect(takeAll(budget, 0.25)).toBe(250 + RetryBudget.floor)
  })

  it("gives the same whenever the retries come in between", () => {
    const { budget, set } = make()
    let taken = 0
    times(1000, () => {
      budget.requested("http://a", 0.2)
      if (budget.take("http://a", 0.2)) taken++
    })
    set(0)
    expect(taken + takeAll(budget)).toBeCloseTo(200 + RetryBudget.floor, -1)
    expect(taken).toBeLessThanOrEqual(200 + RetryBudget.floor)
  })

  it("is one for each origin", () => {
    const { budget } = make()
    expect(takeAll(budget, 0.2, "http://a")).toBe(RetryBudget.floor)
    expect(takeAll(budget, 0.2, "http://b")).toBe(RetryBudget.floor)
    expect(takeAll(budget, 0.2, "http://a")).toBe(0)
  })

  it("has its floor again after a while, and not more", () => {
    const { budget, set } = make()
    takeAll(budget)
    set(RetryBudget.fadesWithin / 2)
    expect(takeAll(budget)).toBe(RetryBudget.floor / 2)
    set(100 * RetryBudget.fadesWithin)
    expect(takeAll(budget)).toBe(RetryBudget.floor)
  })

  it("forgets what was earned long ago: hours of health buy no storm", () => {
    const { budget, set } = make()
    times(1_000_000, () => budget.requested("http://a", 0.2))
    set(3_600_000)
    // A million in an hour are 2,778 in ten seconds.
    expect(takeAll(budget)).toBe(Math.floor(2778 * 0.2) + RetryBudget.floor)
    set(7_200_000)
    expect(takeAll(budget)).toBe(RetryBudget.floor)
  })

  it("has no end with a ratio of Infinity, which takes nothing from others", () => {
    const { budget } = make()
    times(10, () => budget.requested("http://a", Infinity))
    expect(takeAll(budget, Infinity)).toBe(10_000)
    expect(takeAll(budget, 0)).toBe(RetryBudget.floor)
  })

  it("knows 10,000 origins at most: the oldest begins anew", () => {
    const { budget } = make()
    takeAll(budget)
    for (let n = 0; n < 10_000; n++) budget.requested(`http://${n}`, 0.2)
    expect(takeAll(budget)).toBe(RetryBudget.floor)
  })
})
