import * as SliceQueue from "#internal/base/SliceQueue"
import { expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"

it("a queue gives what was added, oldest first, in slices of any size, however both alternate", () => {
  const steps = FastCheck.array(FastCheck.tuple(FastCheck.array(FastCheck.nat()), FastCheck.nat({ max: 12 })))
  FastCheck.assert(FastCheck.property(steps, (steps) => {
    const queue = SliceQueue.make<number>()
    const model: Array<number> = []
    for (const [items, n] of steps) {
      queue.add(items)
      model.push(...items)
      expect(queue.take(n)).toEqual(model.splice(0, n))
      expect(queue.size()).toBe(model.length)
    }
  }))
})

it("a slice that was given does not change when more is added", () => {
  const queue = SliceQueue.make<number>()
  queue.add([1, 2])
  const slice = queue.take(2)
  queue.add([3])
  expect([slice, queue.take(5)]).toEqual([[1, 2], [3]])
})
