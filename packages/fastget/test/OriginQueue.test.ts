import type { Rank } from "#internal/origin/OriginQueue"
import { OriginQueue } from "#internal/origin/OriginQueue"
import { describe, expect, it } from "@effect/vitest"

const make = () => {
  const left: Array<number> = []
  const started: Array<string> = []
  const queue = new OriginQueue<{ readonly runId: number }>((runId) => left.push(runId))
  return {
    left,
    started,
    queue,
    add: (runId: number, name: string, rank: Rank) => queue.add({ runId }, () => started.push(name), rank),
    next: (heldBack: ReadonlyArray<number> = []) => queue.next(({ runId }) => heldBack.includes(runId))?.(0)
  }
}

describe("the queue of an origin", () => {
  it("serves those whose time has come first, and those that were sent back last, whoever came when", () => {
    const { add, next, queue, started } = make()
    add(1, "back 1", "sentBack")
    add(1, "fresh 1", "fresh")
    add(1, "due 1", "due")
    add(1, "fresh 2", "fresh")
    add(1, "due 2", "due")
    expect(queue.size()).toBe(5)
    for (let n = 0; n < 6; n++) next()
    expect(started).toEqual(["due 1", "due 2", "fresh 1", "fresh 2", "back 1"])
    expect([queue.size(), queue.isEmpty()]).toEqual([0, true])
  })

  it("serves the runs of one rank in turn", () => {
    const { add, next, started } = make()
    for (const name of ["a1", "a2", "a3"]) add(1, name, "sentBack")
    add(2, "b1", "sentBack")
    for (let n = 0; n < 4; n++) next()
    expect(started).toEqual(["a1", "b1", "a2", "a3"])
  })

  it("passes over a run that is held back to one of a later rank", () => {
    const { add, next, queue, started } = make()
    add(1, "a", "due")
    add(2, "b", "sentBack")
    next([1])
    next([1])
    expect([started, queue.size()]).toEqual([["b"], 1])
    next()
    expect(started).toEqual(["b", "a"])
  })

  it.each(["due", "fresh", "sentBack"] as const)("has a run as long as one of it waits, be it %s", (rank) => {
    const { add, left, queue } = make()
    const waiter = add(1, "a", rank)
    const other = add(1, "b", rank === "fresh" ? "due" : "fresh")
    expect([queue.has(1), queue.has(2), queue.isEmpty()]).toEqual([true, false, false])
    expect(queue.giveUp(1, other, rank === "fresh" ? "due" : "fresh")).toBe(true)
    expect([left, queue.has(1), queue.isEmpty()]).toEqual([[], true, false])
    expect([queue.giveUp(1, waiter, rank), queue.giveUp(1, waiter, rank)]).toEqual([true, false])
    expect([left, queue.has(1), queue.isEmpty()]).toEqual([[1], false, true])
  })
})
