/**
 * What a runner learns of its origins, in the database, so that the next owner of
 * an origin begins where it was: the rate that the origin seems to bear, and
 * until when it wants to be left alone. A rate that was set counts as used up
 * when an origin is new to its owner.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as FastGet from "fastget/FastGet"
import type { OriginTraffic } from "fastget/FetchPool"
import * as Target from "fastget/platform/Target"
import * as CreatedByOne from "../engine/CreatedByOne.js"
import * as Partition from "../protocol/Partition.js"

/** How often, in milliseconds, it is noted what has changed. */
const noteEvery = 1000

/** What is older, in milliseconds, says nothing any more. */
const oldAfter = 10 * 60_000

/** A rate that has changed by less is the same one. */
const sameRate = 0.05

/** A gate that opens so many milliseconds sooner or later is the same one. */
const sameTime = 250

/** Origins of an owner that are remembered; beyond, they are new once more. */
const mostSeen = 100_000

/** Creates the table. */
export const create = CreatedByOne.create((sql) => {
  const real = sql.literal(sql.onDialectOrElse({ pg: () => "DOUBLE PRECISION", orElse: () => "REAL" }))
  return sql`CREATE TABLE IF NOT EXISTS fastget_origins (
      origin TEXT PRIMARY KEY,
      part INTEGER NOT NULL,
      learned_rate ${real},
      opens_at BIGINT NOT NULL,
      noted_at BIGINT NOT NULL
    )`
})

export interface OriginKnowledge {
  /** Has the runner begin with what is known of the origins of a partition. Nothing is known while the database is away. */
  readonly load: (part: number) => Effect.Effect<void>
  /** A function that is told the URLs an owner is asked for. */
  readonly arrivals: () => (urls: ReadonlyArray<string>) => void
}

interface Row {
  readonly origin: string
  readonly learned_rate: number | null
  readonly opens_at: number | string
}

/** Of a runner's service. The scope owns what notes it; `isRated`: some origin has a rate that was set. */
export const make = (
  service: FastGet.Service,
  isRated: boolean
): Effect.Effect<OriginKnowledge, never, Scope.Scope | SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const noted = new Map<string, Noted>()

    const note = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const rows = service.traffic().flatMap((traffic) => {
        const found = changed(noted.get(traffic.origin), traffic, now)
        return found === undefined ? [] : [{ origin: traffic.origin, ...found }]
      })
      if (rows.length === 0) return
      const values = rows.map(({ learnedRate, opensAt, origin }) => ({
        origin,
        part: Partition.of(origin),
        learned_rate: learnedRate ?? null,
        opens_at: Math.round(opensAt),
        noted_at: now
      }))
      yield* sql`INSERT INTO fastget_origins ${
        sql.insert(values.slice(0, mostAtOnce))
      } ON CONFLICT (origin) DO UPDATE SET
        learned_rate = excluded.learned_rate, opens_at = excluded.opens_at, noted_at = excluded.noted_at`
      for (const { origin, ...found } of rows.slice(0, mostAtOnce)) noted.set(origin, found)
    })
    // A database that is away for a while is told later.
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.delay(Effect.ignore(note), noteEvery))))

    const load = (part: number) =>
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        const rows = yield* sql<Row>`SELECT origin, learned_rate, opens_at FROM fastget_origins
          WHERE part = ${part} AND noted_at > ${now - oldAfter}`
        for (const { learned_rate, opens_at, origin } of rows) {
          service.inherit(origin, { learnedRate: learned_rate ?? undefined, opensIn: Number(opens_at) - now })
        }
      })

    return {
      load: (part) => Effect.ignore(load(part)),
      arrivals: () => isRated ? makeArrivals((origin) => service.inherit(origin, {})) : () => {}
    }
  })

/** Rows of one statement. */
const mostAtOnce = 1000

interface Noted {
  readonly learnedRate: number | undefined
  /** 0 where it is open. */
  readonly opensAt: number
}

const nothing: Noted = { learnedRate: undefined, opensAt: 0 }

/** What is to be noted of an origin, if it is not noted yet. */
export const changed = (
  { learnedRate: before = 0, opensAt }: Noted = nothing,
  traffic: Pick<OriginTraffic, "learnedRate" | "opensIn">,
  now: number
): Noted | undefined => {
  const { learnedRate = 0, opensIn } = traffic
  const opens = opensIn > 0 ? now + opensIn : 0
  // One that has opened since needs no note: its time is over.
  const isSameTime = opens === 0 || Math.abs(opens - opensAt) < sameTime
  if (isSameTime && Math.abs(learnedRate - before) <= sameRate * before) return undefined
  return { learnedRate: traffic.learnedRate, opensAt: opens }
}

/** Calls back with each origin of the URLs that was not there before. */
const makeArrivals = (onOrigin: (origin: string) => void) => {
  const parse = Target.makeParser()
  const seen = new Set<string>()
  return (urls: ReadonlyArray<string>): void => {
    for (const url of urls) {
      const target = parse(url)
      if (target._tag === "Left" || seen.has(target.right.origin)) continue
      if (seen.size >= mostSeen) seen.clear()
      seen.add(target.right.origin)
      onOrigin(target.right.origin)
    }
  }
}
