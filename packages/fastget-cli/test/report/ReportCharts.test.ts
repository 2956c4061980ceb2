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

  it("draws the requests that were refused above the outcomes, where there are any", () => {
    const { markup: without } = ReportCharts.throughput(Snapshots.snapshot())
    expect(without).not.toMatch(/refus/i)
    const { throughput, ...snapshot } = Snapshots.snapshot()
    const points = throughput.points.map((point, index) => ({ ...point, refused: index < 4 ? 50 : 0 }))
    const { markup } = ReportCharts.throughput({ ...snapshot, throughput: { ...throughput, points } })
    expect(markup).toContain("<span class=\"key refused\"></span>")
    expect(markup).toMatch(/<rect class="refused"/)
    expect(markup).toContain("200/s refused")
    expect(markup).toContain("<th scope=\"col\" class=\"number\">Refused/s</th>")
    expect(ReportStyle.css).toContain("svg .refused")
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
