import { describe, expect, it } from "@effect/vitest"
import { OldOutcomes } from "../../src/output/OldOutcomes.js"
import { badRowMessage } from "../../src/output/RecordFormat.js"
import { nothingBefore, Resumption } from "../../src/output/Resumption.js"

const url = (id: string) => `http://a.example/${id}`

/** Of a success x, a failure y that stays, a failure z that is to be fetched again, and a bad row. */
const resumption = (onlyAgain: boolean): Resumption => {
  const outcomes = new OldOutcomes()
  const found = { line: undefined, status: undefined, problem: undefined }
  outcomes.add({ ...found, idText: "x", url: url("x"), ok: true, reason: undefined }, false)
  outcomes.add({ ...found, idText: "y", url: url("y"), ok: false, reason: "Dns" }, false)
  outcomes.add({ ...found, idText: "z", url: url("z"), ok: false, reason: "Timeout" }, true)
  const problem = badRowMessage(4, "it is bad")
  outcomes.add({ ...found, idText: "", line: 4, url: undefined, ok: false, reason: "BadRow", problem }, false)
  return new Resumption({ old: { outcomes, failed: 2, again: 1 }, idText: String, onlyAgain })
}

const chosen = ({ choice }: Resumption) =>
  ["x", "y", "z", "new"].filter((id) => choice.entry(id, url(id), 1, false) === id)

describe("Resumption", () => {
  it("is about what has no outcome, and what is to be fetched again", () => {
    const all = resumption(false)
    expect(chosen(all)).toEqual(["z", "new"])
    expect([all.choice.badRow(4, "it is bad"), all.choice.badRow(4, "it is worse")]).toEqual([false, true])
    expect(all.before.skipped()).toBe(3)
    expect(all.before.kept()).toEqual({ outcomes: 3, failures: 2 })
  })

  it("is about nothing new where only failures are retried", () => {
    const again = resumption(true)
    expect(chosen(again)).toEqual(["z"])
    expect(again.choice.badRow(5, "it is new")).toBe(false)
  })

  it("goes through the input once more after a restart", () => {
    const { before, choice } = resumption(false)
    choice.entry("x", url("x"), 1, false)
    expect(choice.entry("x", url("x"), 2, false)).toBe("x")
    before.restart()
    expect([before.skipped(), choice.entry("x", url("x"), 1, false)]).toEqual([0, undefined])
  })

  it("chooses everything where no run was before, and nothing if it is a retry", () => {
    const of = (onlyAgain: boolean) =>
      new Resumption({ old: { outcomes: new OldOutcomes(), failed: 0, again: 0 }, idText: String, onlyAgain })
    expect([of(false), of(true)].map(chosen)).toEqual([["x", "y", "z", "new"], []])
    expect(of(false).before.isEmpty).toBe(true)
    expect(nothingBefore.kept()).toEqual({ outcomes: 0, failures: 0 })
  })
})
