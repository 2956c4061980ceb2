import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { FastGet, PoolError } from "fastget"
import type { NodeFastGet, NodeFetchPool } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import type { Worker, WorkerOptions } from "node:worker_threads"
import * as TestWorkers from "../TestWorkers.js"
import { within } from "../Within.js"
import * as Law from "./Law.js"

const paths = [true, false].map((fastPath) => ({ fastPath }))

const entriesOf = (url: string, count: number, special: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: count }, (_, n) => [n, `${url}/${special[n] ?? n}`] as const)

/** Every entry is answered once, and with its own JSON; the special ones are returned. */
const expectOthersAnswered = (
  entries: ReadonlyArray<readonly [number, string]>,
  results: Iterable<readonly [number, Either.Either<unknown, { readonly reason: unknown }>]>,
  special: Readonly<Record<number, string>> = {}
): ReadonlyArray<unknown> => {
  const all = [...results]
  Law.once(entries.map(([id]) => id), all.map(([id]) => id))
  return all.flatMap(([id, result]) => {
    if (id in special) return [Either.isLeft(result) ? result.left.reason : result]
    expect(result).toEqual(Either.right({ path: `/${id}` }))
    return []
  })
}

const next = (url: string) => Effect.map(FastGet.get(`${url}/next`), (json) => expect(json).toEqual({ path: "/next" }))

const deaths = [
  ["exits", "exit", { cause: "exit", exitCode: 3 }],
  ["throws", "throw", { cause: "uncaught" }],
  ["runs out of heap", "heap", { cause: "out of memory" }]
] as const

describe("a worker that ends", () => {
  for (const [what, death, lost] of deaths) {
    Law.test(
      `39: a worker that ${what} in the middle of a chunk loses no entry and answers none twice`,
      (law) =>
        Effect.gen(function*() {
          const server = yield* law.serve(LoopbackServer.make())
          const worker = TestWorkers.spawn("deadly", { resourceLimits: { maxOldGenerationSizeMb: 64 } })
          const pool = yield* law.pool({ numWorkers: 2, poolSubmitSize: 8, worker })
          const special = { 40: death }
          const entries = entriesOf(server.url, 80, special)
          const results = yield* Effect.provide(Stream.runCollect(FastGet.streamEither(entries)), pool)
          const [reason] = expectOthersAnswered(entries, results, special)
          expect(reason).toMatchObject({ _tag: "WorkerLost", ...lost })
          yield* Effect.provide(next(server.url), pool)
          law.report({ outcomes: "WorkerLost, success", repeats: 80 })
        }),
      120_000
    )
  }

  Law.test(
    "39: a worker that is terminated in the middle of a chunk, again and again, costs no entry",
    (law) =>
      Effect.gen(function*() {
        const threads: Array<Worker> = []
        const worker = (options: WorkerOptions) => {
          const thread = Law.smallWorker(options)
          threads.push(thread)
          return thread
        }
        const terminateAt = new Set([300, 900, 1500])
        const server = yield* law.serve(LoopbackServer.make((request, response) => {
          if (terminateAt.delete(server.requests())) void threads.at(-1)!.terminate()
          LoopbackServer.echoPath(request, response)
        }))
        const pool = yield* law.pool({ numWorkers: 2, worker })
        for (const options of paths) {
          terminateAt.add(server.requests() + 300)
          const entries = entriesOf(server.url, 1000)
          const results = yield* Effect.provide(Stream.runCollect(FastGet.streamEither(entries, options)), pool)
          expectOthersAnswered(entries, results)
        }
        expect(threads.length).toBeGreaterThan(2)
        yield* Effect.provide(next(server.url), pool)
        law.report({ outcomes: "success", repeats: 2000 })
      }),
    120_000
  )

  Law.test(
    "39: a worker that ends fails the stream that stops at the first failure with that entry's error",
    (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make())
        const pool = yield* law.pool({ worker: TestWorkers.spawn("deadly") })
        const error = yield* Effect.flip(Effect.provide(FastGet.get(`${server.url}/exit`), pool))
        expect(error).toMatchObject({ _tag: "FetchError", reason: { _tag: "WorkerLost", cause: "exit" } })
        yield* Effect.provide(next(server.url), pool)
      }),
    120_000
  )

  Law.test(
    "40: of entries beside one that ends every worker it reaches, only that one is WorkerLost",
    (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make())
        const pool = yield* law.pool({ numWorkers: 2, worker: TestWorkers.spawn("deadly") })
        const special = { 123: "exit" }
        const entries = entriesOf(server.url, 500, special)
        const results = yield* Effect.provide(Stream.runCollect(FastGet.streamEither(entries)), pool)
        const reasons = expectOthersAnswered(entries, results, special)
        expect(reasons).toMatchObject([{ _tag: "WorkerLost", cause: "exit", exitCode: 3 }])
        yield* Effect.provide(next(server.url), pool)
        law.report({ outcomes: "WorkerLost, success", repeats: 500 })
      }),
    120_000
  )
})

describe("a worker that stands still", () => {
  Law.test(
    "42: a worker that spins is terminated after stuckTimeout and costs only its entry; a long chunk is left alone",
    (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make((request, response) => {
          const answer = () => LoopbackServer.echoPath(request, response)
          if (request.url!.startsWith("/slow/")) setTimeout(answer, 1500)
          else answer()
        }))
        const stuckTimeout = 500
        const spinning = yield* law.pool({ stuckTimeout, worker: TestWorkers.spawn("killing") })
        const longOnly = yield* law.pool({ stuckTimeout, worker: TestWorkers.spawn("killing") })
        const started = law.threads.started()
        const special = { 5: "spin" }
        const entries = entriesOf(server.url, 40, special)
        const slow = Array.from({ length: 20 }, (_, n) => [n, `${server.url}/slow/${n}`] as const)
        const [failures, long] = yield* Effect.all([
          Effect.provide(Stream.runCollect(FastGet.streamEither(entries)), spinning),
          Effect.provide(Stream.runCollect(FastGet.streamEither(slow)), longOnly)
        ], { concurrency: "unbounded" })
        const all = [...failures]
        Law.once(entries.map(([id]) => id), all.map(([id]) => id))
        const lost = all.flatMap(([id, result]) => Either.isLeft(result) ? [[id, result.left.reason]] : [])
        expect(lost).toEqual([[5, { _tag: "WorkerLost", cause: "stuck" }]])
        Law.once(slow.map(([id]) => id), [...long].map(([id]) => id))
        expect([...long].every(([, result]) => Either.isRight(result))).toBe(true)
        // One at least for the one that spun, and none for the other, which still runs.
        expect(law.threads.started()).toBeGreaterThan(started)
        expect(law.threads.alive()).toBe(2)
        law.report({ outcomes: "WorkerLost, success", repeats: 60 })
      }),
    120_000
  )
})

const startTimeout = 1500

const brokenFiles = [
  ["missing", "Start"],
  ["throws-at-load", "Start"],
  ["exits-at-load", "Start"],
  ["silent", "StartTimeout"],
  ["other-protocol", "Version"]
] as const

const withoutOptions: Readonly<Record<string, NodeFetchPool.Spawn>> = {
  "no options": () => TestWorkers.spawn("own-client")(),
  "workerData in place of the layer's": (options) =>
    TestWorkers.spawn("own-client", { ...options, workerData: { mine: 1 } })()
}

const keepingLess: Readonly<Record<string, NodeFastGet.Options>> = {
  "is FastGet's, made without the options": { worker: TestWorkers.spawn("wrapped"), denyPrivate: true },
  "is another": { worker: TestWorkers.spawn("thread-id"), client: { proxyFromEnv: true } },
  "is not run by NodeFetchWorker": {
    worker: TestWorkers.spawn("without-run-main"),
    client: { tls: { servername: "a.example" } }
  }
}

/** A pool that is refused because of its options; nothing was sent, and nothing is left. */
const expectRefused = (law: Law.Law, options: NodeFastGet.Options) =>
  Effect.gen(function*() {
    const server = yield* law.serve(LoopbackServer.make())
    const error = yield* Law.inTime(10_000, Effect.flip(law.pool({ numWorkers: 2, ...options })))
    expect(PoolError.isPoolError(error) && error.reason._tag).toBe("Options")
    yield* within(Law.grace, "no thread", () => law.threads.alive() === 0)
    yield* Effect.provide(next(server.url), yield* law.pool())
    expect(server.requests()).toBe(1)
    law.report({ outcomes: "PoolError Options" })
  })

describe("a worker file", () => {
  for (const [how, worker] of Object.entries(withoutOptions)) {
    Law.test(`59: a worker file that is started with ${how} fails the layer with PoolError by startTimeout`, (law) =>
      expectRefused(law, { worker }))
  }

  for (const [how, options] of Object.entries(keepingLess)) {
    Law.test(`60: a worker whose client ${how} fails the layer with PoolError by startTimeout`, (law) =>
      expectRefused(law, options))
  }

  for (const [name, tag] of brokenFiles) {
    Law.test(`41: a worker file that is ${name} fails the layer with PoolError by startTimeout: ${tag}`, (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make())
        // Where the thread itself has to tell what is wrong, a slow machine gets the time to start it.
        const allowed = tag === "StartTimeout" ? startTimeout : 30_000
        const broken = { numWorkers: 2, startTimeout: allowed, worker: TestWorkers.spawn(name) }
        const error = yield* Law.inTime(allowed, Effect.flip(law.pool(broken)))
        expect(PoolError.isPoolError(error) && error.reason._tag).toBe(tag)
        expect(error.message).not.toMatch(/undefined|\[object/)
        yield* within(Law.grace, "no thread", () => law.threads.alive() === 0)
        yield* Effect.provide(next(server.url), yield* law.pool())
        law.report({ outcomes: `PoolError ${tag}` })
      }))
  }

  Law.test("41: a worker file that stays silent can be interrupted", (law) =>
    Effect.gen(function*() {
      const silent = { startTimeout: "1 minute", worker: TestWorkers.spawn("silent") } as const
      const starting = yield* Effect.fork(law.pool(silent))
      yield* within(5000, "a thread", () => law.threads.alive() > 0)
      const startedAt = Ticks.now()
      expect(Exit.isInterrupted(yield* Fiber.interrupt(starting))).toBe(true)
      yield* within(Law.grace, "no thread", () => law.threads.alive() === 0)
      expect(Ticks.now() - startedAt).toBeLessThan(Law.grace)
    }))
})
