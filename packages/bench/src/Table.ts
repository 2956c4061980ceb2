/** Tables of results, for the terminal and for Markdown alike. */
import type { Result, Row } from "./Results.js"
import type { Scenario } from "./Scenario.js"
import type { Metric, Spread } from "./Statistics.js"
import * as Statistics from "./Statistics.js"

interface Column {
  readonly title: string
  readonly cell: (scenario: Scenario, result: Result, row: Row) => string
}

const missing = "–"

const format = (digits: number) => (value: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** `1.12 (1.05–1.20)` */
const withSpread = (spread: Spread | undefined, digits: number, unit = ""): string => {
  if (spread === undefined) return missing
  const show = format(digits)
  return `${show(spread.median)}${unit} (${show(spread.min)}–${show(spread.max)})`
}

const median = (title: string, metric: Metric, digits: number): Column => ({
  title,
  cell: (scenario, result, row) => {
    const spread = Statistics.figure(scenario, result, row.id, metric)
    return spread === undefined ? missing : format(digits)(spread.median)
  }
})

const spread = (title: string, metric: Metric, digits: number): Column => ({
  title,
  cell: (scenario, result, row) => withSpread(Statistics.figure(scenario, result, row.id, metric), digits)
})

const ratio = (title: string, metric: Metric): Column => ({
  title,
  cell: (scenario, result, row) =>
    row.baseline === undefined || row.baseline === row.id
      ? missing
      : withSpread(Statistics.ratio(scenario, result, row.id, row.baseline, metric), 2, "×")
})

const client: Column = { title: "Client", cell: (_, __, row) => row.label }
const entries: Column = {
  title: "Entries",
  cell: (_, __, row) => row.entries === 0 ? missing : format(0)(row.entries)
}
const rate = median("Requests/s", Statistics.rate, 0)
const cpu = median("CPU µs/request", Statistics.cpu, 1)
const serverCpu = median("Server's", Statistics.serverCpu, 1)
const rss = median("Peak RSS, MiB", Statistics.rss, 0)
const rateRatio = ratio("Rate, ratio", Statistics.rate)
const cpuRatio = ratio("CPU, ratio", Statistics.cpu)

const columns: Record<NonNullable<Scenario["table"]>, ReadonlyArray<Column>> = {
  rate: [client, entries, rate, rateRatio, cpu, cpuRatio, serverCpu, rss],
  ideal: [
    client,
    entries,
    median("Seconds", Statistics.seconds, 2),
    spread("Of the ideal", Statistics.overIdeal, 3),
    cpu,
    cpuRatio,
    rss
  ],
  start: [
    client,
    spread("First result, ms", Statistics.millis, 0),
    spread("From the process' start, ms", Statistics.coldMillis, 0),
    rss
  ],
  scale: [entries, rate, cpu, cpuRatio, rss, ratio("RSS, ratio", Statistics.rss)]
}

/** The header and the lines of a scenario's table. */
export const make = (scenario: Scenario, result: Result): ReadonlyArray<ReadonlyArray<string>> => {
  const chosen = columns[scenario.table ?? "rate"]
  const rows = result.rows.filter(({ label }) => !result.skipped.includes(label))
  return [
    chosen.map(({ title }) => title),
    ...rows.map((row) => chosen.map(({ cell }) => cell(scenario, result, row)))
  ]
}

/** As Markdown, in columns as wide as their widest cell. */
export const markdown = (table: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = table[0]!.map((_, column) => Math.max(3, ...table.map((cells) => cells[column]!.length)))
  const line = (cells: ReadonlyArray<string>) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  const [header, ...rows] = table
  return [line(header!), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}
