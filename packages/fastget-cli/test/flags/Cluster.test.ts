/** The flags of a cluster, its URL, and which side has which option. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import * as ClusterFlags from "../../src/flags/ClusterFlags.js"
import * as ClusterUrl from "../../src/flags/ClusterUrl.js"
import * as Sides from "../../src/flags/Sides.js"

const none = { cluster: Option.none<string>(), lanes: Option.none<string>(), runnerTimeout: Option.none<string>() }

describe("the flags of a cluster", () => {
  it.effect("go before the environment; without a URL there is no cluster", () =>
    Effect.gen(function*() {
      expect(yield* ClusterFlags.resolve(none, { FASTGET_LANES: "2" })).toBeUndefined()
      const given = { ...none, cluster: Option.some("postgres://a@flag/d"), lanes: Option.some("3") }
      const environment = {
        FASTGET_CLUSTER: "postgres://a@variable/d",
        FASTGET_LANES: "2",
        FASTGET_RUNNER_TIMEOUT: "30s"
      }
      const cluster = yield* ClusterFlags.resolve(given, environment)
      expect(cluster?.database.shown).toBe("postgres://a@flag/d")
      expect(cluster?.options.lanes).toBe(3)
      expect(cluster?.options.runnerTimeout).toBeDefined()
    }))
})

describe("the URL of a cluster", () => {
  it.effect("is shown without its password and its options, which no message repeats", () =>
    Effect.gen(function*() {
      const text = "postgresql://me:p%40ss@db:5433/fastget?password=other&sslmode=require"
      const database = yield* ClusterUrl.parse("--cluster", text)
      expect(Redacted.value(database.url)).toBe(text)
      expect(database.shown).toBe("postgresql://me:***@db:5433/fastget")
      expect(ClusterUrl.hide(database, `p@ss p%40ss other ${text}`)).toBe(`*** *** *** ${database.shown}`)
      expect([ClusterUrl.redact(text), ClusterUrl.redact("p@ss")]).toEqual([database.shown, "***"])
    }))
})

describe("the two sides of a cluster", () => {
  it("refuse what the other one has", () => {
    const ofRunners = ["rate", "numWorkers", "client.dnsTtl", "origins"] as const
    const ofRuns = ["timeout", "retry", "headers"] as const
    for (const option of ofRunners) {
      expect([Sides.refuseOfRunners(option, "1"), Sides.refuseOfRuns(option, "1")])
        .toEqual([expect.stringContaining("belongs to the runners"), undefined])
    }
    for (const option of ofRuns) {
      expect([Sides.refuseOfRunners(option, "1"), Sides.refuseOfRuns(option, "1")])
        .toEqual([undefined, expect.stringContaining("belongs to the runs")])
    }
    expect(Sides.refuseOfRunners("concurrency", "adaptive")).toContain("belongs to the runners")
    expect(Sides.refuseOfRunners("concurrency", "8")).toBeUndefined()
  })
})
