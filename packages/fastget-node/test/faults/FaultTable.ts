/**
 * What `npm run faults` prints: a line for each test of the fault suite, with
 * what was measured in it. A reporter of vitest.
 */
import type { Reporter, TestCase } from "vitest/node"
import type { Measured } from "./Measure.js"

const heads = ["", "test", "outcome", "times", "s", "heap +MB", "RSS +MB", "sockets", "threads", "closed in ms"]
const widths = [1, 72, 34, 6, 6, 8, 8, 7, 7, 12]

const line = (cells: ReadonlyArray<string>): string =>
  cells.map((cell, n) => n < 3 ? cell.slice(0, widths[n]).padEnd(widths[n]!) : cell.padStart(widths[n]!)).join("  ")

const shown = (value: number | undefined, digits = 0): string => value === undefined ? "" : value.toFixed(digits)

const megabytes = (bytes: number | undefined): string => shown(bytes === undefined ? undefined : bytes / 1e6, 1)

const row = (test: TestCase): string => {
  const measured: Measured = test.meta().measured ?? {}
  const { state } = test.result()
  return line([
    state === "passed" ? "✓" : state === "failed" ? "×" : "-",
    test.name,
    measured.outcomes ?? "",
    shown(measured.repeats),
    shown(measured.seconds, 1),
    megabytes(measured.heapGrowth),
    megabytes(measured.rssGrowth),
    shown(measured.sockets),
    shown(measured.threads),
    shown(measured.closing)
  ])
}

export default class FaultTable implements Reporter {
  onInit(): void {
    console.log(line(heads))
  }

  onTestCaseResult(test: TestCase): void {
    console.log(row(test))
  }
}
