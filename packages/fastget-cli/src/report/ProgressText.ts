/**
 * What the display says: a snapshot comes in, lines that fit go out. No line is
 * wider than the terminal, and there are not more of them than it has rows.
 */
import * as Quantity from "../stats/Quantity.js"
import type { Snapshot } from "../stats/Snapshot.js"
import * as Summary from "./Summary.js"

/** What the library's gauges tell. */
export interface Gauges {
  readonly workers: number
  /** Entries that are with the workers: on a connection, or waiting there for one. */
  readonly inFlight: number
}

export interface Terminal {
  readonly columns: number
  readonly rows: number
  readonly hasColors: boolean
}

interface Field {
  readonly text: string
  readonly color?: "accent" | "bad" | "quiet"
}

/** One line, for a log: `1,234 of 10,000 (12 %), 812/s, ETA 11 s, 10 failed, p50 48.0 ms`. */
export const line = (snapshot: Snapshot): string =>
  [
    amount(snapshot) + (shareDone(snapshot) === undefined ? "" : ` (${Quantity.percent(shareDone(snapshot)!)})`),
    Quantity.rate(snapshot.rate.now),
    timeLeft(snapshot),
    ...waits(snapshot),
    ...(snapshot.failed + snapshot.badRows === 0 ? [] : [failed(snapshot)]),
    `p50 ${Quantity.millis(snapshot.latency.p50)}`
  ].join(", ")

/** The lines of the live display. */
export const lines = (snapshot: Snapshot, gauges: Gauges, terminal: Terminal): ReadonlyArray<string> => {
  // The last column stays free: some terminals begin a new line when it is written.
  const width = Math.max(1, terminal.columns - 1)
  const rows: Array<Array<Field>> = []
  let left = 0
  for (const field of fields(snapshot, gauges, width)) {
    const needed = field.text.length + gap.length
    if (rows.length > 0 && needed <= left) {
      rows.at(-1)!.push(field)
      left -= needed
    } else {
      const text = field.text.length <= width ? field.text : `${field.text.slice(0, width - 1)}…`
      rows.push([{ ...field, text }])
      left = width - text.length
    }
  }
  // The row below the last line has the cursor.
  return rows.slice(0, Math.max(1, terminal.rows - 1)).map((row) =>
    row.map(({ color, text }) => color !== undefined && terminal.hasColors ? paint(color, text) : text).join(gap)
  )
}

const gap = "  "
const codes = { accent: 36, bad: 31, quiet: 2 }
const paint = (color: keyof typeof codes, text: string): string => `\u001B[${codes[color]}m${text}\u001B[0m`

const fields = (snapshot: Snapshot, { inFlight, workers }: Gauges, width: number): ReadonlyArray<Field> => {
  const { bytesRate, latency, rate } = snapshot
  const share = shareDone(snapshot)
  return [
    ...(share === undefined ? [] : [{ text: bar(share, Math.min(30, width - 8)), color: "accent" as const }]),
    { text: amount(snapshot) },
    { text: timeLeft(snapshot) },
    ...waits(snapshot).map((text) => ({ text })),
    { text: `${Quantity.rate(rate.now)} now, ${Quantity.rate(rate.average)} on average` },
    { text: `${Quantity.bytes(bytesRate.now)}/s` },
    ...(snapshot.failed + snapshot.badRows === 0 ? [] : [{
      text: `${failed(snapshot)}: ${Summary.failures(snapshot, 3)}`,
      color: "bad" as const
    }]),
    { text: Summary.latencies(latency), color: "quiet" },
    { text: `${Quantity.counted(workers, "worker")}, ${Quantity.count(inFlight)} with them`, color: "quiet" }
  ]
}

/** `━━━━━─────  45 %`, so wide without the percent. */
const bar = (share: number, width: number): string => {
  const cells = Math.max(0, width)
  const full = Math.floor(share * cells)
  return `${"━".repeat(full)}${"─".repeat(cells - full)} ${String(Math.floor(share * 100)).padStart(3)} %`
}

const amount = ({ done, skipped, total }: Snapshot): string =>
  total === undefined
    ? `${Quantity.count(done)} done, total not known`
    : `${Quantity.count(done + skipped)} of ${Quantity.count(total)}`

const shareDone = ({ done, skipped, total }: Snapshot): number | undefined =>
  total === undefined ? undefined : total === 0 ? 1 : Math.min(1, (done + skipped) / total)

const timeLeft = ({ secondsLeft, total }: Snapshot): string =>
  secondsLeft === undefined
    ? total === undefined ? "time left not known" : "ETA …"
    : `ETA ${wholeSeconds(secondsLeft)}`

/** Tenths of a second would only flicker. */
const wholeSeconds = (seconds: number): string => Quantity.seconds(Math.ceil(seconds)).replace(/\.\d+ s$/, " s")

/** `waiting for api.example.com, 12 s`: the origins that asked to be left alone, and those that nothing answers at. */
const waits = ({ origins }: Snapshot): ReadonlyArray<string> => {
  const closed = origins.filter(({ opensIn, waiting }) => opensIn > 0 && waiting > 0)
  const [longest] = [...closed].sort((a, b) => b.opensIn - a.opensIn)
  const down = origins.filter(({ downSince }) => downSince !== undefined)
  const [first] = down
  return [
    ...(longest === undefined
      ? []
      : [`waiting for ${longest.host}, ${wholeSeconds(longest.opensIn / 1000)}${andOthers(closed.length - 1)}`]),
    ...(first === undefined ? [] : [`${first.host} is down${andOthers(down.length - 1)}`])
  ]
}

const andOthers = (count: number): string => count === 0 ? "" : `, and ${Quantity.counted(count, "other")}`

const failed = ({ badRows, failed }: Snapshot): string => `${Quantity.count(failed + badRows)} failed`
