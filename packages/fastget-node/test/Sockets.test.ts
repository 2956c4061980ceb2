import * as Dispatch from "#internal/client/Dispatch"
import * as Sockets from "#internal/sockets/Sockets"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { FaultServer, LoopbackServer } from "loopback"
import type { LookupFunction } from "node:net"
import * as Net from "node:net"
import * as Undici from "undici"
import * as Servers from "./faults/Servers.js"
import { within } from "./Within.js"

const get = (dispatcher: Undici.Dispatcher, url: string) =>
  Effect.tryPromise({
    try: () => Undici.request(url, { dispatcher }).then(({ body }) => body.text()),
    catch: (error) => error
  })

/** The dispatcher, and an effect that closes its scope. */
const make = (options: Sockets.Options = {}) =>
  Effect.gen(function*() {
    const scope = yield* Scope.fork(yield* Effect.scope, { _tag: "Sequential" })
    const { dispatcher } = yield* Scope.extend(Sockets.make(options), scope)
    return { dispatcher, close: Scope.close(scope, Exit.void) }
  })

describe("the connections of a client", () => {
  it.scopedLive("are at most so many to an origin", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((request, response) => {
        setImmediate(() => LoopbackServer.echoPath(request, response))
      })
      const { dispatcher } = yield* make({ connections: 3 })
      const paths = Array.from({ length: 30 }, (_, n) => `/${n}`)
      const bodies = yield* Effect.all(paths.map((path) => get(dispatcher, server.url + path)), {
        concurrency: "unbounded"
      })
      expect(bodies).toEqual(paths.map((path) => JSON.stringify({ path })))
      expect(server.allSockets()).toBe(3)
    }))

  it.scopedLive("go where the lookup says, which is asked once for as long as dnsTtl", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      let asked = 0
      const lookup: LookupFunction = (_, __, callback) => {
        asked++
        callback(null, [{ address: "127.0.0.1", family: 4 }])
      }
      const { dispatcher } = yield* make({ lookup, dnsTtl: 60_000 })
      const url = server.url.replace("127.0.0.1", "a.example")
      yield* Effect.all([1, 2, 3, 4].map((n) => get(dispatcher, `${url}/${n}`)), { concurrency: "unbounded" })
      expect([server.requests(), server.allSockets() > 1, asked]).toEqual([4, true, 1])
    }))

  it.scopedLive("are refused to addresses that are not public, where that is wanted", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const { dispatcher } = yield* make({ denyPrivate: true })
      expect(yield* Effect.flip(get(dispatcher, server.url))).toMatchObject({ reason: { _tag: "Blocked" } })
      expect(server.allSockets()).toBe(0)
    }))

  it.scopedLive("end with their scope: those in use, those that idle and those in the making", () =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      const handshake = yield* Servers.listen(Net.createServer((socket) => socket.resume()))
      const { close, dispatcher } = yield* make()
      yield* get(dispatcher, `${server.url}/ok`)
      const failed = yield* Effect.forkAll(
        [`${server.url}/silent`, `https://127.0.0.1:${handshake.port}/`].map((url) => Effect.exit(get(dispatcher, url)))
      )
      yield* within(5000, "both connections", () => server.requests("/silent") === 1 && handshake.openSockets() === 1)
      yield* close
      expect((yield* failed.await)._tag).toBe("Success")
      yield* within(5000, "no connection", () => server.openSockets() + handshake.openSockets() === 0)
    }))
})

describe("an error of a connection", () => {
  it.scopedLive("says whether the connection had answered before", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.listen(Net.createServer((socket) => {
        socket.on("data", (data) => {
          if (String(data).startsWith("GET /first ")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
          else socket.resetAndDestroy()
        })
      }))
      const { dispatcher } = yield* make({ connections: 1 })
      const url = `http://127.0.0.1:${port}`
      expect(yield* get(dispatcher, `${url}/first`)).toBe("{}")
      expect(Sockets.reused(yield* Effect.flip(get(dispatcher, `${url}/second`)))).toBe(true)
      expect(Sockets.reused(yield* Effect.flip(get(dispatcher, `${url}/second`)))).toBe(false)
      expect([Sockets.reused(new Error("other")), Sockets.reused("no error")]).toEqual([false, false])
    }))

  it.scopedLive("is told as one of connecting where there was no connection yet", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.listen(Net.createServer((socket) => {
        socket.once("data", () => socket.resetAndDestroy())
      }))
      const { dispatcher } = yield* make()
      expect(yield* Effect.flip(get(dispatcher, `https://127.0.0.1:${port}/`))).toMatchObject({ connecting: true })
    }))

  it.scopedLive("is told from the end of an answer that has no other end, in the very call that ends it", () =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      const { dispatcher } = yield* make()
      const wasReset = (path: string) =>
        Effect.async<boolean>((resume) => {
          const end = () => resume(Effect.succeed(Sockets.currentReset()))
          const noMatter = () => {}
          Dispatch.send(dispatcher, Dispatch.request(server.url, path, []), {
            onRequestStart: noMatter,
            onResponseStarted: noMatter,
            onResponseStart: noMatter,
            onResponseData: noMatter,
            onResponseEnd: end,
            onResponseError: end
          })
        })
      expect([yield* wasReset("/close-delimited"), yield* wasReset("/close-reset")]).toEqual([false, true])
      expect(yield* wasReset("/close-delimited")).toBe(false)
    }))
})
