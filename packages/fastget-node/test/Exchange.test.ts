import * as Dispatch from "#internal/client/Dispatch"
import { Exchange, type Limits } from "#internal/client/Exchange"
import * as Sockets from "#internal/sockets/Sockets"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Answered, Failed } from "fastget/platform/QuickGet"
import { FaultServer, LoopbackServer } from "loopback"
import * as Net from "node:net"
import * as Servers from "./faults/Servers.js"
import { within } from "./Within.js"

const limits: Limits = {
  timeout: 10_000,
  deadline: Infinity,
  headersTimeout: 10_000,
  bodyTimeout: 10_000,
  maxBodyBytes: 100_000,
  maxHeaderBytes: 16_384
}

/** Sends requests over real sockets, and says how each ended. */
const client = Effect.map(Sockets.make({ connections: 1 }), ({ dispatcher }) => {
  const send = (url: string, changed: Partial<Limits>, done: (end: Answered | Failed) => void) => {
    const { origin, pathname } = new URL(url)
    return new Exchange(dispatcher, Dispatch.request(origin, pathname, ["x-a", "b"]), { ...limits, ...changed }, done)
  }
  const get = (url: string, changed: Partial<Limits> = {}) =>
    Effect.async<Answered | Failed>((resume) => {
      const exchange = send(url, changed, (end) => resume(Effect.succeed(end)))
      return Effect.sync(() => exchange.cancel())
    })
  return { send, get }
})

describe("an exchange", () => {
  it.scopedLive("ends with the answer and its whole body, sends the headers, and keeps its connection", () =>
    Effect.gen(function*() {
      const { get } = yield* client
      const body = "x".repeat(90_000)
      const server = yield* LoopbackServer.make((request, response) => {
        response.setHeader("x-sent", String(request.headers["x-a"]))
        response.end(request.url === "/large" ? body : "{}")
      })
      const small = yield* get(`${server.url}/small`)
      expect(small).toMatchObject({ _tag: "Answered", status: 200, bytes: 2 })
      expect(small._tag === "Answered" && [String(small.body), small.headers()["x-sent"]]).toEqual(["{}", "b"])
      const large = yield* get(`${server.url}/large`)
      expect(large._tag === "Answered" && Buffer.from(large.body).toString() === body).toBe(true)
      expect([server.requests(), server.allSockets()]).toEqual([2, 1])
    }))

  it.scopedLive.each<[FaultServer.Fault, Partial<Limits>, object]>([
    ["reset", {}, { _tag: "Reset" }],
    ["garbage", {}, { _tag: "Protocol" }],
    ["silent", { headersTimeout: 50 }, { _tag: "Timeout", phase: "headers", limit: 50 }],
    ["dripping-body", { timeout: 200 }, { _tag: "Timeout", phase: "total", limit: 200 }],
    ["stalled-body", { bodyTimeout: 50 }, { _tag: "Timeout", phase: "body", limit: 50 }],
    ["cut-fin", {}, { _tag: "Truncated", expected: 100, received: 6 }],
    ["close-reset", {}, { _tag: "Reset", bytes: 7 }],
    ["announced-large", {}, { _tag: "TooLarge", limit: 100_000, of: "wire" }],
    ["endless", {}, { _tag: "TooLarge", limit: 100_000, of: "wire" }]
  ])("ends with the reason where the server is %s", ([fault, changed, reason]) =>
    Effect.gen(function*() {
      const { get } = yield* client
      const server = yield* FaultServer.make
      expect(yield* get(`${server.url}/${fault}`, changed)).toMatchObject({ _tag: "Failed", reason })
    }))

  it.scopedLive("reads of a body outside of 2xx only as much as is shown", () =>
    Effect.gen(function*() {
      const { get } = yield* client
      const server = yield* FaultServer.make
      const end = yield* get(`${server.url}/not-found`)
      expect(end).toMatchObject({ _tag: "Answered", status: 404 })
      expect(end.bytes).toBeGreaterThanOrEqual(65_536)
      expect(end.bytes).toBeLessThan(300_000)
    }))

  it.scopedLive("sends a request again whose connection the server had closed meanwhile", () =>
    Effect.gen(function*() {
      const { get } = yield* client
      const requests: Array<string> = []
      // Each connection answers once, and is reset by the request after that.
      const { port } = yield* Servers.listen(Net.createServer((socket) => {
        let count = 0
        socket.on("data", (data) => {
          requests.push(String(data).split(" ")[1]!)
          if (++count > 1) socket.resetAndDestroy()
          else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        })
      }))
      const url = `http://127.0.0.1:${port}`
      expect(yield* get(`${url}/1`)).toMatchObject({ status: 200 })
      expect(yield* get(`${url}/2`)).toMatchObject({ status: 200 })
      expect(requests).toEqual(["/1", "/2", "/2"])
    }))

  it.scopedLive("that is canceled closes its connection and says nothing", () =>
    Effect.gen(function*() {
      const { send } = yield* client
      const server = yield* FaultServer.make
      let ends = 0
      const exchange = send(`${server.url}/silent`, {}, () => ends++)
      yield* within(5000, "the request", () => server.requests("/silent") === 1)
      exchange.cancel()
      yield* within(5000, "no connection", () => server.openSockets() === 0)
      expect(ends).toBe(0)
    }))

  it.live("over a client that is closed fails, and not before its constructor has returned", () =>
    Effect.gen(function*() {
      const { send } = yield* Effect.scoped(client)
      let exchange: Exchange | undefined
      const [end, isMade] = yield* Effect.async<readonly [Answered | Failed, boolean]>((resume) => {
        exchange = send("http://127.0.0.1:1/", {}, (end) => resume(Effect.succeed([end, exchange !== undefined])))
      })
      expect([end._tag, isMade]).toEqual(["Failed", true])
    }))
})
