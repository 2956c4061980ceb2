import * as OriginState from "#internal/traffic/OriginState"
import * as OwnMatter from "#internal/traffic/OwnMatter"
import { describe, expect, it } from "@effect/vitest"

const known = () => {
  const state = OriginState.initial()
  OwnMatter.found(state, 1000)
  OwnMatter.found(state, 2000)
  return state
}

/** Of so many entries, each of which is asked once, every nth is refused. */
const everyNth = (state: OriginState.OriginState, nth: number, entries: number): number => {
  let meant = 0
  for (let entry = 1; entry <= entries; entry++) {
    if (entry % nth > 0) OwnMatter.answered(state, 3000, 0)
    else OwnMatter.refused(state, 0)
    if (OwnMatter.isOrigins(state)) meant++
  }
  return meant
}

describe("an entry that is refused for its own sake", () => {
  it("may be one that was refused before; a few others are asked to find out", () => {
    const state = OriginState.initial()
    expect(OwnMatter.isDoubtful(state, 0)).toBe(false)
    expect(OwnMatter.isDoubtful(state, 1)).toBe(true)
    expect(OwnMatter.isDoubtful({ ...state, doubt: 2 }, 1)).toBe(true)
    expect(OwnMatter.isDoubtful({ ...state, doubt: 3 }, 1)).toBe(false)
  })

  it("is known where two were found; of one, where it was refused three times", () => {
    const state = OriginState.initial()
    OwnMatter.found(state, 1000)
    expect(OwnMatter.isKnown(state, 2)).toBe(false)
    expect(OwnMatter.isKnown(state, 3)).toBe(true)
    OwnMatter.found(state, 2000)
    expect(OwnMatter.isKnown(state, 0)).toBe(true)
  })

  it("is doubted again where the first that had been refused is answered well", () => {
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
    expect(OwnMatter.isKnown(state, 0)).toBe(true)
    OwnMatter.answered(state, 62_001, 0)
    expect(OwnMatter.isKnown(state, 0)).toBe(false)
  })

  it("is one no more where several are refused in a row: the origin is meant", () => {
    const state = known()
    everyNth(state, 50, 101)
    for (let n = 0; n < 4; n++) OwnMatter.refused(state, 0)
    expect(OwnMatter.isOrigins(state)).toBe(false)
    OwnMatter.refused(state, 0)
    expect(OwnMatter.isOrigins(state)).toBe(true)
    OwnMatter.answered(state, 3000, 0)
    expect(OwnMatter.isOrigins(state)).toBe(false)
  })

  it("is one where every third is refused", () => {
    expect(everyNth(known(), 3, 3000)).toBe(0)
  })

  it("says nothing of the origin when it comes again, however often", () => {
    const state = known()
    for (let n = 0; n < 100; n++) OwnMatter.refused(state, 1)
    expect(OwnMatter.isOrigins(state)).toBe(false)
  })

  it("fails after five refusals where few are refused, and later where many are", () => {
    const state = known()
    expect([3, 4].map((refusals) => OwnMatter.isHopeless(state, refusals))).toEqual([false, true])
    everyNth(state, 2, 1000)
    expect([4, 7, 8].map((refusals) => OwnMatter.isHopeless(state, refusals))).toEqual([false, false, true])
  })

  it("waits twice as long each time, up to 8 s, and at least as long as it is asked", () => {
    expect([1, 2, 3, 4, 5, 9].map((refusals) => OwnMatter.wait(refusals, undefined, 0))).toEqual([
      1000,
      2000,
      4000,
      8000,
      8000,
      8000
    ])
    expect(OwnMatter.wait(1, 30_000, 0)).toBe(30_000)
    expect(OwnMatter.wait(1, undefined, 1)).toBeGreaterThan(1000)
  })
})
