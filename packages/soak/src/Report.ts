/** What is printed of the runs, and whether they were good. */
import type { Result } from "./Client.js"

/** Of everything that must be 0, how much there is. */
export const problems = (result: Result): Readonly<Record<string, number>> => ({
  twice: result.twice,
  lost: result.lost,
  wrong: result.wrong,
  "never asked for": result.in - result.idsAsked,
  "threads left": result.threadsLeft,
  "sockets left": result.socketsLeft,
  "processes left": result.ended ? 0 : 1
})

export const isGood = (entries: number, result: Result): boolean =>
  result.in === entries && result.out === entries && Object.values(problems(result)).every((count) => count === 0)

/** The figures of runs side by side, a run in each column. */
export const table = (columns: Readonly<Record<string, Result>>): string => {
  const results = Object.values(columns)
  const row = (label: string, cell: (result: Result) => string) => [label, ...results.map(cell)]
  const reasons = [...new Set(results.flatMap(({ byReason }) => Object.keys(byReason)))].sort()
  const rows = [
    ["", ...Object.keys(columns)],
    row("ids in", (result) => count(result.in)),
    row("ids out", (result) => count(result.out)),
    ...Object.keys(problems(results[0]!)).map((name) => row(name, (result) => count(problems(result)[name]!))),
    ...reasons.map((reason) => row(`  ${reason}`, ({ byReason }) => count(byReason[reason] ?? 0))),
    row("kills", ({ kills }) => count(kills)),
    row("workers started", ({ workersStarted }) => count(workersStarted)),
    row("requests at the server", ({ requests }) => count(requests)),
    row("peak RSS, MiB", ({ peakRssBytes }) => count(Math.round(peakRssBytes / 2 ** 20))),
    row("seconds", ({ seconds }) => seconds.toFixed(1)),
    row("ids/s", ({ out, seconds }) => count(Math.round(out / seconds)))
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows
    .map((cells) => cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("   "))
    .join("\n")
}

const count = (number: number): string => number.toLocaleString("en-US")
