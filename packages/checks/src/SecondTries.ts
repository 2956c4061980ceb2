/**
 * Names the tests that failed and passed when they were run again, as `.ci/run`
 * does once: each of them is a fault of the test or of the code, to be mended.
 */
import type { Reporter, TestCase } from "vitest/node"

/** Whether a test passed, but not at once. */
export const isSecond = (test: Pick<TestCase, "result" | "diagnostic">): boolean =>
  test.result().state === "passed" && (test.diagnostic()?.retryCount ?? 0) > 0

export default class SecondTries implements Reporter {
  private readonly names: Array<string> = []

  onTestCaseResult(test: TestCase): void {
    if (isSecond(test)) this.names.push(`${test.module.moduleId.split("/").at(-1)}: ${test.fullName}`)
  }

  onTestRunEnd(): void {
    for (const name of this.names) process.stdout.write(`passed at the second try, mend it: ${name}\n`)
  }
}
