import { QueueBound } from "#internal/run/QueueBound"
import { describe, expect, it } from "@effect/vitest"

describe("QueueBound", () => {
  it("has less room with each entry taken, and more only when its batch is left behind", () => {
    const bound = new QueueBound(10)
    bound.take(7)
    expect(bound.room()).toBe(3)
    bound.answer(4)
    bound.hand(4)
    expect(bound.room()).toBe(3)
    bound.leaveBehind()
    expect(bound.room()).toBe(7)
  })

  it("counts a batch once, however often the consumer asks", () => {
    const bound = new QueueBound(10)
    bound.take(5)
    bound.hand(5)
    bound.leaveBehind()
    bound.leaveBehind()
    expect(bound.room()).toBe(10)
  })

  it("is all answered when as many answers came as entries were taken", () => {
    const bound = new QueueBound(10)
    expect(bound.isAllAnswered()).toBe(true)
    bound.take(2)
    bound.answer(1)
    expect([bound.isAllAnswered(), bound.answeredSoFar()]).toEqual([false, 1])
    bound.answer(1)
    expect([bound.isAllAnswered(), bound.answeredSoFar()]).toEqual([true, 2])
  })
})
