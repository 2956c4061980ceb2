/**
 * Adds up vitest's reports in a folder: prints what failed, and as its last
 * line `N passed, N failed`. A command that failed without a failed test in its
 * report (a build, a Node that could not be had) counts as one.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly message: string
    readonly assertionResults: ReadonlyArray<{
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: ReadonlyArray<string>
    }>
  }>
}

export interface Count {
  readonly passed: number
  /** For each failure which test it was, and what it said. */
  readonly failures: ReadonlyArray<string>
}

/** Lines of a message that are told: what was expected, and where. */
const mostLines = 6

const beginning = (message: string): string => message.split("\n").slice(0, mostLines).join("\n  ")

/** What one command did: its report, if it wrote one, and its exit code. */
export const countOf = (name: string, report: Report | undefined, code: number): Count => {
  const failures = (report?.testResults ?? []).flatMap(({ assertionResults, name: file }) =>
    assertionResults.filter(({ status }) => status === "failed").map(({ failureMessages = [], fullName }) =>
      [`${name}: ${Path.basename(file)}: ${fullName}`, ...failureMessages.map(beginning)].join("\n  ")
    )
  )
  const isUntold = failures.length === 0 && code !== 0
  return {
    passed: report?.numPassedTests ?? 0,
    failures: isUntold ? [`${name}: ended with ${code}, see above`] : failures
  }
}

const readReport = (file: string): Report | undefined =>
  Fs.existsSync(file) ? JSON.parse(Fs.readFileSync(file, "utf8")) as Report : undefined

/** All commands of a folder: `name.code` is its exit code, `name.json` its report. */
const countAll = (folder: string): ReadonlyArray<Count> =>
  Fs.readdirSync(folder).filter((file) => file.endsWith(".code")).sort().map((file) => {
    const name = file.slice(0, -".code".length)
    const code = Number(Fs.readFileSync(Path.join(folder, file), "utf8"))
    return countOf(name, readReport(Path.join(folder, `${name}.json`)), code)
  })

const folder = process.argv[2]
if (folder !== undefined && process.argv[1]?.endsWith("count-reports.js") === true) {
  const all = countAll(folder)
  const failures = all.flatMap((count) => count.failures)
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`)
  const passed = all.reduce((sum, count) => sum + count.passed, 0)
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
  process.exitCode = failures.length === 0 ? 0 : 1
}
