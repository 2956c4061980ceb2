import * as Cookies from "@effect/platform/Cookies"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeGetClient } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as Http from "node:http"
import * as Http2 from "node:http2"
import * as Https from "node:https"
import type { AddressInfo, Server } from "node:net"
import * as Net from "node:net"
import * as Certificates from "./Certificates.js"
import { within } from "./Within.js"

/** Closes with its scope, whatever is still connected. */
const listen = <S extends Server>(server: S) =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: S; readonly port: number }>((resume) => {
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({ server, port: (server.address() as AddressInfo).port })))
    }),
    () =>
      Effect.sync(() =>
        server.close()
      )
  )

const over = (options: NodeGetClient.Options) =>
  Effect.provide(Layer.provide(FastGet.layer({ logLevel: "None", retry: { times: 0 } }), NodeGetClient.layer(options)))

const reasonOf = (url: string) =>
  Effect.map(Effect.flip(FastGet.get(url)), (error) => error._tag === "FetchError" ? error.reason : error)

const json: Http.RequestListener = (request, response) => {
  response.end(JSON.stringify({ path: request.url, headers: request.headers }))
}

describe("FastGet's own client, used alone", () => {
  it.scoped("gives a response with all its accessors", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make((_, response) => {
        response.writeHead(200, { "x-a": "1", "set-cookie": "b=2" })
        response.end("{\"a\":1}")
      })
      const response = yield* HttpClient.get(`${server.url}/x`, { urlParams: { q: "1" } })
      expect(response.status).toBe(200)
      expect(response.headers["x-a"]).toBe("1")
      expect(JSON.stringify(response.cookies)).toContain("\"b\"")
      expect(yield* response.json).toEqual({ a: 1 })
      expect(yield* response.text).toBe("{\"a\":1}")
      expect(new TextDecoder().decode(yield* response.arrayBuffer)).toBe("{\"a\":1}")
      expect(yield* Stream.runCount(response.stream)).toBe(1)
    }).pipe(Effect.provide(NodeGetClient.layer())))

  it.scoped("keeps the lines of Set-Cookie apart, for the cookies and for the headers, and joins those of lists", () =>
    Effect.gen(function*() {
      const cookies = ["a=1; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "b=2; HttpOnly", "c=x, y; Secure"]
      const server = yield* LoopbackServer.make((_, response) => {
        response.setHeader("set-cookie", cookies)
        response.setHeader("vary", ["accept", "origin"])
        response.end("{}")
      })
      const response = yield* HttpClient.get(server.url)
      expect(Cookies.toRecord(response.cookies)).toEqual({ a: "1", b: "2", c: "x, y" })
      const expires = Cookies.get(response.cookies, "a").pipe(Option.flatMapNullable(({ options }) => options?.expires))
      expect(Option.getOrThrow(expires).toISOString()).toBe("2037-10-21T07:28:00.000Z")
      expect(response.headers["set-cookie"]?.split("\n")).toEqual(cookies)
      expect(response.headers["vary"]).toBe("accept, origin")
      const [outcome] = yield* Stream.runCollect(FastGet.outcomes([[1, server.url]])).pipe(over({}))
      expect(outcome?.headers).toMatchObject({ "set-cookie": cookies.join("\n"), vary: "accept, origin" })
    }).pipe(Effect.provide(NodeGetClient.layer())))

  it.scoped("refuses other methods than GET", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(HttpClient.post("http://127.0.0.1:1/"))
      expect(String(error.cause)).toContain("POST is not supported")
    }).pipe(Effect.provide(NodeGetClient.layer())))

  it.scopedLive("sends no fragment and no tracing header, and userinfo as Authorization", () =>
    Effect.gen(function*() {
      const { port } = yield* listen(Http.createServer(json))
      const seen = yield* HttpClient.execute(HttpClientRequest.get(`http://u:p@127.0.0.1:${port}/a?b#c`)).pipe(
        Effect.flatMap((response) => response.json),
        Effect.withSpan("outer")
      )
      expect(seen).toMatchObject({ path: "/a?b", headers: { authorization: `Basic ${btoa("u:p")}` } })
      expect(JSON.stringify(seen)).not.toMatch(/traceparent|b3|#c/)
    }).pipe(Effect.provide(NodeGetClient.layer())))

  it.scopedLive("closes the connection of a request that hangs, at once with its scope", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make(() => {})
      const fiber = yield* Effect.forkDaemon(
        Effect.provide(HttpClient.get(server.url), NodeGetClient.layer())
      )
      yield* within(2000, "the request arrived", () => server.requests() === 1)
      yield* Fiber.interrupt(fiber)
      yield* within(1000, "no socket is left", () => server.openSockets() === 0)
      expect(server.allSockets()).toBe(1)
    }))
})

describe("connections", () => {
  it.scopedLive("that their server closes while they idle cost no entry, with retry.times 0", () =>
    Effect.gen(function*() {
      let closed = 0
      const server = Http.createServer((request, response) => {
        const { socket } = request
        socket.setTimeout(0)
        // 5 ms after its last answer, and without a word before.
        response.once("finish", () => socket.setTimeout(5))
        json(request, response)
      })
      server.on("connection", (socket) =>
        socket.once("timeout", () => {
          closed++
          socket.destroy()
        }))
      server.keepAliveTimeout = 0
      const { port } = yield* listen(server)
      const rounds = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () =>
          FastGet.streamEither(Array.from({ length: 100 }, (_, n) => [n, `http://127.0.0.1:${port}/${n}`] as const))
            .pipe(
              Stream.filter(([, result]) => Either.isLeft(result)),
              Stream.runCollect,
              Effect.delay(5)
            )
      )
      expect(rounds.flatMap((failures) => [...failures])).toEqual([])
      expect(closed).toBeGreaterThan(20)
    }).pipe(over({})))

  it.scopedLive("to a closed port fail with Connect, which names it", () =>
    Effect.gen(function*() {
      const { port, server } = yield* Effect.scoped(listen(Net.createServer()))
      expect(server.listening).toBe(false)
      expect(yield* reasonOf(`http://127.0.0.1:${port}/`)).toEqual({
        _tag: "Connect",
        address: "127.0.0.1",
        port,
        code: "ECONNREFUSED"
      })
    }).pipe(over({})))

  it.scopedLive("to a name that does not exist fail with Dns", () =>
    Effect.gen(function*() {
      expect(yield* reasonOf("http://no-such-name.invalid/")).toMatchObject({
        _tag: "Dns",
        hostname: "no-such-name.invalid"
      })
    }).pipe(over({})))

  it.scopedLive("to a host are as many as asked for", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const urls = Array.from({ length: 200 }, (_, n) => [n, `${server.url}/${n}`] as const)
      expect(yield* Stream.runCount(FastGet.stream(urls))).toBe(200)
      expect(server.allSockets()).toBeLessThanOrEqual(3)
    }).pipe(over({ connections: 3 })))
})

describe.skipIf(!Certificates.hasOpenssl && process.env.CI === undefined)("TLS (needs openssl)", () => {
  it.scopedLive("verifies the peer: an authority of one's own is trusted when it is given, and only then", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* Certificates.make("127.0.0.1")
      const { port } = yield* listen(Https.createServer({ cert, key }, json))
      const url = `https://127.0.0.1:${port}/x`
      expect(yield* FastGet.get(url).pipe(over({ tls: { ca: cert } }))).toMatchObject({ path: "/x" })
      expect(yield* reasonOf(url).pipe(over({}))).toMatchObject({
        _tag: "Tls",
        host: `127.0.0.1:${port}`,
        code: "DEPTH_ZERO_SELF_SIGNED_CERT"
      })
    }))

  it.scopedLive("refuses a certificate of another host", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* Certificates.make("example.com")
      const { port } = yield* listen(Https.createServer({ cert, key }, json))
      expect(yield* reasonOf(`https://127.0.0.1:${port}/`).pipe(over({ tls: { ca: cert } }))).toMatchObject({
        _tag: "Tls",
        code: "ERR_TLS_CERT_ALTNAME_INVALID"
      })
    }))

  it.scopedLive("speaks HTTP/2 by option, where the server does", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* Certificates.make("127.0.0.1")
      const versions = new Set<string>()
      const server = Http2.createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
        versions.add(request.httpVersion)
        response.end(JSON.stringify({ path: request.url }))
      })
      const { port } = yield* listen(server)
      const urls = Array.from({ length: 50 }, (_, n) => [n, `https://127.0.0.1:${port}/${n}`] as const)
      const results = yield* Stream.runCollect(FastGet.stream(urls)).pipe(over({ tls: { ca: cert }, http2: true }))
      expect([...results].map(([id, json]) => [id, json]).sort(([a], [b]) => Number(a) - Number(b))).toEqual(
        urls.map(([id]) => [id, { path: `/${id}` }])
      )
      expect([...versions]).toEqual(["2.0"])
    }))
})

describe("a proxy", () => {
  it.scopedLive("of the environment is used by option", () =>
    Effect.gen(function*() {
      const { port } = yield* listen(Http.createServer(json))
      let tunnels = 0
      const proxy = Http.createServer()
      proxy.on("connect", (request, socket, head) => {
        tunnels++
        const [host, to] = (request.url ?? "").split(":")
        const upstream = Net.connect(Number(to), host, () => {
          socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
          upstream.write(head)
          upstream.pipe(socket).pipe(upstream)
        })
        upstream.on("error", () => socket.destroy())
        socket.on("error", () => upstream.destroy())
      })
      const { port: proxyPort } = yield* listen(proxy)
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          process.env.HTTP_PROXY = `http://127.0.0.1:${proxyPort}`
        }),
        () => Effect.sync(() => delete process.env.HTTP_PROXY)
      )
      const url = `http://127.0.0.1:${port}/through`
      expect(yield* FastGet.get(url).pipe(over({ proxyFromEnv: true }))).toMatchObject({ path: "/through" })
      expect(tunnels).toBe(1)
      expect(yield* FastGet.get(url).pipe(over({}))).toMatchObject({ path: "/through" })
      expect(tunnels).toBe(1)
    }))
})
