import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { FastGetConfig } from "fastget"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"

const secret = "s3cr3t"

/** Where a redirect leads is said by the path: `/to/<encoded URL>`; everything else mirrors its headers. */
const mirror: LoopbackServer.Handler = (request, response) => {
  const path = request.url ?? ""
  if (path.startsWith("/to/")) response.writeHead(302, { location: decodeURIComponent(path.slice(4)) }).end()
  else if (path.startsWith("/fails")) response.writeHead(500).end("no")
  else response.end(JSON.stringify({ path, headers: request.headers }))
}

const using = (options: FastGetConfig.LayerOptions = {}) =>
  Effect.provide(NodeFastGet.layer({ numWorkers: 1, logLevel: "None", retry: { times: 0 }, ...options }))

const reasonOf = (url: string) =>
  Effect.map(Effect.flip(FastGet.get(url)), (error) => error._tag === "FetchError" ? error.reason : error)

describe.each([true, false])("security, with fastPath %s:", (fastPath) => {
  it.scopedLive("only http: and https: are fetched, also where a redirect leads", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(mirror)
      for (const url of ["file:///etc/passwd", "ftp://a/", "data:application/json,1", "javascript:1", "unix:/run/x"]) {
        expect(yield* reasonOf(url)).toMatchObject({ _tag: "InvalidUrl" })
        expect(yield* reasonOf(`${server.url}/to/${encodeURIComponent(url)}`))
          .toMatchObject({ _tag: "Redirect", problem: "blocked" })
      }
    }).pipe(using({ fastPath })))

  it.scopedLive("a URL with CR, LF or NUL sends nothing", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(mirror)
      for (const bad of ["\r\nX-Evil: 1", "\n", "\r", "\0"]) {
        expect(yield* reasonOf(`${server.url}/a${bad}`)).toMatchObject({ _tag: "InvalidUrl" })
      }
      expect(server.requests()).toBe(0)
    }).pipe(using({ fastPath })))

  it.scopedLive("a stream's header with CR, LF or NUL is a defect that repeats nothing, also if it is Redacted", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(mirror)
      for (const bad of ["\r", "\n", "\0"]) {
        for (const value of [`${secret}${bad}`, Redacted.make(`${secret}${bad}`)]) {
          const exit = yield* Effect.exit(FastGet.get(server.url, { headers: { "x-a": value } }))
          expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("The option headers can't be")
          expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).not.toContain(secret)
        }
      }
      expect(server.requests()).toBe(0)
    }).pipe(using({ fastPath })))

  it.scopedLive("userinfo is sent as Authorization to its origin; to another go no header of the caller and no userinfo", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(mirror)
      const other = yield* LoopbackServer.make(mirror)
      const host = server.url.slice("http://".length)
      const withUser = `http://user:${secret}@${host}`
      expect(yield* FastGet.get(`${withUser}/a`))
        .toMatchObject({ headers: { authorization: `Basic ${btoa(`user:${secret}`)}`, "x-api-key": secret } })
      for (const from of [server.url, withUser]) {
        const seen = yield* FastGet.get(`${from}/to/${encodeURIComponent(`${other.url}/b`)}`)
        expect(seen).toMatchObject({ path: "/b" })
        expect(JSON.stringify(seen)).not.toMatch(new RegExp(`${secret}|${btoa(`user:${secret}`)}`))
      }
    }).pipe(using({ fastPath, headers: { "x-api-key": Redacted.make(secret), cookie: secret } })))

  it.scopedLive("no secret is in an error, a line of the log, a span or Cause.pretty; no tracing header is sent", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(mirror)
      const said: Array<unknown> = []
      const spans: Array<unknown> = []
      const logger = Logger.make(({ annotations, cause, message }) => void said.push(message, [...annotations], cause))
      const url = server.url.replace("http://", `http://user:${secret}@`)
      const program = Effect.gen(function*() {
        const seen = yield* FastGet.get(`${url}/ok`)
        expect(Object.keys((seen as { readonly headers: object }).headers)).not.toContain("traceparent")
        expect(Object.keys((seen as { readonly headers: object }).headers)).not.toContain("b3")
        const one = yield* Effect.exit(FastGet.get(`${url}/fails?token=${secret}#${secret}`))
        const many = yield* Effect.exit(Stream.runDrain(FastGet.stream([[1, `${url}/fails?${secret}`]])))
        const exits: ReadonlyArray<Exit.Exit<unknown, unknown>> = [one, many]
        for (const exit of exits) {
          expect(Exit.isFailure(exit)).toBe(true)
          if (Exit.isFailure(exit)) {
            yield* Effect.logError("failed", exit.cause)
            said.push(Cause.pretty(exit.cause), String(Cause.squash(exit.cause)))
          }
        }
      }).pipe(
        Effect.withSpan("outer"),
        using({ fastPath, headers: { "x-api-key": secret }, logLevel: "Info" }),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Logger.withMinimumLogLevel(LogLevel.All),
        Effect.withTracer(Tracer.make({
          context: (run) => run(),
          span: (name, parent, context, links, startTime, kind) => {
            const attributes = new Map<string, unknown>()
            const events: Array<unknown> = []
            spans.push([name, attributes, events])
            return {
              _tag: "Span",
              name,
              spanId: String(spans.length),
              traceId: "trace",
              parent,
              context,
              links,
              kind,
              sampled: true,
              attributes,
              status: { _tag: "Started", startTime },
              attribute: (key, value) => void attributes.set(key, value),
              event: (name, _, attributes) => void events.push([name, attributes]),
              end: (_, exit) => void events.push(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "success"),
              addLinks: () => {}
            }
          }
        }))
      )
      yield* program
      const all = JSON.stringify(said) +
        JSON.stringify(spans, (_, value: unknown) => value instanceof Map ? [...value] : value)
      expect(spans.length).toBeGreaterThan(1)
      expect(said.length).toBeGreaterThan(10)
      expect(all).toContain("/fails?token=***")
      expect(all).not.toContain(secret)
      expect(all).not.toContain(btoa(`user:${secret}`))
    }))

  it.scopedLive("__proto__ in a body stays an own property", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((_, response) =>
        void response.end("{\"__proto__\":{\"admin\":true},\"constructor\":{\"prototype\":{\"admin\":true}}}")
      )
      const json = yield* FastGet.get(server.url) as Effect.Effect<object, never, FastGet.FastGet>
      expect(Object.hasOwn(json, "__proto__")).toBe(true)
      expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
      expect(Reflect.get(json, "admin")).toBeUndefined()
      expect(Reflect.get({}, "admin")).toBeUndefined()
    }).pipe(using({ fastPath })))
})
