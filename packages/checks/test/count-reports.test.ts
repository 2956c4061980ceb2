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

it("tells what a failed test said, its first lines", () => {
  const [file] = report("failed").testResults
  const failureMessages = [Array.from({ length: 9 }, (_, line) => `line ${line}`).join("\n")]
  const assertionResults = file!.assertionResults.map((test) => ({ ...test, failureMessages }))
  const { failures } = countOf("whole", { ...report("failed"), testResults: [{ ...file!, assertionResults }] }, 1)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toContain("whole: X.test.ts: test 0\n  line 0\n")
  expect(failures[0]).toContain("line 5")
  expect(failures[0]).not.toContain("line 6")
})

it("counts a command that fails without a failed test as one failure", () => {
  const failures = ["node-26-quick: ended with 3, see above"]
  expect(countOf("node-26-quick", undefined, 3)).toEqual({ passed: 0, failures })
  expect(countOf("node-26-quick", report("passed"), 3)).toEqual({ passed: 1, failures })
})

it("counts nothing else", () => {
  expect(countOf("whole", report("passed"), 0)).toEqual({ passed: 1, failures: [] })
})
