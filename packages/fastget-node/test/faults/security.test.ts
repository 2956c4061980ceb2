import { describe, expect } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { LoopbackServer } from "loopback"
import * as Https from "node:https"
import * as Certificates from "../Certificates.js"
import * as Law from "./Law.js"
import { json, row } from "./Row.js"
import * as Servers from "./Servers.js"

const paths = [true, false].map((fastPath) => ({ fastPath }))

/** Answers with the names and values of the headers it got. */
const echoHeaders: LoopbackServer.Handler = (request, response) => response.end(JSON.stringify(request.headers))

/** The reasons of some URLs, on both paths; every entry has to fail. */
const reasonsOf = (urls: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const reasons: Array<unknown> = []
    for (const options of paths) {
      const results = yield* Stream.runCollect(FastGet.streamEither(urls.map((url) => [url, url] as const), options))
      Law.once(urls, [...results].map(([id]) => id))
      for (const [id, result] of results) reasons.push([id, Either.isLeft(result) ? result.left.reason : result])
    }
    return reasons as ReadonlyArray<readonly [string, { readonly _tag: string }]>
  })

describe("security", () => {
  Law.test("S1: denyPrivate refuses private addresses, however written, by name and behind a redirect", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make())
      const port = new URL(server.url).port
      const hosts = [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
        "10.1.2.3"
      ]
      const guarded = yield* law.pool({ denyPrivate: true })
      const reasons = yield* Effect.provide(reasonsOf(hosts.map((host) => `http://${host}:${port}/`)), guarded)
      expect(reasons.map(([, { _tag }]) => _tag)).toEqual(Array(16).fill("Blocked"))
      expect(server.allSockets()).toBe(0)
      // The redirect's own origin is allowed, where it leads is not.
      const from = yield* law.serve(LoopbackServer.make((_, response) => {
        response.writeHead(302, { location: "http://10.1.2.3/" }).end()
      }))
      const here = yield* law.pool({ denyPrivate: { allow: ["127.0.0.1"] } })
      const [away] = yield* Effect.provide(reasonsOf([from.url]), here)
      expect(away?.[1]).toMatchObject({ _tag: "Blocked" })
      expect(server.allSockets()).toBe(0)
      expect(yield* Effect.provide(FastGet.get(`${server.url}/next`), here)).toEqual({ path: "/next" })
    }))

  Law.test("S2: schemes other than http and https are InvalidUrl", (law) =>
    Effect.gen(function*() {
      const pool = yield* law.pool()
      const schemes = [
        "file:///etc/passwd",
        "ftp://a/",
        "data:application/json,{}",
        "ws://a/",
        "javascript:1",
        "gopher://a/"
      ]
      const reasons = yield* Effect.provide(reasonsOf(schemes), pool)
      expect(reasons.map(([, { _tag }]) => _tag)).toEqual(Array(12).fill("InvalidUrl"))
    }))

  Law.test("S3: CR, LF and NUL are refused in URLs, and in the names and values of headers", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make())
      const pool = yield* law.pool()
      const urls = ["\r", "\n", "\r\nx: y", "\0"].map((evil) => `${server.url}/a${evil}b`)
      const reasons = yield* Effect.provide(reasonsOf(urls), pool)
      expect(reasons.map(([, { _tag }]) => _tag)).toEqual(Array(8).fill("InvalidUrl"))
      for (const evil of ["a\rb", "a\nb", "a\r\nx: y", "a\0b"]) {
        for (const headers of [{ "x-a": evil }, { [evil]: "x" }, { "x-a": Redacted.make(evil) }]) {
          const exit = yield* Effect.exit(Effect.provide(FastGet.get(server.url, { headers }), pool))
          expect(Exit.isFailure(exit) && String(Cause.squash(exit.cause))).toContain("InvalidOption")
        }
      }
      expect(server.requests()).toBe(0)
    }))

  Law.test("58: headers that only the client may set are refused by name, and nothing is sent", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make())
      const pool = yield* law.pool()
      for (
        const name of ["connection", "Keep-Alive", "transfer-encoding", "upgrade", "expect", "content-length", "TE"]
      ) {
        for (const value of ["s3cr3t", Redacted.make("s3cr3t")]) {
          const headers = { [name]: value }
          const ofStream = yield* Effect.exit(Effect.provide(FastGet.get(server.url, { headers }), pool))
          const ofLayer = yield* Effect.exit(law.pool({ headers }))
          for (const exit of [ofStream, ofLayer] as ReadonlyArray<Exit.Exit<unknown, unknown>>) {
            const told = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
            expect(told).toContain(`The option headers can't be the given headers: "${name}" can't be set`)
            expect(told).not.toContain("s3cr3t")
          }
        }
      }
      expect(server.requests()).toBe(0)
    }))

  Law.test("S4: userinfo is sent as Authorization, and no secret is in an error, a log or a span", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make((request, response) => {
        if (request.url!.startsWith("/echo")) return echoHeaders(request, response)
        response.writeHead(500, { "set-cookie": "s3cr3t" }).end()
      }))
      const at = (path: string) => server.url.replace("//", "//user:s3cr3t@") + path
      const lines: Array<unknown> = []
      const logger = Logger.make(({ cause, message, spans }) => {
        lines.push(message, Cause.pretty(cause), [...spans])
      })
      const pool = yield* law.pool({
        headers: { "x-key": Redacted.make("s3cr3t") },
        logLevel: LogLevel.Debug,
        retry: { times: 0 }
      })
      for (const options of paths) {
        expect(yield* Effect.provide(FastGet.get(at("/echo"), options), pool)).toMatchObject({
          authorization: `Basic ${btoa("user:s3cr3t")}`,
          "x-key": "s3cr3t"
        })
        const exit = yield* Stream.runDrain(FastGet.stream([[1, at("/fail?token=s3cr3t#s3cr3t")]], options)).pipe(
          Effect.provide(pool),
          Effect.tapErrorCause(Effect.logError),
          Effect.withSpan("outer"),
          Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
          Logger.withMinimumLogLevel(LogLevel.All),
          Effect.exit
        )
        if (Exit.isSuccess(exit)) throw new Error("500 was a success")
        const error = Cause.squash(exit.cause)
        expect(error).toMatchObject({ reason: { _tag: "Status", status: 500 } })
        const shown = [Cause.pretty(exit.cause), String(error), JSON.stringify(error), JSON.stringify(lines)]
        expect(shown.join("\n")).not.toContain("s3cr3t")
        expect(lines.length).toBeGreaterThan(0)
      }
    }))

  describe.skipIf(!Certificates.hasOpenssl && process.env.CI === undefined)("(needs openssl)", () => {
    Law.test("S5: TLS is verified, even where NODE_TLS_REJECT_UNAUTHORIZED is 0", (law) =>
      Effect.gen(function*() {
        const certificate = yield* Certificates.make("127.0.0.1")
        const server = Https.createServer({ ...certificate }, (_, response) => response.end("1"))
        const { port } = yield* law.serve(Servers.listen(server))
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"
          }),
          () => Effect.sync(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
        )
        const pool = yield* law.pool()
        const reasons = yield* Effect.provide(reasonsOf([`https://127.0.0.1:${port}/`]), pool)
        expect(reasons.map(([, { _tag }]) => _tag)).toEqual(["Tls", "Tls"])
      }))
  })

  row("S6: __proto__ in a JSON body stays an own property and pollutes nothing", {
    "proto": json(JSON.parse(`{"__proto__":{"polluted":1},"a":1}`))
  })

  Law.test("S6: __proto__ in a JSON body is a property like others, and Object.prototype is as it was", (law) =>
    Effect.gen(function*() {
      const body = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`
      const server = yield* law.serve(LoopbackServer.make((_, response) => response.end(body)))
      const pool = yield* law.pool()
      for (const options of paths) {
        const json = yield* Effect.provide(FastGet.get(server.url, options), pool)
        expect(Object.keys(json ?? {})).toEqual(["__proto__", "constructor"])
        expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
        expect(Reflect.get({}, "polluted")).toBe(undefined)
      }
    }))

  Law.test("S7: no tracing header is sent", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(LoopbackServer.make(echoHeaders))
      const services = [yield* law.pool(), yield* law.inProcess({})]
      for (const service of services) {
        for (const options of paths) {
          const headers = yield* FastGet.get(server.url, options).pipe(
            Effect.provide(service),
            Effect.withSpan("outer")
          )
          expect(
            Object.keys(headers ?? {}).filter((name) => /^(traceparent|tracestate|b3|x-b3-.*|baggage)$/.test(name))
          )
            .toEqual([])
        }
      }
    }))
})
