import * as DurationText from "#internal/base/DurationText"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"

const millisOf = (text: string) => {
  const duration = DurationText.parse(text)
  return duration === undefined ? undefined : Duration.toMillis(duration)
}

describe("a duration as text", () => {
  it.each([
    ["10s", 10_000],
    ["500ms", 500],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    [".5 seconds", 500],
    ["1m30s", 90_000],
    [" 1 hour 30 minutes ", 5_400_000],
    ["1w2d", 777_600_000],
    ["5us", 0.005],
    ["5\u00b5s", 0.005],
    ["5\u03bcs", 0.005],
    ["1000000ns", 1]
  ])("%j is %d ms", (text, millis) => {
    expect(millisOf(text)).toBeCloseTo(millis, 9)
  })

  it.each(["", " ", "10", "s", "10 S", "10x", "-1s", "1s 1m", "1s2s", "1e3ms", "10s!"])("%j is none", (text) => {
    expect(millisOf(text)).toBeUndefined()
  })

  it("that has no unit, or one in capital letters, is told how it is meant", () => {
    expect(DurationText.hint(" 10 ")).toBe("a number needs its unit, 10s or 10ms")
    expect(DurationText.hint("10 S")).toBe("units are written small, 10 s")
    expect(["10s", "soon", "10X"].map(DurationText.hint)).toEqual([undefined, undefined, undefined])
  })

  it("is shown in forms that can be read", () => {
    const forms = DurationText.forms.replaceAll("\"", "").split(/, | or /)
    expect(forms.length).toBe(5)
    expect(forms.map(millisOf)).not.toContain(undefined)
  })
})
