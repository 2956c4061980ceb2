import { describe, expect, it } from "@effect/vitest"
import * as ReportCharts from "../../src/report/ReportCharts.js"
import * as ReportStyle from "../../src/report/ReportStyle.js"
import * as Snapshots from "../support/Snapshots.js"

describe("ReportCharts", () => {
  it("has the numbers of each chart as a table behind it", () => {
    for (
      const { markup } of [ReportCharts.throughput(Snapshots.snapshot()), ReportCharts.latency(Snapshots.snapshot())]
    ) {
      expect(markup).toMatch(/<svg .*<\/svg>.*<details>.*<table>/s)
    }
  })

  it("draws nothing of a run in which nothing happened", () => {
    expect(ReportCharts.throughput(Snapshots.nothing).markup).toBe("<p>Nothing was fetched.</p>")
    expect(ReportCharts.latency(Snapshots.nothing).markup).toBe("<p>No request was made.</p>")
  })

  it("has at most 80 columns, whose rates are those of the run", () => {
    const { markup } = ReportCharts.throughput(Snapshots.snapshot())
    expect(markup.match(/<tr><th scope="row">/g)!.length).toBeLessThanOrEqual(80)
    expect(markup).toContain("100/s succeeded")
  })

  it("has a style for each class that it uses", () => {
    const { markup } = ReportCharts.latency(Snapshots.snapshot())
    const classes = new Set([...markup.matchAll(/<rect class="(\w+)"/g)].map(([, name]) => name!))
    for (const name of classes) expect(ReportStyle.css).toContain(`.${name}`)
  })
})
