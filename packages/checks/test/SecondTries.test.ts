import { expect, it } from "vitest"
import type { TestCase } from "vitest/node"
import { isSecond } from "../src/SecondTries.js"

const test = (state: "passed" | "failed", retryCount: number) =>
  ({ result: () => ({ state }), diagnostic: () => ({ retryCount }) }) as unknown as Pick<
    TestCase,
    "result" | "diagnostic"
  >

it("tells a test that passed when it was run again from one that passed at once, and from one that failed twice", () => {
  expect([test("passed", 1), test("passed", 0), test("failed", 1)].map(isSecond)).toEqual([true, false, false])
})
