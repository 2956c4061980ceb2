import { expect, it } from "vitest"
import * as Simulation from "../src/cluster/Simulation.js"

const run = (options: Partial<Simulation.Options>) =>
  Simulation.run({
    runners: 1,
    origins: 100_000,
    lanes: 1,
    cores: 4,
    to: "client",
    costs: Simulation.measured,
    ...options
  })

it("is as fast as its one runner, and never faster than all of them", () => {
  expect(run({ to: "table" })).toMatchObject({ limit: "runners", share: 1 })
  for (const runners of [2, 10, 100]) {
    for (const to of ["client", "table"] as const) {
      const { rate, share } = run({ runners, to })
      expect(share).toBeLessThanOrEqual(1)
      expect(rate).toBeGreaterThanOrEqual(0)
    }
  }
})

it("says what keeps it from more", () => {
  const freeClient = { ...Simulation.measured, clientAnswer: 0, clientMessage: 0, runnerSecond: 0 }
  expect(run({ runners: 200, costs: freeClient }).limit).toBe("partitions")
  expect(run({ runners: 200 }).limit).toBe("client")
  expect(run({ runners: 20, to: "table" }).limit).toBe("database")
  expect(run({ runners: 4, origins: 1, to: "table" }).limit).toBe("partitions")
  expect(run({ runners: 4, origins: 1, lanes: 16, to: "table" }).share).toBeGreaterThan(
    run({ runners: 4, origins: 1, to: "table" }).share
  )
})
