/** How `.ci/run` counts. */
import { expect, it } from "vitest"
import { countOf } from "../src/count-reports.js"

const report = (...statuses: ReadonlyArray<string>) => ({
  numPassedTests: statuses.filter((status) => status === "passed").length,
  numFailedTests: statuses.filter((status) => status === "failed").length,
  testResults: [{
    name: "/a/X.test.ts",
    message: "",
    assertionResults: statuses.map((status, index) => ({ status, fullName: `test ${index}` }))
  }]
})

it("counts the tests of a report, and names those that failed", () => {
  expect(countOf("whole", report("passed", "failed", "skipped", "passed"), 1)).toEqual({
    passed: 2,
    failures: ["whole: X.test.ts: test 1"]
  })
})

it("counts a command that fails without a failed test as one failure", () => {
  const failures = ["node-26-quick: ended with 3, see above"]
  expect(countOf("node-26-quick", undefined, 3)).toEqual({ passed: 0, failures })
  expect(countOf("node-26-quick", report("passed"), 3)).toEqual({ passed: 1, failures })
})

it("counts nothing else", () => {
  expect(countOf("whole", report("passed"), 0)).toEqual({ passed: 1, failures: [] })
})
