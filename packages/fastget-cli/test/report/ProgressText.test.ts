import { describe, expect, it } from "@effect/vitest"
import type { OriginTraffic } from "fastget/FetchPool"
import { stripVTControlCharacters } from "node:util"
import * as ProgressText from "../../src/report/ProgressText.js"
import * as RunStatistics from "../../src/stats/RunStatistics.js"
import * as Origins from "../support/Origins.js"
import * as Snapshots from "../support/Snapshots.js"

const gauges = { workers: 2, inFlight: 64 }
const terminal = { columns: 100, rows: 24, hasColors: false }
const running = Snapshots.snapshot({ total: 2000, secondsLeft: 9.2, rate: { now: 99.6, average: 100 } })

describe("ProgressText", () => {
  it("shows done and total, rates, the time left, failures, latency and workers", () => {
    expect(ProgressText.lines(running, gauges, terminal).join("\n")).toMatchInlineSnapshot(`
      "━━━━━━━━━━━━━━━───────────────  50 %  1,000 of 2,000  ETA 10 s  99.6/s now, 100/s on average
      10.0 kB/s  10 failed: Status 503 ×8, Timeout headers ×2
      p50 44.9 ms, p95 67.7 ms, p99 69.2 ms, max 30.0 s  2 workers, 64 with them"
    `)
  })

  it.each([1, 2, 10, 20, 40, 60, 79, 80, 200])("fits into %d columns", (columns) => {
    for (const rows of [1, 2, 4, 24]) {
      const lines = ProgressText.lines(running, gauges, { ...terminal, columns, rows })
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(1, columns - 1))
    }
  })

  it("colors only where there are colors, and is as wide with them", () => {
    const escape = "\u001B"
    const colored = ProgressText.lines(running, gauges, { ...terminal, hasColors: true }).join("\n")
    const plain = ProgressText.lines(running, gauges, terminal).join("\n")
    expect(plain).not.toContain(escape)
    expect(colored).toContain(`${escape}[31m10 failed`)
    expect(stripVTControlCharacters(colored)).toBe(plain)
  })

  it("says which server is waited for and how long, and which is down", () => {
    const statistics = RunStatistics.make()
    const shown = (...origins: ReadonlyArray<Partial<OriginTraffic>>) => {
      statistics.traffic(origins.map(Origins.traffic))
      const snapshot = { ...running, origins: statistics.snapshot().origins }
      return [ProgressText.lines(snapshot, gauges, terminal).join("\n"), ProgressText.line(snapshot)]
    }
    const closed = { refusals: 1, waiting: 5, opensIn: 11_300 }
    const [live, line] = shown(closed)
    expect(live).toContain("ETA 10 s  waiting for api.example.com, 12 s\n99.6/s now")
    expect(line).toContain("ETA 10 s, waiting for api.example.com, 12 s, 10 failed")
    const longer = { ...closed, origin: "http://b.example:8080", opensIn: 65_000 }
    expect(shown(closed, longer)[1]).toContain("waiting for b.example:8080, 1 min 5 s, and 1 other, 10")
    // Nobody waits, or it is open again.
    expect(shown({ ...closed, waiting: 0 }, { ...longer, opensIn: 0 })[1]).not.toContain("waiting")
    expect(shown({ downSince: 1 })[1]).toContain("ETA 10 s, api.example.com is down, 10 failed")
  })

  it("says that the total is not known", () => {
    const lines = ProgressText.lines(Snapshots.snapshot({ total: undefined, secondsLeft: undefined }), gauges, terminal)
    expect(lines.join("\n")).toContain("1,000 done, total not known  time left not known")
  })

  it("counts entries that were done before as done", () => {
    const text = ProgressText.line(Snapshots.snapshot({ total: 4000, skipped: 2000, secondsLeft: undefined }))
    expect(text).toMatch(/^3,000 of 4,000 \(75 %\), [\d.]+\/s, ETA …, 10 failed, p50 44\.9 ms$/)
  })
})
