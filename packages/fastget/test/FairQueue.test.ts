import { FairQueue } from "#internal/origin/FairQueue"
import { describe, expect, it } from "@effect/vitest"

const makeQueue = () => {
  const left: Array<number> = []
  const started: Array<string> = []
  const queue = new FairQueue<{ readonly runId: number }>((runId) => left.push(runId))
  return {
    left,
    started,
    queue,
    add: (runId: number, name: string) => queue.add({ runId }, () => started.push(name)),
    next: (heldBack: ReadonlyArray<number> = []) => queue.next(({ runId }) => heldBack.includes(runId))?.(0)
  }
}

describe("FairQueue", () => {
  it("serves one run in the order of arrival", () => {
    const { add, next, started } = makeQueue()
    for (const name of ["a", "b", "c"]) add(1, name)
    for (let n = 0; n < 4; n++) next()
    expect(started).toEqual(["a", "b", "c"])
  })

  it("serves runs in turn, however long the line of one is", () => {
    const { add, next, started } = makeQueue()
    for (const name of ["a1", "a2", "a3", "a4"]) add(1, name)
    for (const name of ["b1", "b2"]) add(2, name)
    for (let n = 0; n < 6; n++) next()
    expect(started).toEqual(["a1", "b1", "a2", "b2", "a3", "a4"])
  })

  it("passes over runs that are held back, and they keep their turns", () => {
    const { add, next, started } = makeQueue()
    for (const name of ["a1", "a2"]) add(1, name)
    for (const name of ["b1", "b2"]) add(2, name)
    next([1])
    next()
    next()
    expect(started).toEqual(["b1", "a1", "b2"])
    next([1])
    expect(started.length).toBe(3)
  })

  it("starts nobody who has given up, and lets that be done once", () => {
    const { add, left, next, queue, started } = makeQueue()
    const [first, , third] = ["a", "b", "c"].map((name) => add(1, name))
    expect([queue.giveUp(1, first!), queue.giveUp(1, first!), queue.giveUp(1, third!)]).toEqual([true, false, true])
    next()
    expect([started, left, queue.isEmpty(), queue.has(1)]).toEqual([["b"], [1], true, false])
    expect(queue.giveUp(1, third!)).toBe(false)
  })

  it("tells when the last of a run has left, by its start or by giving up", () => {
    const { add, left, next, queue } = makeQueue()
    const waiter = add(1, "a")
    add(2, "b")
    queue.giveUp(1, waiter)
    expect(left).toEqual([1])
    next()
    expect(left).toEqual([1, 2])
  })
})
