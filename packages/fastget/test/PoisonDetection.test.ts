import * as PoisonDetection from "#internal/run/PoisonDetection"
import { describe, expect, it } from "@effect/vitest"
import type { Entry, FetchPool } from "fastget"

const entries = (count: number): Array<Entry.Entry<number>> =>
  Array.from({ length: count }, (_, n) => [n, `http://a/${n}`])

const all = (chunk: ReadonlyArray<unknown>) => chunk.map((_, place) => place)

const lost = (cause: FetchPool.WorkerLost["cause"], blame?: number | "elsewhere"): FetchPool.WorkerLost => ({
  _tag: "WorkerLost",
  cause,
  ...(blame === undefined ? undefined : { blame })
})

/** Ids instead of entries. */
const idsOf = ({ givenUp, innocent, suspect }: PoisonDetection.Verdict<number>) => ({
  innocent: innocent.map(([id]) => id),
  suspect: suspect.map((chunk) => chunk.map(([id]) => id)),
  givenUp: givenUp.map(([id]) => id)
})

describe("a loss of which nothing is known", () => {
  it("makes suspect what was together, as a whole", () => {
    const chunk = entries(4)
    expect(idsOf(PoisonDetection.make<number>().judge(chunk, [1, 2, 3], lost("exit"), false)))
      .toEqual({ innocent: [], suspect: [[1, 2, 3]], givenUp: [] })
  })

  it("halves what was alone", () => {
    const chunk = entries(5)
    expect(idsOf(PoisonDetection.make<number>().judge(chunk, all(chunk), lost("exit"), true)))
      .toEqual({ innocent: [], suspect: [[0, 1, 2], [3, 4]], givenUp: [] })
  })

  it.each([["exit", 3], ["uncaught", 3], ["missing", 3], ["out of memory", 2], ["stuck", 2]] as const)(
    "gives up an entry that stands alone, by %s at the %ith time",
    (cause, times) => {
      const chunk = entries(1)
      const losses = PoisonDetection.make<number>()
      for (let n = 1; n < times; n++) {
        expect(idsOf(losses.judge(chunk, [0], lost(cause), true))).toEqual({
          innocent: [],
          suspect: [[0]],
          givenUp: []
        })
      }
      expect(idsOf(losses.judge(chunk, [0], lost(cause), true))).toEqual({ innocent: [], suspect: [], givenUp: [0] })
    }
  )
})

describe("a loss with an entry to blame", () => {
  it("makes suspect that one only", () => {
    const chunk = entries(5)
    expect(idsOf(PoisonDetection.make<number>().judge(chunk, [1, 2, 4], lost("exit", 2), false)))
      .toEqual({ innocent: [1, 4], suspect: [[2]], givenUp: [] })
  })

  it("counts, also when others were there: a stuck entry is given up at its second", () => {
    const chunk = entries(3)
    const losses = PoisonDetection.make<number>()
    losses.judge(chunk, all(chunk), lost("stuck", 1), false)
    expect(idsOf(losses.judge([chunk[1]!], [0], lost("stuck", 0), true)))
      .toEqual({ innocent: [], suspect: [], givenUp: [1] })
  })

  it("clears what was suspect with it", () => {
    const chunk = entries(4)
    expect(idsOf(PoisonDetection.make<number>().judge(chunk, all(chunk), lost("exit", 3), true)))
      .toEqual({ innocent: [0, 1, 2], suspect: [[3]], givenUp: [] })
  })

  it("blames nobody where that entry has its answer", () => {
    const chunk = entries(4)
    expect(idsOf(PoisonDetection.make<number>().judge(chunk, [0, 1], lost("exit", 3), false)))
      .toEqual({ innocent: [0, 1], suspect: [], givenUp: [] })
  })

  it("drops none of several that are the same object", () => {
    const [entry] = entries(1)
    const { innocent, suspect } = PoisonDetection.make<number>().judge(
      [entry!, entry!, entry!],
      [0, 1, 2],
      lost("exit", 1),
      false
    )
    expect([innocent.length, suspect.length]).toEqual([2, 1])
  })
})

describe("a loss that came from elsewhere", () => {
  it("is held against nobody", () => {
    const chunk = entries(3)
    expect(idsOf(PoisonDetection.make<number>().judge(chunk, all(chunk), lost("exit", "elsewhere"), false)))
      .toEqual({ innocent: [0, 1, 2], suspect: [], givenUp: [] })
  })

  it("leaves suspect what was, as a whole and uncounted", () => {
    const losses = PoisonDetection.make<number>()
    const chunk = entries(1)
    for (let n = 0; n < 10; n++) {
      expect(idsOf(losses.judge(chunk, [0], lost("exit", "elsewhere"), true)))
        .toEqual({ innocent: [], suspect: [[0]], givenUp: [] })
    }
  })

  it("ends some time: who was near ten times is suspect, and given up like any other", () => {
    const losses = PoisonDetection.make<number>()
    const chunk = entries(1)
    const verdicts = Array.from({ length: 13 }, () => idsOf(losses.judge(chunk, [0], lost("exit", "elsewhere"), true)))
    expect(verdicts.at(-2)).toEqual({ innocent: [], suspect: [[0]], givenUp: [] })
    expect(verdicts.at(-1)).toEqual({ innocent: [], suspect: [], givenUp: [0] })
  })
})
