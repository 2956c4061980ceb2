import { describe, expect, it } from "@effect/vitest"
import * as Summary from "../../src/report/Summary.js"
import * as Origins from "../support/Origins.js"
import * as Snapshots from "../support/Snapshots.js"

describe("Summary", () => {
  it("says in text what a run came to", () => {
    const text = Summary.text(Snapshots.snapshot(), undefined)
    expect(text.split("\n")[0]).toBe("fetched 990 of 1,000 in 10.0 s (100/s), 10 failed")
    expect(text).toContain("failed     Status 503 ×8, Timeout headers ×2")
    expect(text).toContain("requests   1,016; 8 entries sent again")
    expect(text).toMatch(/latency {4}p50 4\d\.\d ms, p95 6\d\.\d ms, p99 69\.2 ms, max 30\.0 s/)
    expect(text).toContain("received   100 kB (10.0 kB/s), wrote 123 kB")
    expect(text).toMatch(/limit {6}What limited the run is not known/)
    expect(text).not.toContain("go on with")
  })

  it("says what is left of a run that was interrupted, and how to go on", () => {
    const text = Summary.text(
      Snapshots.snapshot({ total: 5000, skipped: 1000, badRows: 1, done: 1001 }),
      "fastget urls.txt -o out.ndjson --resume"
    )
    expect(text.split("\n")[0]).toBe(
      "fetched 990 of 4,000 in 10.0 s (100/s), 10 failed, 1 bad row, 2,999 left, 1,000 done before"
    )
    expect(text).toContain("bad rows ×1")
    expect(text).toMatch(/go on with fastget urls\.txt -o out\.ndjson --resume$/)
  })

  it("tells the limit of a server, in text and as JSON", () => {
    const down = { host: "down", origin: "http://down", rate: undefined, refusals: 0, answered: 0, skipped: 4 }
    const origins = [Origins.held(8000), Origins.held(0, down)]
    const snapshot = Snapshots.snapshot({ origins })
    expect(Summary.text(snapshot, undefined)).toMatch(
      /limit {6}Limited by a server limit: about 98 requests\/s at api\.example\.com\. Set it \(--rate 98\/s/
    )
    expect(Summary.text(snapshot, undefined)).toContain(
      "requests   1,016, and 120 refused for their rate; 8 entries sent again"
    )
    expect(Summary.json(snapshot).origins).toEqual([
      { origin: "https://api.example.com", answered: 900, refused: 120, rate: 98.4, waited: 8, skipped: 0 },
      { origin: "http://down", answered: 0, refused: 0, rate: null, waited: 0, skipped: 4 }
    ])
  })

  it("says little of a run in which nothing happened", () => {
    const text = Summary.text(
      Snapshots.snapshot({ total: 0, done: 0, succeeded: 0, failed: 0, failures: [], attempts: 0 }),
      undefined
    )
    expect(text).toMatch(/^fetched 0 of 0/)
    expect(text).not.toMatch(/failed|latency|requests {2}/)
  })

  it("names the five most frequent reasons, and counts the others", () => {
    const failures = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ reason: "Status", detail: `50${n}`, count: 10 - n }))
    expect(Summary.failures(Snapshots.snapshot({ failures }), 5)).toBe(
      "Status 501 ×9, Status 502 ×8, Status 503 ×7, Status 504 ×6, Status 505 ×5, others ×7"
    )
  })

  it("is JSON with the same numbers, as documented", () => {
    const snapshot = Snapshots.snapshot({ total: undefined, startedAt: Date.UTC(2026, 0, 2) })
    const json = JSON.parse(JSON.stringify(Summary.json(snapshot))) as Summary.SummaryJson
    expect(json).toMatchObject({
      version: 1,
      startedAt: "2026-01-02T00:00:00.000Z",
      total: null,
      succeeded: 990,
      failed: 10,
      badRows: 0,
      failures: [{ reason: "Status", detail: "503", count: 8 }, { reason: "Timeout", detail: "headers", count: 2 }],
      requests: 1016,
      entriesSentAgain: 8,
      bytesReceived: 100_000,
      bytesWritten: 123_456,
      limit: { limiter: "unknown", advice: null },
      settings: { connectionsPerOrigin: "64" }
    })
    expect(Object.keys(json).sort()).toEqual([
      "badRows",
      "bytesReceived",
      "bytesWritten",
      "entriesSentAgain",
      "failed",
      "failures",
      "fastget",
      "hosts",
      "latency",
      "limit",
      "origins",
      "rate",
      "requests",
      "seconds",
      "settings",
      "skipped",
      "slowest",
      "startedAt",
      "succeeded",
      "total",
      "usage",
      "version"
    ])
  })
})
