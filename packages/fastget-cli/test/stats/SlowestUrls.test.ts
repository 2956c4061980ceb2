import { expect, it } from "@effect/vitest"
import * as SlowestUrls from "../../src/stats/SlowestUrls.js"
import * as Outcomes from "../support/Outcomes.js"

it("keeps the 20 slowest that were sent, the slowest first, without what may be secret", () => {
  const slowest = SlowestUrls.make()
  for (let n = 1; n <= 100; n++) {
    slowest.record(Outcomes.outcome({ millis: (n * 37) % 101, url: `http://a.example/?key=${n}` }))
  }
  slowest.record(Outcomes.outcome({ millis: 1000, attempts: 0 }))
  slowest.record(Outcomes.outcome({ millis: 500, reason: Outcomes.status(503) }))
  const list = slowest.list()
  expect(list.map(({ millis }) => millis)).toEqual([500, ...Array.from({ length: 19 }, (_, index) => 100 - index)])
  expect(list[0]).toMatchObject({ reason: "Status", status: 503 })
  expect(list[1]).toEqual({
    url: "http://a.example/?key=***",
    millis: 100,
    attempts: 1,
    status: 200,
    reason: "success"
  })
})
