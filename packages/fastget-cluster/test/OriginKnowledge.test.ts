/** What an owner of origins leaves to the next one. */
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SqliteCluster } from "fastget-cluster"
import type * as FastGet from "fastget/FastGet"
import type { KnownTraffic, OriginTraffic } from "fastget/FetchPool"
import { Sqlite, Ticks } from "loopback"
import * as Partition from "../src/internal/protocol/Partition.js"
import * as OriginKnowledge from "../src/internal/runner/OriginKnowledge.js"

const quiet: OriginTraffic = {
  origin: "http://a.example.com",
  waiting: 0,
  opensIn: 0,
  isRefusing: false,
  askedFor: undefined,
  learnedRate: undefined,
  adaptiveLimit: undefined,
  refusals: 0,
  answered: 0,
  downSince: undefined,
  skipped: 0
}

/** A service that knows some origins, and tells what it is told. */
const serviceOf = (traffic: ReadonlyArray<OriginTraffic>) => {
  const inherited: Array<readonly [string, KnownTraffic]> = []
  const service: FastGet.Service = {
    run: () => {
      throw new Error("nothing is run")
    },
    traffic: () => traffic,
    inherit: (origin, known) => void inherited.push([origin, known])
  }
  return { service, inherited }
}

describe("what is to be noted", () => {
  const now = 1_000_000

  it("is a rate that has changed, and a gate that closes", () => {
    expect(OriginKnowledge.changed(undefined, quiet, now)).toBe(undefined)
    const first = OriginKnowledge.changed(undefined, { ...quiet, learnedRate: 100, opensIn: 2000 }, now)
    expect(first).toEqual({ learnedRate: 100, opensAt: now + 2000 })
    expect(OriginKnowledge.changed(first, { learnedRate: 104, opensIn: 1000 }, now + 1000)).toBe(undefined)
    expect(OriginKnowledge.changed(first, { learnedRate: 104, opensIn: 0 }, now + 3000)).toBe(undefined)
    expect(OriginKnowledge.changed(first, { learnedRate: 90, opensIn: 0 }, now)).toEqual({
      learnedRate: 90,
      opensAt: 0
    })
    expect(OriginKnowledge.changed(first, { learnedRate: 100, opensIn: 9000 }, now)).toMatchObject({
      opensAt: now + 9000
    })
    expect(OriginKnowledge.changed(first, { learnedRate: undefined, opensIn: 0 }, now)).toEqual({
      learnedRate: undefined,
      opensAt: 0
    })
  })
})

describe.skipIf(Sqlite.isMissing)("the next owner", () => {
  it.scopedLive("begins with what was noted of its partition, and a rate that was set is used up", () =>
    Effect.gen(function*() {
      yield* OriginKnowledge.create
      const [a, b, c] = ["http://a.example.com", "http://b.example.com", "http://c.example.com"] as const
      const { service } = serviceOf([
        { ...quiet, origin: a, learnedRate: 97.5, opensIn: 60_000 },
        { ...quiet, origin: b, learnedRate: 12 },
        { ...quiet, origin: c }
      ])
      yield* OriginKnowledge.make(service, false)
      const sql = yield* SqlClient.SqlClient
      let rows = 0
      const count = Effect.map(sql`SELECT origin FROM fastget_origins`, ({ length }) => {
        rows = length
      })
      yield* Effect.forkScoped(Effect.forever(Effect.delay(count, 50)))
      yield* Ticks.within(20_000, "it is noted", () => rows === 2)

      const next = serviceOf([])
      const knowledge = yield* OriginKnowledge.make(next.service, true)
      yield* knowledge.load(Partition.of(a))
      yield* knowledge.load(Partition.of(c))
      expect(next.inherited).toEqual([[a, { learnedRate: 97.5, opensIn: expect.any(Number) }]])
      const [, { opensIn }] = next.inherited[0]!
      expect(opensIn).toBeGreaterThan(30_000)
      expect(opensIn).toBeLessThanOrEqual(60_000)

      next.inherited.length = 0
      const arrive = knowledge.arrivals()
      arrive([`${b}/1`, `${b}/2`, "nothing", `${c}/1`])
      arrive([`${b}/3`])
      expect(next.inherited).toEqual([[b, {}], [c, {}]])
      const unrated = yield* OriginKnowledge.make(next.service, false)
      unrated.arrivals()([`${a}/1`])
      expect(next.inherited).toHaveLength(2)
    }).pipe(Effect.provide(SqliteCluster.layer())))
})
