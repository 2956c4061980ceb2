import { Connections, Total } from "#internal/traffic/Connections"
import { afterEach, describe, expect, it, vi } from "@effect/vitest"
import * as CountedTable from "./CountedTable.js"

interface Options {
  readonly threads?: number
  readonly inAll?: number
}

/** What each thread has of two origins and of all, in one table. */
const make = (limit: number, { inAll = Infinity, threads = 2 }: Options = {}) =>
  CountedTable.make(threads, inAll).slice(0, threads).map((table) => {
    const { thread } = table
    const total = new Total({ table, thread })
    const of = (origin: string) =>
      new Connections({ table, slot: table.enter(origin, limit, thread)!, thread }, "connections", total)
    return { table, total, a: of("http://a"), b: of("http://b") }
  }) as unknown as readonly [Thread, Thread, Thread]

interface Thread {
  readonly table: CountedTable.CountedTable
  readonly total: Total
  readonly a: Connections
  readonly b: Connections
}

const use = (connections: Connections, times: number) => Array.from({ length: times }, () => connections.use())

/** One that is idle is closed, and its lease given back. */
const give = (connections: Connections, isKept = false) => {
  connections.leave()
  connections.give(isKept)
}

/** A thread keeps what is scarce for longer than the first, and not for as long as the second, in milliseconds. */
const soon = 50
const aWhile = 1000

afterEach(() => void vi.restoreAllMocks())

/** The clock stands still, and goes on by what it is told. */
const virtualTime = () => {
  let now = performance.now()
  vi.spyOn(globalThis.performance, "now").mockImplementation(() => now)
  return {
    advance: (millis: number) => {
      now += millis
    }
  }
}

describe("the leases of an origin", () => {
  it("are used again by their thread without the lock", () => {
    const [{ a, table }] = make(4)
    use(a, 1)
    a.release()
    expect([a.idle(), a.held()]).toEqual([1, 1])
    const locks = table.locksFor(() => {
      for (let n = 0; n < 10; n++) {
        expect([a.use(), a.isOwed(a.allowed(), false)]).toEqual(["taken", false])
        a.release()
      }
    })
    expect([locks, a.held(), a.inAll()]).toEqual([0, 1, 1])
  })

  it("are never more than its limit over all threads, and who finds none rings those who have some", () => {
    const [first, second, third] = make(3, { threads: 3 })
    expect([use(first.a, 2), use(second.a, 2), use(third.a, 1)]).toEqual([
      ["taken", "taken"],
      ["taken", "full"],
      ["full"]
    ])
    expect([first.a.inAll(), first.a.held(), second.a.held(), third.a.held()]).toEqual([3, 2, 1, 0])
    const slot = first.table.enter("http://a", 3, 1)
    expect([first.table.rung(), second.table.rung(), third.table.rung()]).toEqual([[slot], [slot], []])
    // It has told them once.
    expect([use(third.a, 1), first.table.rung()]).toEqual([["full"], []])
  })

  it("go from who gives one to the one that has the fewest of those that wait, which is rung", () => {
    const [first, second, third] = make(3, { threads: 3 })
    use(first.a, 2)
    use(second.a, 2)
    use(third.a, 1)
    second.table.rung()
    first.a.release()
    give(first.a)
    expect([first.a.allowed(), second.a.idle(), third.a.idle(), first.a.inAll()]).toEqual([1, 0, 1, 3])
    expect([second.table.rung().length, third.table.rung().length]).toEqual([0, 1])
    expect([use(third.a, 1), third.a.idle()]).toEqual([["taken"], 0])
  })

  it("that are to leave are not used, and count until they are given", () => {
    const [{ a }, other] = make(2)
    use(a, 2)
    a.release()
    a.leave()
    expect([a.idle(), a.allowed(), a.isUnused(), a.inAll(), use(other.a, 1)]).toEqual([0, 1, false, 2, ["full"]])
    expect(use(a, 1)).toEqual(["full"])
    a.give()
    expect([a.held(), a.inAll(), use(other.a, 1)]).toEqual([1, 2, ["taken"]])
    a.release()
    give(a)
    expect(a.isUnused()).toBe(true)
  })

  it("that nobody else waits for can be had again by who has given them, though it waits", () => {
    const [{ a }] = make(1)
    expect(use(a, 2)).toEqual(["taken", "full"])
    a.release()
    give(a)
    expect([a.inAll(), use(a, 1)]).toEqual([0, ["taken"]])
  })

  it("are owed to nobody who does not wait, nor to who waits no more", () => {
    const [first, second] = make(1)
    use(first.a, 1)
    expect([first.a.othersWait(), first.a.isOwed(1, false)]).toEqual([false, false])
    use(second.a, 1)
    expect([first.a.othersWait(), second.a.othersWait(), first.a.isOwed(1, false)]).toEqual([true, false, true])
    second.a.unmark()
    expect([second.a.isMarked, first.a.othersWait(), first.a.isOwed(1, false)]).toEqual([false, false, false])
    first.a.release()
    give(first.a)
    expect([second.a.held(), first.a.inAll()]).toEqual([0, 0])
  })

  it("are owed where a thread has more than its share, though it wants them itself", () => {
    virtualTime()
    const [first, second] = make(5)
    use(first.a, 5)
    use(second.a, 1)
    const shares: Array<boolean> = []
    for (let held = first.a.allowed(); first.a.isOwed(held, true); held = first.a.allowed()) {
      shares.push(first.a.isEven(held))
      first.a.release()
      give(first.a)
      use(second.a, 2)
    }
    // To the last one that is given, the other has one less or as many.
    expect([first.a.held(), second.a.held(), shares]).toEqual([3, 2, [false, false]])
    expect([first.a.isEven(3), first.a.isOwed(3, false)]).toEqual([true, true])
  })

  it("are owed after a while, where there are fewer of them than threads", () => {
    const time = virtualTime()
    const [first, second] = make(1)
    use(first.a, 1)
    use(second.a, 1)
    time.advance(soon)
    expect(first.a.isOwed(1, true)).toBe(false)
    time.advance(aWhile)
    expect(first.a.isOwed(1, true)).toBe(true)
    first.a.release()
    give(first.a)
    expect([use(second.a, 1), use(first.a, 1)]).toEqual([["taken"], ["full"]])
    // Its turn begins when it is granted.
    expect(second.a.isOwed(1, true)).toBe(false)
    time.advance(aWhile)
    expect(second.a.isOwed(1, true)).toBe(true)
  })

  it("follow a limit that changes: who waits has what there is more, and nobody what there is less", () => {
    const [first, second] = make(2)
    use(first.a, 2)
    use(second.a, 1)
    expect([first.a.resize(4), second.a.idle(), first.a.inAll()]).toEqual([[2, 2], 2, 4])
    use(second.a, 3)
    expect([first.a.resize(2), first.a.isTooMany()]).toEqual([[], true])
    first.a.release()
    give(first.a)
    expect([second.a.held(), first.a.inAll(), first.a.isTooMany()]).toEqual([2, 3, true])
    first.a.release()
    give(first.a)
    expect([second.a.held(), first.a.inAll(), first.a.isTooMany()]).toEqual([2, 2, false])
  })
})

describe("the permits of all origins", () => {
  it("are never more than their bound, and are told apart from an origin that is full", () => {
    const [first, second] = make(2, { inAll: 3 })
    expect([use(first.a, 3), use(first.b, 1), use(second.b, 1)]).toEqual([
      ["taken", "taken", "full"],
      ["taken"],
      ["total"]
    ])
    expect([first.total.held(), second.total.held(), second.b.inAll(), second.b.isMarked]).toEqual([3, 0, 1, false])
  })

  it("go with a lease that is given back to the thread that waits for one, which is rung", () => {
    const [first, second] = make(2, { inAll: 1 })
    use(first.a, 1)
    expect(use(second.b, 1)).toEqual(["total"])
    second.total.mark()
    expect([first.table.rung(), second.table.rung()]).toEqual([[0], []])
    first.a.release()
    expect([first.total.isOwed(1, false), first.total.isOwed(1, true)]).toEqual([true, false])
    give(first.a)
    expect([first.total.held(), second.total.held(), second.total.spare(), second.table.rung()]).toEqual([0, 1, 1, [0]])
    expect([use(first.a, 1), use(second.b, 1), second.total.spare(), second.total.held()]).toEqual([
      ["total"],
      ["taken"],
      0,
      1
    ])
  })

  it("stay with the thread where they are kept, until they are used or given", () => {
    const [first, second] = make(2, { inAll: 1 })
    use(first.a, 1)
    second.total.mark()
    second.table.rung()
    first.a.release()
    give(first.a, true)
    expect([first.total.spare(), first.total.held(), second.total.held(), second.table.rung()]).toEqual([1, 1, 0, []])
    expect([use(first.b, 1), first.total.spare()]).toEqual([["taken"], 0])
    first.b.release()
    give(first.b, true)
    first.total.giveSpare()
    expect([first.total.spare(), first.total.held(), second.total.spare(), second.table.rung()]).toEqual([0, 0, 1, [0]])
  })

  it("go to the thread that a lease of its origin goes to", () => {
    const [first, second] = make(1, { inAll: 1 })
    use(first.a, 1)
    expect(use(second.a, 1)).toEqual(["full"])
    first.a.release()
    give(first.a)
    expect([first.total.held(), second.total.held(), second.a.held()]).toEqual([0, 1, 1])
  })

  it("are owed after a while, where there are fewer of them than threads", () => {
    const time = virtualTime()
    const [first, second] = make(1, { inAll: 1 })
    use(first.a, 1)
    second.total.mark()
    time.advance(soon)
    expect(first.total.isOwed(1, true)).toBe(false)
    time.advance(aWhile)
    expect(first.total.isOwed(1, true)).toBe(true)
    second.total.unmark()
    expect(first.total.isOwed(1, true)).toBe(false)
  })
})
