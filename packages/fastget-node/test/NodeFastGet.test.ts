import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import type { ServerResponse } from "node:http"
import * as TestWorkers from "./TestWorkers.js"

const using = (options: NodeFastGet.Options = {}) =>
  Effect.provide(NodeFastGet.layer({ numWorkers: 2, logLevel: "None", ...options }))

const entriesOf = (url: string, count: number, prefix = "") =>
  Array.from({ length: count }, (_, n) => [n, `${url}/${prefix}${n}`] as const)

const million = function*(url: string, onTaken: () => void = () => {}): Generator<readonly [number, string]> {
  for (let n = 0; n < 1_000_000; n++) {
    onTaken()
    yield [n, `${url}/${n}`]
  }
}

/** Answers after some milliseconds: requests of the same time overlap. */
const after = (millis: number): LoopbackServer.Handler => (request, response) => {
  setTimeout(() => LoopbackServer.echoPath(request, response), millis)
}

describe("many entries", () => {
  it.scopedLive(
    "100,000 from a generator, 100 of them with objects as ids: each id once, with the right JSON",
    () =>
      Effect.gen(function*() {
        const count = 100_000
        const server = yield* LoopbackServer.make()
        const objects = new Map<object, number>()
        function* entries(): Generator<readonly [number | object, string]> {
          for (let n = 0; n < count; n++) {
            const id = n % 1000 === 500 ? { n } : n
            if (typeof id === "object") objects.set(id, n)
            yield [id, `${server.url}/${n}`]
          }
        }
        const seen = new Uint8Array(count)
        let wrong = 0
        yield* Stream.runForEachChunk(FastGet.stream(entries()), (batch) =>
          Effect.sync(() => {
            for (const [id, json] of batch) {
              const n = typeof id === "number" ? id : objects.get(id)
              if (n === undefined || (json as { readonly path: string }).path !== `/${n}`) wrong++
              else seen[n]!++
            }
          }))
        expect(wrong).toBe(0)
        expect(objects.size).toBe(100)
        expect(seen.every((times) => times === 1)).toBe(true)
        expect(server.openSockets()).toBeLessThanOrEqual(64)
      }).pipe(using()),
    120_000
  )

  it.scopedLive("never more than queueMaxSize: 500 taken and not left behind, none lost, by a consumer that sleeps", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      let taken = 0
      let left = 0
      let most = 0
      function* entries() {
        for (const entry of entriesOf(server.url, 5000)) {
          most = Math.max(most, ++taken - left)
          yield entry
        }
      }
      const ids = new Set<number>()
      yield* Stream.runForEachChunk(
        FastGet.stream(entries()),
        (batch) =>
          Effect.sleep(5).pipe(Effect.zipRight(Effect.sync(() => {
            for (const [id] of batch) ids.add(id)
            left += batch.length
          })))
      )
      expect(left).toBe(5000)
      expect(ids.size).toBe(5000)
      expect(most).toBeLessThanOrEqual(500)
    }).pipe(using({ queueMaxSize: 500 })))

  it.scopedLive("one that hangs among 1,000 holds no other back: 999 arrive within 1 second", () =>
    Effect.gen(function*() {
      const held: Array<ServerResponse> = []
      const server = yield* LoopbackServer.make((request, response) =>
        request.url === "/77" ? void held.push(response) : LoopbackServer.echoPath(request, response)
      )
      const startedAt = Ticks.now()
      let count = 0
      let all = 0
      yield* FastGet.stream(entriesOf(server.url, 1000)).pipe(
        Stream.runForEach(([id]) =>
          Effect.sync(() => {
            if (++count === 999) {
              all = Ticks.now() - startedAt
              held[0]!.end(`"at last"`)
            }
            expect(id === 77).toBe(count === 1000)
          })
        )
      )
      expect(all).toBeLessThan(1000)
      expect(count).toBe(1000)
    }).pipe(using()))

  it.scopedLive("the first of a million arrives before the input has given 10,000, with cold workers and with warm ones", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      for (const _ of ["cold", "warm"]) {
        let taken = 0
        const first = yield* Stream.runHead(FastGet.stream(million(server.url, () => taken++)))
        expect(first._tag).toBe("Some")
        expect(taken).toBeLessThan(10_000)
      }
    }).pipe(using()))

  it.scopedLive("taken no further than the bound: 10 of a million with queueMaxSize: 200", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      let taken = 0
      const ten = yield* FastGet.stream(million(server.url, () => taken++)).pipe(Stream.take(10), Stream.runCount)
      expect(ten).toBe(10)
      expect(taken).toBeLessThanOrEqual(210)
      expect(server.requests()).toBeLessThanOrEqual(210)
    }).pipe(using({ queueMaxSize: 200 })))

  it.scopedLive("a consumer much slower than the network holds the requests back", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      let left = 0
      let ahead = 0
      yield* FastGet.stream(entriesOf(server.url, 400)).pipe(
        Stream.runForEachChunk((batch) =>
          Effect.delay(
            Effect.sync(() => {
              ahead = Math.max(ahead, server.requests() - left)
              left += batch.length
            }),
            20
          )
        )
      )
      expect(left).toBe(400)
      expect(ahead).toBeLessThanOrEqual(50)
    }).pipe(using({ queueMaxSize: 50 })))
})

describe("the workers", () => {
  /** Counts requests by thread. */
  const byThread = (counts: Map<string, number>): LoopbackServer.Handler => (request, response) => {
    const thread = String(request.headers["x-thread"])
    counts.set(thread, (counts.get(thread) ?? 0) + 1)
    LoopbackServer.echoPath(request, response)
  }

  it.scopedLive(
    "all serve some of few entries: 8 for 4 workers that have just been started",
    () =>
      Effect.gen(function*() {
        for (let n = 0; n < 3; n++) {
          const counts = new Map<string, number>()
          const server = yield* LoopbackServer.make(byThread(counts))
          // A run waits for the other workers as long again as the first one took: longer where it loads many files.
          yield* using({ numWorkers: 4, worker: TestWorkers.spawnUnbundled("thread-id") })(
            Stream.runDrain(FastGet.stream(entriesOf(server.url, 8)))
          )
          expect(counts.size).toBe(4)
        }
      }),
    120_000
  )

  it.scopedLive("all serve some of few entries: 8 for 4 workers that are warm", () =>
    Effect.gen(function*() {
      const counts = new Map<string, number>()
      const server = yield* LoopbackServer.make(byThread(counts))
      yield* Stream.runDrain(FastGet.stream(entriesOf(server.url, 200)))
      for (let n = 0; n < 10; n++) {
        counts.clear()
        yield* Stream.runDrain(FastGet.stream(entriesOf(server.url, 8)))
        expect(counts.size).toBe(4)
      }
    }).pipe(using({ numWorkers: 4, worker: TestWorkers.spawn("thread-id") })), 120_000)
})

describe("a live input", () => {
  it.scopedLive("of one entry per 100 ms has each answered within 200 ms", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const arrivedAt: Array<number> = []
      const waits: Array<number> = []
      yield* Stream.fromSchedule(Schedule.spaced("100 millis")).pipe(
        Stream.take(15),
        Stream.map((n) => {
          arrivedAt[n] = Ticks.now()
          return [n, `${server.url}/${n}`] as const
        }),
        FastGet.stream(),
        Stream.runForEach(([n]) => Effect.sync(() => waits.push(Ticks.now() - arrivedAt[n]!)))
      )
      expect(waits.length).toBe(15)
      expect(Math.max(...waits)).toBeLessThan(200)
    }).pipe(using()))
})

describe("several streams on one service", () => {
  it.scopedLive("are served in turn: a small one does not wait for a large one", () =>
    Effect.gen(function*() {
      const large: Array<number> = []
      let small = 0
      const server = yield* LoopbackServer.make((request, response) => {
        if (request.url!.startsWith("/large")) large.push(small)
        else small++
        after(2)(request, response)
      })
      const running = yield* Effect.fork(Stream.runDrain(FastGet.stream(entriesOf(server.url, 3000, "large/"))))
      yield* Effect.repeat(Effect.sleep(5), { until: () => large.length > 300 })
      yield* Stream.runDrain(FastGet.stream(entriesOf(server.url, 200, "small/")))
      // Requests of the large one between the first and the last of the small one.
      const between = large.filter((seen) => seen > 0 && seen < 200).length
      expect(small).toBe(200)
      expect(between).toBeLessThan(500)
      expect(large.length).toBeLessThan(3000)
      yield* running
      expect(large.length).toBe(3000)
    }).pipe(using({ connectionsPerOrigin: 8 })))

  it.scopedLive("each have all their own entries", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const paths = yield* Effect.forEach(
        ["a", "b", "c", "d"],
        (name) =>
          Stream.runCollect(FastGet.stream(entriesOf(server.url, 1000, `${name}/`))).pipe(
            Effect.map((results) =>
              Chunk.every(results, ([n, json]) => (json as { path: string }).path === `/${name}/${n}`) && results.length
            )
          ),
        { concurrency: "unbounded" }
      )
      expect(paths).toEqual([1000, 1000, 1000, 1000])
    }).pipe(using()))
})

describe("the bounds at the server", () => {
  it.scopedLive("are connectionsPerOrigin sockets, all of them used", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(after(5))
      yield* Stream.runDrain(FastGet.stream(entriesOf(server.url, 600)))
      expect(server.mostAtOnce()).toBe(10)
      // A connection that a thread needs no more is closed before another thread opens one for it.
      expect(server.mostSockets()).toBe(10)
    }).pipe(using({ connectionsPerOrigin: 10 })))

  it.scopedLive("are concurrency requests", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(after(5))
      yield* Stream.runDrain(FastGet.stream(entriesOf(server.url, 200)))
      expect(server.mostAtOnce()).toBe(5)
    }).pipe(using({ concurrency: 5 })))

  it.scopedLive("hold for concurrency: 1, with more workers than that", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(after(2))
      yield* Stream.runDrain(FastGet.stream(entriesOf(server.url, 50)))
      expect([server.mostAtOnce(), server.requests()]).toEqual([1, 50])
    }).pipe(using({ concurrency: 1 })))
})

describe("the settings", () => {
  it.scopedLive("send headers, Redacted ones in the clear", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) => response.end(JSON.stringify(request.headers)))
      expect(yield* FastGet.get(server.url)).toMatchObject({ authorization: "Bearer s3cr3t", "x-a": "1" })
    }).pipe(using({ headers: { authorization: Redacted.make("Bearer s3cr3t"), "x-a": "1" } })))

  it.scopedLive("may come from Config", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) => response.end(JSON.stringify(request.headers)))
      const layer = NodeFastGet.layerConfig({
        numWorkers: Config.integer("WORKERS"),
        headers: Config.map(Config.redacted("TOKEN"), (authorization) => ({ authorization })),
        logLevel: Config.succeed("None" as const)
      })
      const config = ConfigProvider.fromMap(new Map([["WORKERS", "1"], ["TOKEN", "s3cr3t"]]))
      const json = yield* FastGet.get(server.url).pipe(
        Effect.provide(Layer.provide(layer, Layer.setConfigProvider(config)))
      )
      expect(json).toMatchObject({ authorization: "s3cr3t" })
    }))

  it.scopedLive("may come from the environment, and are refused there by name", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const fromEnv = (name: string, value: string) =>
        FastGet.get(`${server.url}/x`).pipe(
          Effect.provide(
            Layer.provide(
              NodeFastGet.layerFromEnv,
              Layer.setConfigProvider(ConfigProvider.fromMap(new Map([[name, value]])))
            )
          )
        )
      expect(yield* fromEnv("FASTGET_NUM_WORKERS", "1")).toEqual({ path: "/x" })
      const error = yield* Effect.flip(fromEnv("FASTGET_NUM_WORKERS", "0"))
      expect(String(error)).toContain("numWorkers")
      expect(error._tag).toBe("ConfigError")
    }))

  it.effect("of the environment are refused by the names of their variables", () =>
    Effect.gen(function*() {
      const errorOf = (name: string, value: string) =>
        Effect.map(
          Effect.flip(Effect.provide(
            FastGet.FastGet,
            Layer.provide(
              NodeFastGet.layerFromEnv,
              Layer.setConfigProvider(ConfigProvider.fromMap(new Map([[name, value]])))
            )
          )),
          (error) => `${error._tag} ${String(error)}`
        )
      const cases = [
        ["FASTGET_TIMEOUT", "10", "a number needs its unit"],
        ["FASTGET_TIMEOUT", "0s", "The option timeout can't be 0"],
        ["FASTGET_NUM_WORKERS", "0", "The option numWorkers can't be 0"],
        ["FASTGET_RETRY_TIMES", "999", "a whole number from 0 to 100"],
        ["FASTGET_DENY_PRIVATE", "1.2.3.4/99", "1.2.3.4/99"],
        ["FASTGET_HEADERS", "connection: s3cr3t", "\"connection\" can't be set"]
      ] as const
      for (const [name, value, message] of cases) {
        const error = yield* errorOf(name, value)
        expect(error).toContain("ConfigError")
        expect(error).toContain(name)
        expect(error).toContain(message)
        expect(error).not.toContain("s3cr3t")
      }
    }))

  it.effect("that do not exist are refused by name, in options and in Config", () =>
    Effect.gen(function*() {
      const options = { connectionPerOrigin: 5 } as object
      const exit = yield* Effect.exit(using(options)(Effect.void))
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("perhaps connectionsPerOrigin was meant")
      const config = { connectionPerOrigin: Config.succeed(5) } as object
      const error = yield* Effect.flip(Effect.provide(FastGet.FastGet, NodeFastGet.layerConfig(config)))
      expect(String(error)).toContain("perhaps connectionsPerOrigin was meant")
      const beside = yield* Effect.exit(
        Effect.provide(
          FastGet.FastGet,
          NodeFastGet.layerConfig({ timeout: Config.succeed(5) }, { denyPrivate: true } as object)
        )
      )
      expect(Exit.isFailure(beside) && String(beside.cause)).toContain("The option denyPrivate can't be given here")
    }))

  it.scopedLive("out of range are a defect that names the option", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(using({ numWorkers: 0 })(Effect.void))
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("The option numWorkers can't be 0")
    }))
})
