import { describe, expect, it } from "@effect/vitest"
import { OutcomeTable } from "../../src/output/OutcomeTable.js"

/** Outcomes of the groups a and b, with their labels. */
const table = (outcomes: ReadonlyArray<readonly [group: string, label: number, isAgain?: boolean]>): OutcomeTable => {
  const table = new OutcomeTable()
  for (const [group, label, isAgain = false] of outcomes) {
    table.select(group)
    table.add(label, isAgain)
  }
  return table
}

describe("OutcomeTable", () => {
  it("finds an outcome by its group and label only", () => {
    const outcomes = table([["a", 1], ["a", 2], ["a", 3], ["b", 4]])
    outcomes.select("a")
    for (const label of [1, 2, 3]) expect(outcomes.labelOf(outcomes.findLabel(label))).toBe(label)
    expect(outcomes.findLabel(4)).toBe(-1)
    outcomes.select("b")
    expect(outcomes.labelOf(outcomes.findLabel(4))).toBe(4)
    outcomes.select("c")
    expect([outcomes.hasAny(), outcomes.findLabel(1), outcomes.findFree()]).toEqual([false, -1, -1])
    expect(outcomes.size()).toBe(4)
  })

  it("gives each outcome of a group once, and all of them again after a restart", () => {
    const outcomes = table([["a", 1], ["b", 9], ["a", 2], ["a", 3]])
    const takeAll = () => {
      outcomes.select("a")
      const labels: Array<number> = []
      for (let slot = outcomes.findFree(); slot >= 0 && outcomes.isFree(slot); slot = outcomes.findFree()) {
        outcomes.take(slot)
        labels.push(outcomes.labelOf(slot))
      }
      return labels.sort()
    }
    expect(takeAll()).toEqual([1, 2, 3])
    expect(takeAll()).toEqual([])
    outcomes.restart()
    expect(takeAll()).toEqual([1, 2, 3])
  })

  it("knows which entries are to be fetched again", () => {
    const outcomes = table([["a", 1, true], ["a", 2]])
    outcomes.select("a")
    expect([1, 2].map((label) => outcomes.take(outcomes.findLabel(label)))).toEqual([true, false])
  })
})
