/** The metrics that the demo prints, and the questions of docs/observability.md, which only ask for metrics that there are. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Predicate from "effect/Predicate"
import { FetchMetrics } from "fastget"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

const counters: ReadonlyArray<string> = [
  "outcomes",
  "attempts",
  "bytes",
  "refusals",
  "worker_restarts",
  "origins_without_slot"
]

const isMetric = (u: unknown): u is Metric.Metric<any, never, unknown> => Predicate.hasProperty(u, Metric.MetricTypeId)

/** The names as Prometheus has them, made of those of the library. */
const names = Effect.runSync(Effect.map(
  Effect.zipRight(
    Effect.forEach(Object.values<unknown>(FetchMetrics).filter(isMetric), (metric) => Metric.value(metric)),
    FetchMetrics.snapshot
  ),
  (all) =>
    new Set(all.map(({ metricKey: { name } }) => {
      if (counters.includes(name.replace("fastget_", ""))) return `${name}_total`
      return name === "fastget_latency_ms" ? `${name}_bucket` : name
    }))
))

const asked = (text: string) => new Set(text.match(/fastget_[a-z_]+/g))

interface Panel {
  readonly title: string
  readonly description: string
  readonly targets: ReadonlyArray<{ readonly expr: string }>
}

const dashboard: { readonly panels: ReadonlyArray<Panel> } = JSON.parse(
  Fs.readFileSync(path("docs/public/grafana-dashboard.json"), "utf8")
)

describe("the dashboard", () => {
  it("answers ten questions, with every metric there is and no other", () => {
    expect(dashboard.panels).toHaveLength(10)
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n")
    expect([...asked(queries)].sort()).toEqual([...names].sort())
  })

  it("asks what docs/observability.md asks", () => {
    const page = Fs.readFileSync(path("docs/observability.md"), "utf8")
    for (const { description, targets } of dashboard.panels) {
      const row = page.split("\n").find((line) => line.startsWith(`| ${description} `))
      for (const { expr } of targets) expect(row).toContain(`\`${expr.replaceAll("$__rate_interval", "1m")}\``)
    }
  })
})

it("npm run demo:observe prints the metrics of its run in the text of Prometheus", async () => {
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [path("packages/demo/dist/demo-observe.js")])
  expect(stderr).toBe("")
  const lines = stdout.trim().split("\n")
  const samples = lines.filter((line) => !line.startsWith("#"))
  expect(samples.filter((line) => !/^[a-z_]+(?:\{(?:[a-z]+="[^"]*",?)+\})? -?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(line)))
    .toEqual([])
  const valueOf = (series: string) => Number(samples.find((line) => line.startsWith(`${series} `))?.split(" ").at(-1))
  expect(valueOf("fastget_outcomes_total{job=\"demo\",reason=\"success\"}")).toBe(1980)
  expect(valueOf("fastget_outcomes_total{job=\"demo\",reason=\"Status\"}")).toBe(20)
  expect(valueOf("fastget_latency_ms_count{job=\"demo\"}")).toBe(2000)
  expect(valueOf("fastget_latency_ms_bucket{job=\"demo\",le=\"+Inf\"}")).toBe(2000)
  expect(lines).toContain("# TYPE fastget_outcomes_total counter")
  expect(lines).toContain("# TYPE fastget_in_flight gauge")
  expect(lines).toContain("# TYPE fastget_latency_ms histogram")
})
