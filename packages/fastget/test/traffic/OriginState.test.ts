import * as OriginState from "#internal/traffic/OriginState"
import { describe, expect, it } from "@effect/vitest"

describe("the state of an origin", () => {
  it("is all zeros at first, as memory is that nobody has written to", () => {
    expect(new Set(Object.values(OriginState.initial()))).toEqual(new Set([0]))
  })

  it("names each of its fields once", () => {
    expect([...OriginState.names].sort()).toEqual(Object.keys(OriginState.initial()).sort())
    expect(new Set(OriginState.names).size).toBe(OriginState.names.length)
  })
})
