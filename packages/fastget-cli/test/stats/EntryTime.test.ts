import { expect, it } from "@effect/vitest"
import { EntryTime } from "../../src/stats/EntryTime.js"
import * as Outcomes from "../support/Outcomes.js"

it("EntryTime adds up what entries took, by how they ended", () => {
  const time = new EntryTime()
  time.record(Outcomes.outcome(), 1)
  time.record(Outcomes.outcome({ attempts: 2 }), 10)
  for (const status of [429, 500, 404]) time.record(Outcomes.outcome({ reason: Outcomes.status(status) }), 100)
  time.record(Outcomes.outcome({ reason: { _tag: "Timeout", phase: "headers", limit: 1 } }), 1000)
  expect(time.read()).toEqual({ all: 1311, serverErrors: 200, sentAgain: 10, dns: 0, timeouts: 1000 })
})
