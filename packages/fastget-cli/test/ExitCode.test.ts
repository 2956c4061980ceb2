import { expect, it } from "@effect/vitest"
import * as ExitCode from "../src/ExitCode.js"

it("a tolerance is a share or a number", () => {
  expect(["5%", "0.5%", "20", " 20 ", "100%"].map(ExitCode.parseTolerance)).toEqual([
    { share: 0.05 },
    { share: 0.005 },
    { count: 20 },
    { count: 20 },
    { share: 1 }
  ])
  expect(["", "x", "-1", "1.5", "101%", "5 %"].map(ExitCode.parseTolerance)).toEqual(Array(6).fill(undefined))
})

it("a run fails with more failures than are tolerated", () => {
  expect(ExitCode.ofRun(100, 0, ExitCode.none)).toBe(0)
  expect(ExitCode.ofRun(100, 1, ExitCode.none)).toBe(1)
  expect([5, 6].map((failed) => ExitCode.ofRun(100, failed, { share: 0.05 }))).toEqual([0, 1])
  expect([5, 6].map((failed) => ExitCode.ofRun(100, failed, { count: 5 }))).toEqual([0, 1])
})
