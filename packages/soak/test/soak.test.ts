import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Json } from "fastget"
import { FetchError } from "fastget"
import * as Client from "../src/Client.js"
import * as Kind from "../src/Kind.js"
import * as Options from "../src/Options.js"
import * as Report from "../src/Report.js"
import { Tally } from "../src/Tally.js"

const entries = 10_000

describe("a soak of 10,000 entries, a worker terminated every 500 ms", () => {
  it.live(
    "loses nothing, answers nothing twice or wrong, leaves nothing, and terminates workers",
    () =>
      Effect.gen(function*() {
        const result = yield* Client.run({ entries, seed: 4, killEvery: 500, workers: 2 })
        expect(result.wrongs).toEqual([])
        expect(Report.problems(result)).toEqual({
          "twice": 0,
          "lost": 0,
          "wrong": 0,
          "never asked for": 0,
          "threads left": 0,
          "sockets left": 0,
          "processes left": 0
        })
        expect(Report.isGood(entries, result)).toBe(true)
        expect(result.kills).toBeGreaterThan(0)
        expect(result.workersStarted).toBeGreaterThanOrEqual(2 + result.kills - 1)
        expect(Object.keys(result.byReason).sort()).toEqual(
          ["Decode", "Decompress", "EmptyBody", "Reset", "Status", "Truncated", "success"]
        )
      }),
    300_000
  )
})

const error = (id: number, reason: FetchError.Reason) =>
  Either.left(FetchError.make({ id, url: "", reason, attempts: 1, elapsed: Duration.zero }))

/** The first id of a kind. */
const first = (kind: Kind.Kind): number => {
  for (let id = 0;; id++) if (Kind.of(id) === kind) return id
}

/** The right outcome of an id. */
const right = (id: number): Either.Either<Json.Json, FetchError.FetchError<number>> => {
  const tag = Kind.expected(Kind.of(id))
  if (tag !== undefined) return error(id, { _tag: tag } as FetchError.Reason)
  return Either.right(Kind.of(id) === "large" ? { id, padding: Kind.padding } : { id })
}

/** A tally of which all entries are taken. */
const taken = (count: number): Tally => {
  const tally = new Tally(count)
  for (const [id, url] of tally.input("http://a")) expect(url).toBe(`http://a${Kind.path(id)}`)
  return tally
}

describe("the tally", () => {
  const count = 2000

  it("finds nothing where every id has its outcome", () => {
    const tally = taken(count)
    for (let id = 0; id < count; id++) tally.add(id, right(id))
    expect(tally.counts).toMatchObject({ in: count, out: count, twice: 0, lost: 0, wrong: 0, wrongs: [] })
  })

  it("finds an id that is lost and one that is twice", () => {
    const tally = taken(count)
    for (let id = 0; id < count; id++) tally.add(id === 77 ? 78 : id, right(id === 77 ? 78 : id))
    expect(tally.counts).toMatchObject({ in: count, out: count, twice: 1, lost: 1, wrong: 0 })
  })

  it.each<[what: string, id: number, result: Either.Either<Json.Json, FetchError.FetchError<number>>]>([
    ["another id's body", first("ok"), Either.right({ id: first("ok") + 1 })],
    ["a large body cut", first("large"), Either.right({ id: first("large"), padding: "xx" })],
    [
      "a failure that the answer does not explain",
      first("ok"),
      error(first("ok"), { _tag: "WorkerLost", cause: "exit" })
    ],
    [
      "another failure than the answer's",
      first("bad-json"),
      error(first("bad-json"), { _tag: "EmptyBody", status: 204 })
    ],
    ["a success where there must be none", first("truncated"), Either.right({ id: first("truncated") })],
    ["an id that was never taken", count, Either.right({ id: count })]
  ])("finds %s", (_, id, result) => {
    const tally = taken(count)
    tally.add(id, result)
    expect(tally.counts.wrong).toBe(1)
  })
})

describe("the kinds of answers", () => {
  it("misbehave for one id in twenty, each kind about as often", () => {
    const counts = new Map<Kind.Kind, number>()
    for (let id = 0; id < 260_000; id++) counts.set(Kind.of(id), (counts.get(Kind.of(id)) ?? 0) + 1)
    const kinds = Object.keys(Kind.misbehaving) as ReadonlyArray<Kind.Kind>
    const unusual = kinds.filter((kind) => Math.abs((counts.get(kind) ?? 0) - 1000) > 150)
    expect(unusual).toEqual([])
    expect(counts.get("silent-once")).toBe(6)
  })
})

describe("the command line", () => {
  it.effect("takes times, numbers and a seed", () =>
    Effect.gen(function*() {
      const args = ["--entries", "500", "--kill-every", "1.5s", "--seed", "9", "--no-compare", "--most-rss", "1.3"]
      expect(yield* Options.parse(args)).toMatchObject({
        entries: 500,
        killEvery: 1500,
        seed: 9,
        compare: false,
        mostRss: 1.3
      })
      expect(yield* Options.parse([])).toMatchObject({ entries: 1_000_000, killEvery: 2000, compare: true })
    }))

  it.effect.each([
    ["--entries", "0"],
    ["--entries", "1e3"],
    ["--kill-every", "2"],
    ["--kill-every", "0s"],
    ["--most-rss", "x"],
    ["--more", "1"]
  ])("refuses %s %s", (args) =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(Options.parse(args))
      expect(message).toContain(args[0])
      expect(message).toContain("npm run soak")
    }))
})
