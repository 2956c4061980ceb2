/** What FastGet must show, and whether the results show it. */
import type { Result } from "./Results.js"
import type { Scenario } from "./Scenario.js"
import type { Metric, Spread } from "./Statistics.js"
import * as Statistics from "./Statistics.js"

export interface Target {
  readonly scenario: string
  readonly text: string
  /** The bound, whether a figure must be above or below it, and a better one. */
  readonly bound: number
  readonly stretch?: number
  readonly direction: "at least" | "at most"
  readonly unit: "×" | " ms"
  readonly measure: (scenario: Scenario, result: Result) => Spread | undefined
}

type Verdict = "stretch" | "reached" | "missed" | "not measured"

const pairs = (row: string, baseline: string, metric: Metric): Target["measure"] => (scenario, result) =>
  Statistics.ratio(scenario, result, row, baseline, metric)

const figure = (row: string, metric: Metric): Target["measure"] => (scenario, result) =>
  Statistics.figure(scenario, result, row, metric)

const faster = (
  scenario: string,
  text: string,
  [row, baseline]: readonly [string, string],
  bound: number,
  stretch?: number
): Target => ({
  scenario,
  text,
  bound,
  ...(stretch === undefined ? undefined : { stretch }),
  direction: "at least",
  unit: "×",
  measure: pairs(row, baseline, Statistics.rate)
})

export const all: ReadonlyArray<Target> = [
  faster("tiny", "tiny JSON: requests/s, of raw undici", ["fastget", "undici-request"], 1.1, 1.3),
  {
    scenario: "tiny",
    text: "tiny JSON: CPU per request, of raw undici",
    bound: 1.3,
    stretch: 1.1,
    direction: "at most",
    unit: "×",
    measure: pairs("fastget", "undici-request", Statistics.cpu)
  },
  faster(
    "tiny",
    "tiny JSON, wrapped client: requests/s, of raw undici",
    ["fastget-wrapped", "undici-request"],
    0.6,
    0.8
  ),
  faster("tiny", "tiny JSON: requests/s, of the original's method", ["fastget", "original"], 5.5, 8),
  faster("tiny", "tiny JSON: requests/s, of `fetch` + p-map", ["fastget", "fetch"], 3, 4),
  faster("tiny", "tiny JSON: requests/s, of got + p-map", ["fastget", "got"], 5, 8),
  faster("tiny", "tiny JSON: requests/s, of `Stream.mapEffect`, stock", ["fastget", "effect-stock"], 20, 30),
  faster("10kb", "10 KB: requests/s, of raw undici", ["fastget", "undici-request"], 1.1, 1.4),
  faster("gzip10kb", "10 KB, compressed: requests/s, of raw undici", ["fastget", "undici-request-gzip"], 1.1, 1.4),
  faster("tls", "TLS: requests/s, of raw undici", ["fastget", "undici-request"], 1.1, 1.4),
  {
    scenario: "latency50",
    text: "50 ms latency: time, of the ideal",
    bound: 1.15,
    stretch: 1.05,
    direction: "at most",
    unit: "×",
    measure: figure("fastget", Statistics.overIdeal)
  },
  faster("slow", "one slow in 10,000: requests/s, of the run without", ["fastget", "fastget-noslow"], 0.9),
  {
    scenario: "start",
    text: "start: layer to first result, without imports",
    bound: 300,
    stretch: 150,
    direction: "at most",
    unit: " ms",
    measure: figure("fastget-start", Statistics.millis)
  },
  {
    scenario: "scale",
    text: "CPU per request at 1M entries, of that at 100k",
    bound: 1.05,
    direction: "at most",
    unit: "×",
    measure: pairs("1M", "100k", Statistics.cpu)
  },
  {
    scenario: "scale",
    text: "peak RSS at 10M entries, of that at 1M",
    bound: 1.1,
    direction: "at most",
    unit: "×",
    measure: pairs("10M", "1M", Statistics.rss)
  }
]

const verdict = ({ bound, direction, stretch }: Target, measured: Spread | undefined): Verdict => {
  if (measured === undefined) return "not measured"
  const meets = (bound: number) => direction === "at least" ? measured.median >= bound : measured.median <= bound
  if (stretch !== undefined && meets(stretch)) return "stretch"
  return meets(bound) ? "reached" : "missed"
}

/** One line of the table of targets. */
export const cells = (target: Target, measured: Spread | undefined): ReadonlyArray<string> => {
  const { bound, direction, stretch, text, unit } = target
  const digits = unit === "×" ? 2 : 0
  return [
    text,
    `${direction} ${bound}${unit}`,
    stretch === undefined ? "" : `${stretch}${unit}`,
    measured === undefined
      ? "–"
      : `${measured.median.toFixed(digits)}${unit} (${measured.min.toFixed(digits)}–${measured.max.toFixed(digits)})`,
    verdict(target, measured)
  ]
}

export const header = ["What", "Target", "Stretch", "Measured, median", "Verdict"]
