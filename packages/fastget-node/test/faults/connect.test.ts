import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FastGet } from "fastget"
import { NodeGetClient } from "fastget-node"
import { FaultServer, LoopbackServer } from "loopback"
import * as Http from "node:http"
import type { LookupFunction } from "node:net"
import * as Law from "./Law.js"
import * as Program from "./Program.js"
import { ends, json, reason, row, rowOf } from "./Row.js"
import * as Servers from "./Servers.js"

const once = { retry: { times: 0, base: 1, cap: 1 } }
/** A resolver that gives every name the same addresses; `then` is called when they are being connected to. */
const addresses = (hosts: ReadonlyArray<string>, then = () => {}): LookupFunction => (_, __, done) =>
  process.nextTick(() => {
    done(null, hosts.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })))
    then()
  })

const path = (fault: FaultServer.Fault) => (n: number) => json({ path: `/${fault}/${n}` })

describe("the connection", () => {
  rowOf("1: a closed port is Connect, for all of 500 entries on 2 connections", (law) =>
    Effect.gen(function*() {
      const { url } = yield* law.serve(FaultServer.make)
      const port = yield* Servers.closedPort
      return {
        ok: (n) => `${url}/ok/${n}`,
        cases: [{
          what: "a closed port",
          url: (n) => `http://127.0.0.1:${port}/${n}`,
          expected: reason("Connect", { address: "127.0.0.1", port, code: "ECONNREFUSED" })
        }]
      }
    }), { ...once, timeout: 1000, fewest: 500, pool: { connectionsPerOrigin: 2 } })

  describe.skipIf(process.platform === "win32")("(not on Windows: it has no SIGSTOP)", () => {
    rowOf(
      "2: a full backlog, where a SYN has no answer, is a Timeout of the connection",
      (law) =>
        Effect.gen(function*() {
          const { url } = yield* law.serve(FaultServer.make)
          const port = yield* law.owned(Servers.fullPort)
          return {
            ok: (n) => `${url}/ok/${n}`,
            cases: [{
              what: "a full backlog",
              url: (n) => `http://127.0.0.1:${port}/${n}`,
              expected: reason("Timeout", { phase: "connect", limit: 500 })
            }]
          }
        }),
      { ...once, timeout: 1000, pool: { connectTimeout: "500 millis" } }
    )
  })

  describe.skipIf(process.platform !== "linux")("(on Linux: elsewhere 127.0.0.2 is not of this machine)", () => {
    /** A client of its own, that asks `lookup`. */
    const over = (lookup: LookupFunction, options: NodeGetClient.Options = {}) =>
      Effect.provide(
        Layer.provide(
          FastGet.layer({ logLevel: "None", timeout: 20_000, retry: { times: 0 } }),
          NodeGetClient.layer({ lookup, ...options })
        )
      )

    Law.test("57: a host whose first address is slow and whose second is dead is reached", (law) =>
      Effect.gen(function*() {
        for (const options of [{}, { denyPrivate: { allow: ["127.0.0.1", "127.0.0.2"] } }, { connectionsInAll: 1 }]) {
          const { goOn, port } = yield* law.owned(Servers.full)
          const lookup = addresses(["127.0.0.1", "127.0.0.2"], () => setImmediate(goOn))
          expect(yield* FastGet.get(`http://two.example:${port}/a`).pipe(over(lookup, options))).toEqual({ path: "/a" })
        }
      }))

    Law.test("57: a host whose first address says nothing is reached by the second", (law) =>
      Effect.gen(function*() {
        for (const options of [{}, { connectionsInAll: 1, connectTimeout: 2000 }]) {
          const { port } = yield* law.owned(Servers.full)
          const listening = Http.createServer((request, response) =>
            response.end(JSON.stringify({ path: request.url }))
          )
          yield* law.owned(Effect.acquireRelease(
            Effect.async<void>((resume) => void listening.listen(port, "127.0.0.2", () => resume(Effect.void))),
            () => Effect.sync(() => listening.close().closeAllConnections())
          ))
          const lookup = addresses(["127.0.0.1", "127.0.0.2"])
          expect(yield* FastGet.get(`http://two.example:${port}/a`).pipe(over(lookup, options))).toEqual({ path: "/a" })
        }
      }))

    Law.test("57: a host none of whose addresses answers is Connect, or a Timeout of the connection", (law) =>
      Effect.gen(function*() {
        const { port } = yield* law.owned(Servers.full)
        const reasonOver = (hosts: ReadonlyArray<string>) =>
          Effect.flip(FastGet.get(`http://none.example:${port}/`)).pipe(over(addresses(hosts), { connectTimeout: 600 }))
        expect(yield* reasonOver(["127.0.0.2", "127.0.0.3"]))
          .toMatchObject({ reason: { _tag: "Connect", address: "127.0.0.3", code: "ECONNREFUSED" } })
        expect(yield* reasonOver(["127.0.0.1", "127.0.0.2"]))
          .toMatchObject({ reason: { _tag: "Timeout", phase: "connect", limit: 600 } })
      }))
  })

  rowOf("3: a name that does not exist is Dns", (law) =>
    Effect.map(law.serve(FaultServer.make), ({ url }) => ({
      ok: (n) => `${url}/ok/${n}`,
      cases: [{
        what: "no such name",
        url: (n) => `http://no-such-name.invalid/${n}`,
        expected: reason("Dns", { hostname: "no-such-name.invalid" })
      }]
    })), once)

  describe.skipIf(process.platform === "win32")("(not on Windows: it has no ulimit)", () => {
    const afterAWhile: LoopbackServer.Handler = (request, response) => {
      setTimeout(() => LoopbackServer.echoPath(request, response), 20)
    }

    Law.test("4: a limit of 256 descriptors is never reached with the default connections", (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make(afterAWhile))
        const ended = yield* Program.runWithDescriptors(256, "descriptors", server.url, "default")
        expect(ended).toEqual({ code: 0, stdout: `{"success":2000}`, stderr: "" })
        law.report({ outcomes: "success", repeats: 2000 })
      }))

    Law.test("4: a limit of 256 descriptors is LocalLimit with more connections than that", (law) =>
      Effect.gen(function*() {
        const server = yield* law.serve(LoopbackServer.make(afterAWhile))
        const { code, stderr, stdout } = yield* Program.runWithDescriptors(256, "descriptors", server.url, "many")
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        const { LocalLimit, success, ...others } = JSON.parse(stdout)
        expect(others).toEqual({})
        expect(LocalLimit).toBeGreaterThan(0)
        expect(LocalLimit + success).toBe(2000)
        law.report({ outcomes: "LocalLimit, success", repeats: 2000 })
      }))
  })

  row("5: RST on request is a Reset", { "reset": reason("Reset", { bytes: 0 }) })

  row("6: FIN on request is a Reset", { "fin": reason("Reset", { bytes: 0 }) })

  row("7: a server that closes idle connections after 5 ms without saying so costs no entry", {
    "idle-close": path("idle-close")
  }, once)
})

// Long enough for the neighbours on a machine that does something else, too.
const brief = { timeout: 1500, neighbours: false, ...once }

describe("time", () => {
  row("8: a server that says nothing is a Timeout of the headers", {
    "silent": reason("Timeout", { phase: "headers" })
  }, brief)

  row("9: headers that come byte by byte are a Timeout of the headers", {
    "slow-headers": reason("Timeout", { phase: "headers" })
  }, brief)

  row("10: 103 Early Hints for ever are a Timeout of the whole", {
    "hints-for-ever": reason("Timeout", { phase: "total" })
  }, brief)

  row("11: a body that comes byte by byte is a Timeout of the whole", {
    "dripping-body": reason("Timeout", { phase: "total" })
  }, { ...brief, anyBytes: true })

  row("12: a body whose rest, or whose last chunk, never comes is a Timeout of the body", {
    "stalled-body": reason("Timeout", { phase: "body" }),
    "stalled-chunks": reason("Timeout", { phase: "body" })
  }, brief)
})

ends()
