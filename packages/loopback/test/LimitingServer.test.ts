import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { DeadPort, Limit, LimitingServer } from "loopback"

/** How many of requests at these times are admitted. */
const admitted = (limit: Limit.Limit, times: ReadonlyArray<number>): number =>
  times.filter((now) => limit.admits(now)).length

/** So many at the same time. */
const at = (now: number, count: number): ReadonlyArray<number> => Array.from({ length: count }, () => now)

/** Every millisecond from one time to another. */
const between = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from }, (_, n) => from + n)

describe("a bucket", () => {
  it("admits what it holds, and then as many as it gets", () => {
    const limit = Limit.bucket(100, 20)
    expect(admitted(limit, at(0, 50))).toBe(20)
    expect(limit.renewedIn(0)).toBeCloseTo(10)
    expect(admitted(limit, between(0, 1001))).toBe(100)
    expect(admitted(limit, at(100_000, 50))).toBe(20)
  })

  it("changes its rate, and what it holds with it", () => {
    const limit = Limit.bucket(100, 20)
    limit.change(50)
    expect(admitted(limit, at(0, 50))).toBe(10)
    expect(admitted(limit, between(0, 1001))).toBe(50)
  })
})

describe("windows", () => {
  it("of a fixed time begin with the first request, and each admits as many", () => {
    const limit = Limit.fixedWindow(10, 1000)
    expect(admitted(limit, [...at(500, 20), ...at(1400, 20)])).toBe(10)
    expect(limit.renewedIn(1400)).toBe(100)
    expect(admitted(limit, at(1500, 20))).toBe(10)
    limit.change(5)
    expect(admitted(limit, at(2600, 20))).toBe(5)
  })

  it("that slide admit as many in any such time", () => {
    const limit = Limit.slidingWindow(10, 1000)
    expect(admitted(limit, [...at(0, 5), ...at(900, 20)])).toBe(10)
    expect(limit.renewedIn(950)).toBe(50)
    expect(admitted(limit, at(1000, 20))).toBe(5)
    expect(limit.remaining(1000)).toBe(0)
    expect(limit.remaining(1900)).toBe(5)
  })
})

/** The status and the headers of so many requests, one after the other. */
const ask = (url: string, count: number) =>
  Effect.forEach(Array.from({ length: count }), (_, n) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}/${n}`)
      await response.text()
      return response
    }))

describe("a server that limits", () => {
  for (const tells of ["seconds", "date", "headers", "none"] as const) {
    it.scopedLive(`refuses what is too much, and tells when to come again: ${tells}`, () =>
      Effect.gen(function*() {
        const server = yield* LimitingServer.make({ limit: Limit.bucket(0.01, 3), tells })
        const answers = yield* ask(server.url, 5)
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
        expect([server.admitted(), server.refused(), server.requests()]).toEqual([3, 2, 5])
        const { headers } = answers[4]!
        const wait = { seconds: /^\d+$/, date: /GMT$/, headers: /^-$/, none: /^-$/ }[tells]
        expect(headers.get("retry-after") ?? "-").toMatch(wait)
        expect(headers.get("ratelimit-remaining")).toBe(tells === "headers" ? "0" : null)
        expect(answers.map(({ headers }) => headers.get("ratelimit-remaining"))).toEqual(
          tells === "headers" ? ["2", "1", "0", "0", "0"] : [null, null, null, null, null]
        )
      }))
  }

  it.scopedLive("refuses single paths with another status", () =>
    Effect.gen(function*() {
      const told: Array<boolean> = []
      const server = yield* LimitingServer.make({
        limit: Limit.bucket(100, 100),
        tells: "none",
        status: 503,
        refuses: (path) => path === "/1",
        onRequest: (isAdmitted) => told.push(isAdmitted)
      })
      expect((yield* ask(server.url, 3)).map(({ status }) => status)).toEqual([200, 503, 200])
      expect(told).toEqual([true, false, true])
    }))
})

describe("a server with a knee", () => {
  it.scopedLive("answers, and tells how long it took", () =>
    Effect.gen(function*() {
      const took: Array<number> = []
      const server = yield* LimitingServer.knee({ knee: 2, latency: 100, onAnswer: (millis) => took.push(millis) })
      yield* Effect.forEach(Array.from({ length: 8 }), () => ask(server.url, 1), { concurrency: "unbounded" })
      expect(server.mostAtOnce()).toBe(8)
      expect(took.length).toBe(8)
      // The last that came was one of eight.
      expect(Math.max(...took)).toBeGreaterThanOrEqual(300)
    }))
})

describe("a port where nobody serves", () => {
  it.live("refuses connections once it is closed", () =>
    Effect.gen(function*() {
      const port = yield* DeadPort.closed
      const error = yield* Effect.flip(Effect.tryPromise(() => fetch(`http://127.0.0.1:${port}`)))
      expect(String((error.error as Error).cause)).toContain("ECONNREFUSED")
    }))
})
