import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import { within } from "../Within.js"
import * as Law from "./Law.js"
import * as Measure from "./Measure.js"

const paths = [true, false].map((fastPath) => ({ fastPath }))

const million = function*(url: string, onTaken: () => void = () => {}): Generator<readonly [number, string]> {
  for (let n = 0; n < 1_000_000; n++) {
    onTaken()
    yield [n, `${url}/${n}`]
  }
}

/** Numbers from 0 to 1 that are the same each time. */
const makeRandom = (seed: number) => () => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}

/** Answers soon, and every tenth never. */
const unsteady: LoopbackServer.Handler = (request, response) => {
  const n = Number(request.url!.slice(1))
  if (n % 10 !== 9) setTimeout(() => LoopbackServer.echoPath(request, response), n % 4)
}

describe("interruption", () => {
  Law.test(
    "43: at a random moment, 490 times, ends every request within a second and leaves the pool as it was",
    (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make(unsteady))
        const other = yield* law.serve(LoopbackServer.make())
        const pool = yield* law.pool({ numWorkers: 2 })
        const random = makeRandom(43)
        let slowest = 0
        for (let n = 0; n < 490; n++) {
          const stream = yield* FastGet.streamEither(million(server.url), paths[n % 2]!).pipe(
            Stream.runDrain,
            Effect.provide(pool),
            Effect.fork
          )
          // Not after a time: a machine that does something else would have sent nothing by then.
          const moment = server.requests() + Math.floor(random() * 12)
          yield* Ticks.within(20_000, "so many requests", () => server.requests() >= moment)
          const startedAt = Ticks.now()
          yield* Fiber.interrupt(stream)
          yield* within(Law.grace, "no request is left", () => server.unanswered() === 0)
          // What is left open waits for the next request: never more than the default for an origin.
          yield* within(Law.grace, "no connection more than 64", () => server.openSockets() <= 64)
          slowest = Math.max(slowest, Ticks.now() - startedAt)
        }
        expect(slowest).toBeLessThan(Law.grace)
        expect(server.requests()).toBeGreaterThan(490)
        const ids = yield* Stream.runCollect(FastGet.stream(takeOf(million(other.url), 500))).pipe(Effect.provide(pool))
        Law.once(Array.from({ length: 500 }, (_, n) => n), [...ids].map(([id]) => id))
        law.report({ outcomes: "interrupted", repeats: 490 })
      }),
    120_000
  )

  Law.test(
    "43: at a random moment, 10 times, ends the pool too, even while it starts: no socket, no thread",
    (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make(unsteady))
        const random = makeRandom(44)
        for (let n = 0; n < 10; n++) {
          const program = yield* FastGet.streamEither(million(server.url)).pipe(
            Stream.runDrain,
            Effect.provide(NodeFastGet.layer({ numWorkers: 2, logLevel: "None" })),
            Effect.fork
          )
          yield* Effect.sleep(random() * 400)
          const startedAt = Ticks.now()
          yield* Fiber.interrupt(program)
          expect(Ticks.now() - startedAt).toBeLessThan(Law.grace)
        }
        law.report({ outcomes: "interrupted", repeats: 10 })
      }),
    120_000
  )
})

function* takeOf<A>(all: Iterable<A>, count: number): Generator<A> {
  for (const one of all) {
    if (count-- === 0) return
    yield one
  }
}

const body = JSON.stringify("x".repeat(100_000))

describe("the consumer", () => {
  Law.test("44: a hundred times slower than the network leaves the memory flat", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make((_, response) => response.end(body)))
      const pool = yield* law.pool({ numWorkers: 2, queueMaxSize: 100 })
      const count = 400
      for (const options of paths) {
        yield* Stream.runDrain(FastGet.stream(takeOf(million(server.url), 200), options)).pipe(Effect.provide(pool))
        const before = yield* Measure.memory
        const startedAt = performance.now()
        let ahead = 0
        const answered = server.requests()
        const ids: Array<number> = []
        yield* FastGet.stream(takeOf(million(server.url), count), options).pipe(
          Stream.runForEach(([id]) =>
            Effect.suspend(() => {
              ids.push(id)
              ahead = Math.max(ahead, server.requests() - answered - ids.length)
              return ids.length % 10 === 0 ? Effect.sleep(10) : Effect.void
            })
          ),
          Effect.provide(pool)
        )
        Law.once(Array.from({ length: count }, (_, n) => n), ids)
        // So many bodies of 100 KB wait, and not 400 of them.
        expect(ahead).toBeLessThanOrEqual(100)
        const growth = yield* Measure.flat(before)
        law.report({
          ...growth,
          outcomes: "success",
          repeats: 2 * count,
          seconds: (performance.now() - startedAt) / 1000
        })
      }
    }))

  Law.test("44: that takes 10 of a million stops the input and the requests early", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make())
      const pool = yield* law.pool({ numWorkers: 2, queueMaxSize: 200 })
      for (const options of paths) {
        let taken = 0
        const requests = server.requests()
        const ids = yield* Law.inTime(
          0,
          FastGet.stream(million(server.url, () => taken++), options).pipe(
            Stream.take(10),
            Stream.runCollect,
            Effect.provide(pool)
          )
        )
        expect(new Set([...ids].map(([id]) => id)).size).toBe(10)
        expect(taken).toBeLessThanOrEqual(210)
        expect(server.requests() - requests).toBeLessThanOrEqual(210)
        yield* within(Law.grace, "no request is left", () => server.unanswered() === 0)
      }
    }))
})

describe("ids", () => {
  const f = () => 1
  const ids: ReadonlyArray<unknown> = [
    "twice",
    "twice",
    { n: 1 },
    { n: 1 },
    Symbol("a"),
    f,
    "x".repeat(1_000_000),
    Number.NaN,
    undefined,
    null,
    new Map(),
    Object.freeze([1])
  ]

  Law.test("45: come back as the very same values: twice the same, objects, symbols, 1 MB", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(
        LoopbackServer.make((request, response) =>
          request.url === "/bad" ? void response.writeHead(404).end() : LoopbackServer.echoPath(request, response)
        )
      )
      const pool = yield* law.pool()
      for (const options of paths) {
        for (const path of ["good", "bad"]) {
          const entries = ids.map((id) => [id, `${server.url}/${path}`] as const)
          const results = yield* Stream.runCollect(FastGet.streamEither(entries, options)).pipe(Effect.provide(pool))
          Law.once(ids, [...results].map(([id]) => id))
          for (const [id, result] of results) {
            if (path === "bad") expect(Either.isLeft(result) && Object.is(result.left.id, id)).toBe(true)
            else expect(result).toEqual(Either.right({ path: "/good" }))
          }
        }
      }
      expect(yield* Effect.provide(FastGet.get(`${server.url}/next`), pool)).toEqual({ path: "/next" })
    }))
})

describe("the input", () => {
  Law.test("46: that fails in the middle of a chunk has every entry taken before answered, and then its own error", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make((request, response) => {
        setTimeout(() => LoopbackServer.echoPath(request, response), 5)
      }))
      const pool = yield* law.pool({ numWorkers: 2 })
      for (const options of paths) {
        const requests = server.requests()
        const entries = Stream.concat(
          Stream.fromIterable(takeOf(million(server.url), 777)),
          Stream.fail("input broke" as const)
        )
        const ids: Array<number> = []
        const error = yield* FastGet.streamEither(entries, options).pipe(
          Stream.runForEach(([id, result]) => Effect.sync(() => Either.isRight(result) && ids.push(id))),
          Effect.flip,
          Effect.provide(pool)
        )
        expect(error).toBe("input broke")
        Law.once(Array.from({ length: 777 }, (_, n) => n), ids)
        expect(server.requests() - requests).toBe(777)
      }
      expect(yield* Effect.provide(FastGet.get(`${server.url}/next`), pool)).toEqual({ path: "/next" })
    }))
})
