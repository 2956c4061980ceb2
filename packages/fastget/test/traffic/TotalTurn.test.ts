import { Connections, Total } from "#internal/traffic/Connections"
import { expect, it, vi } from "@effect/vitest"
import * as CountedTable from "./CountedTable.js"

it("a permit that another thread granted is kept for a turn, whatever the thread had before", () => {
  let now = performance.now()
  vi.spyOn(globalThis.performance, "now").mockImplementation(() => now)
  const [first, second] = CountedTable.make(2, 1).slice(0, 2).map((table) => {
    const { thread } = table
    const total = new Total({ table, thread })
    const of = (origin: string) =>
      new Connections({ table, slot: table.enter(origin, 1, thread)!, thread }, "connections", total)
    return { total, a: of("http://a"), b: of("http://b") }
  })
  const give = (connections: Connections) => {
    connections.release()
    connections.leave()
    connections.give()
  }
  expect([first!.a.use(), second!.a.use()]).toEqual(["taken", "full"])
  give(first!.a)
  expect(second!.a.use()).toBe("taken")
  now += 1000
  first!.total.mark()
  give(second!.a)
  expect(first!.total.spare()).toBe(1)
  first!.total.unmark()
  expect(first!.b.use()).toBe("taken")
  second!.total.mark()
  expect(first!.total.isOwed(1, true)).toBe(false)
})
