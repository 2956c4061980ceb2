import { expect, it } from "@effect/vitest"
import { FailureCounts } from "../../src/stats/FailureCounts.js"
import * as Outcomes from "../support/Outcomes.js"

it("FailureCounts tells statuses, what time ran out for and why origins are down apart, the most frequent first", () => {
  const counts = new FailureCounts()
  for (const status of [503, 404, 503]) counts.record(Outcomes.status(status))
  for (let n = 0; n < 3; n++) counts.record({ _tag: "Timeout", phase: "headers", limit: 1 })
  counts.record({ _tag: "Reset", bytes: 0, reused: false })
  const last = { _tag: "Connect", code: "ECONNREFUSED" } as const
  for (let n = 1; n <= 4; n++) counts.record({ _tag: "OriginDown", last, since: 0, skipped: n })
  expect(counts.list()).toEqual([
    { reason: "OriginDown", detail: "Connect", count: 4 },
    { reason: "Timeout", detail: "headers", count: 3 },
    { reason: "Status", detail: "503", count: 2 },
    { reason: "Status", detail: "404", count: 1 },
    { reason: "Reset", detail: undefined, count: 1 }
  ])
})
