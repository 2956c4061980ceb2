import * as OriginState from "#internal/traffic/OriginState"
import * as OwnMatter from "#internal/traffic/OwnMatter"
import { describe, expect, it } from "@effect/vitest"

const known = () => {
  const state = OriginState.initial()
  OwnMatter.found(state, 1000)
  OwnMatter.found(state, 2000)
  return state
}

describe("an entry that is refused for its own sake", () => {
  it("is one that was refused before, and refused again when others may be let through", () => {
    const state = OriginState.initial()
    expect(OwnMatter.isDoubtful(state, 0)).toBe(false)
    expect(OwnMatter.isDoubtful(state, 1)).toBe(true)
    expect(OwnMatter.isDoubtful({ ...state, doubt: 1 }, 1)).toBe(false)
  })

  it("is known where two in a row were found, and not by one", () => {
    const state = OriginState.initial()
    OwnMatter.found(state, 1000)
    expect(OwnMatter.isKnown(state)).toBe(false)
    OwnMatter.found(state, 2000)
    expect(OwnMatter.isKnown(state)).toBe(true)
  })

  it("is doubted again where one that had been refused is answered well", () => {
    const state = OriginState.initial()
    OwnMatter.found(state, 1000)
    OwnMatter.answered(state, 1500, 0)
    expect(state.own).toBe(1)
    OwnMatter.answered(state, 1500, 1)
    expect(state.own).toBe(0)
  })

  it("is forgotten after a minute without one", () => {
    const state = known()
    OwnMatter.answered(state, 61_000, 0)
    expect(OwnMatter.isKnown(state)).toBe(true)
    OwnMatter.answered(state, 62_001, 0)
    expect(OwnMatter.isKnown(state)).toBe(false)
  })

  it("is not assumed where most of the entries are refused: the origin is meant", () => {
    const state = known()
    const verdicts = Array.from({ length: 20 }, () => OwnMatter.refused(state, 3000, 0))
    expect(verdicts[0]).toBe(true)
    expect(verdicts).toContain(false)
  })

  it("stays assumed where one in four is", () => {
    const state = known()
    for (let n = 0; n < 400; n++) {
      for (let good = 0; good < 3; good++) OwnMatter.answered(state, 3000, 0)
      expect(OwnMatter.refused(state, 3000, 0)).toBe(true)
    }
  })

  it("says nothing of the origin when it comes again, however often", () => {
    const state = known()
    for (let n = 0; n < 100; n++) expect(OwnMatter.refused(state, 3000, 2)).toBe(true)
  })

  it("waits twice as long each time, and at least as long as it is asked", () => {
    expect([1, 2, 3, 4].map((refusals) => OwnMatter.wait(refusals, undefined, 0))).toEqual([1000, 2000, 4000, 8000])
    expect(OwnMatter.wait(1, 30_000, 0)).toBe(30_000)
    expect(OwnMatter.wait(1, undefined, 1)).toBeGreaterThan(1000)
  })
})
