import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as TestWorkers from "./TestWorkers.js"

const layer = (name: TestWorkers.Name) =>
  NodeFastGet.layer({ numWorkers: 1, logLevel: "None", worker: TestWorkers.spawnUnbundled(name) })

const answering = (body: unknown): LoopbackServer.Handler => (_, response) => response.end(JSON.stringify(body))

describe("a worker with a client of its own", () => {
  it.scopedLive("makes the requests with that client", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) =>
        response.end(JSON.stringify(request.headers["x-thread"] ?? null))
      )
      expect(yield* FastGet.get(server.url)).toMatch(/^\d+$/)
    }).pipe(Effect.provide(layer("thread-id"))))
})

describe("a worker with decode", () => {
  const paths = ["/length", "/effect", "/response", "/throw", "/fail", "/function", "/symbol", "/undefined", "/map"]

  it.scopedLive("sends what decode makes, and tells of an entry where it can't", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const entries = paths.map((path) => [path, server.url + path] as const)
      const results = new Map(yield* Stream.runCollect(FastGet.streamEither(entries)))
      expect(results.size).toBe(paths.length)
      expect(results.get("/length")).toEqual(Either.right(7))
      expect(results.get("/effect")).toEqual(Either.right({ effect: "/effect" }))
      expect(results.get("/response")).toMatchObject({ right: { url: `${server.url}/response`, status: 200 } })
      expect(results.get("/undefined")).toEqual(Either.right(undefined))
      expect(results.get("/map")).toEqual(Either.right(new Map([["a", new Date(0)]])))
      expect(results.get("/throw")).toMatchObject({
        left: { retryable: false, reason: { _tag: "Decode", problem: "thrown", where: "decode threw TypeError" } }
      })
      expect(results.get("/fail")).toMatchObject({ left: { reason: { _tag: "Decode", problem: "thrown" } } })
      expect(results.get("/function")).toMatchObject({ left: { reason: { _tag: "Decode", problem: "notCloneable" } } })
      expect(results.get("/symbol")).toMatchObject({ left: { reason: { _tag: "Decode", problem: "notCloneable" } } })
      expect(JSON.stringify([...results])).not.toContain("s3cr3t")
    }).pipe(Effect.provide(layer("decoding"))))

  it.scopedLive("does not touch bodies that are wanted as text", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const [outcome] = [...yield* Stream.runCollect(FastGet.outcomes([[1, `${server.url}/throw`]], { as: "text" }))]
      expect(outcome?.result).toEqual(Either.right(`{"path":"/throw"}`))
    }).pipe(Effect.provide(layer("decoding"))))
})

describe("a worker with a schema", () => {
  const User = Schema.Struct({ name: Schema.String, at: Schema.DateFromString })

  it.scopedLive("lets the same schema here type the results", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(answering({ name: "a", at: "2020-01-02T03:04:05.000Z", more: 1 }))
      expect(yield* FastGet.get(server.url)).toEqual({ name: "a", at: "2020-01-02T03:04:05.000Z" })
      expect(yield* FastGet.get(server.url, { schema: User })).toEqual({
        name: "a",
        at: new Date("2020-01-02T03:04:05.000Z")
      })
    }).pipe(Effect.provide(layer("schema"))))

  it.scopedLive("tells where a body does not fit, without its values", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(answering({ name: ["s3cr3t"], at: "s3cr3t" }))
      const error = yield* Effect.flip(FastGet.get(server.url))
      expect(error).toMatchObject({
        reason: { _tag: "Decode", problem: "schema", where: "at name", issues: [{ path: ["name"] }] }
      })
      expect(JSON.stringify(error) + error.message).not.toContain("s3cr3t")
    }).pipe(Effect.provide(layer("schema"))))
})
