import * as Cookies from "@effect/platform/Cookies"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeGetClient } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as Http from "node:http"
import * as Https from "node:https"
import type { AddressInfo, LookupFunction, Server } from "node:net"
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Certificates from "./Certificates.js"
import * as ClientServers from "./ClientServers.js"
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

  const named: LookupFunction = (_, __, done) =>
    process.nextTick(() => done(null, [{ address: "127.0.0.1", family: 4 }]))

  it.scopedLive("asks for a host by its name without the dot at the end, and checks the certificate for that", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const { cert, key } = yield* Certificates.make("full.example")
      const other = yield* Certificates.make("other.example")
      const sni = (name: string, done: (error: null, context: Tls.SecureContext) => void) => {
        asked.push(name)
        done(null, Tls.createSecureContext(name === "other.example" ? other : { cert, key }))
      }
      const { port } = yield* listen(Https.createServer({ SNICallback: sni }, json))
      const client = over({ lookup: named, tls: { ca: [cert, other.cert].join("") } })
      for (const host of ["full.example.", "full.example", "OTHER.example."]) {
        expect(yield* FastGet.get(`https://${host}:${port}/a`).pipe(client)).toMatchObject({ path: "/a" })
      }
      expect(yield* reasonOf(`https://third.example.:${port}/`).pipe(client)).toMatchObject({
        _tag: "Tls",
        code: "ERR_TLS_CERT_ALTNAME_INVALID"
      })
      expect(asked).toEqual(["full.example", "full.example", "other.example", "third.example"])
    }))

  it.scopedLive("asks for a host without the dot behind a proxy, too", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* Certificates.make("full.example")
      const { port } = yield* listen(Https.createServer({ cert, key }, json))
      const proxy = yield* ClientServers.makeProxy(port)
      yield* ClientServers.processEnvironment("HTTPS_PROXY", proxy.url)
      const client = over({ proxyFromEnv: true, tls: { ca: cert } })
      expect(yield* FastGet.get("https://full.example.:8443/a").pipe(client)).toMatchObject({ path: "/a" })
      expect(proxy.asked()).toMatchObject([{ to: "full.example:8443" }])
    }))
})

/** A server of raw answers, and how many connections it got. */
const rawServer = (answer: (path: string) => string) =>
  Effect.gen(function*() {
    let connections = 0
    const { port } = yield* listen(Net.createServer((socket) => {
      connections++
      socket.on("error", () => {})
      socket.on("data", (request) => socket.write(answer(request.toString("latin1").split(" ", 2)[1]!), "latin1"))
    }))
    return { url: `http://127.0.0.1:${port}`, connections: () => connections }
  })

describe("an answer without a body", () => {
  it.scopedLive.each([
    ["304 with a length", "304 Not Modified\r\nContent-Length: 1234"],
    ["304 with chunks", "304 Not Modified\r\ntransfer-encoding: chunked"],
    ["204", "204 No Content"],
    ["204 with a length of 0", "204 No Content\r\ncontent-length: 0"],
    ["404 after a 100", "100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 0"]
  ])("keeps its connection: %s", ([, head]) =>
    Effect.gen(function*() {
      const server = yield* rawServer(() => `HTTP/1.1 ${head}\r\n\r\n`)
      const entries = Array.from({ length: 50 }, (_, n) => [n, `${server.url}/${n}`] as const)
      const outcomes = yield* Stream.runCollect(FastGet.outcomes(entries))
      expect(new Set([...outcomes].map(({ attempts, bytes, status }) => `${attempts} ${bytes} ${status}`)).size).toBe(1)
      expect(server.connections()).toBe(1)
    }).pipe(over({ connections: 1 })))

  it.scopedLive("tells its headers as the server sent them", () =>
    Effect.gen(function*() {
      const server = yield* rawServer(() =>
        "HTTP/1.1 304 Not Modified\r\nContent-LENGTH: 0123\r\netag: \"\u00e9\"\r\n\r\n"
      )
      const { headers, status } = yield* HttpClient.get(server.url)
      expect([status, { ...headers }]).toEqual([304, { "content-length": "0123", etag: "\"\u00e9\"" }])
    }).pipe(Effect.provide(NodeGetClient.layer())))

  it.scopedLive("and with a body all the same, later than its head, harms no other request on its connection", () =>
    Effect.gen(function*() {
      let connections = 0
      const { port } = yield* listen(Net.createServer((socket) => {
        const isFirst = ++connections === 1
        let answered = 0
        socket.on("error", () => {})
        socket.on("data", (request) => {
          const path = request.toString("latin1").split(" ", 2)[1]!
          if (path.startsWith("/304")) return socket.write("HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n")
          // The body of the 304 comes when the next request has.
          if (isFirst && answered++ === 0) return socket.write("{\"a\":1}")
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`)
        })
      }))
      const entries = ["/304", "/1", "/2", "/3"].map((path) => [path, `http://127.0.0.1:${port}${path}`] as const)
      const outcomes = yield* Stream.runCollect(FastGet.outcomes(entries))
      expect([...outcomes].map(({ attempts, id, status }) => [id, status, attempts]).sort()).toEqual([
        ["/1", 200, 1],
        ["/2", 200, 1],
        ["/3", 200, 1],
        ["/304", 304, 1]
      ])
      expect(connections).toBeGreaterThan(1)
    }).pipe(over({ connections: 1 })))
})

describe("an option of a client", () => {
  it.scopedLive.each<readonly [given: object, message: string]>([
    [{ http2: true }, "The option http2 can't be given here: there is no such option"],
    [
      { conections: 3 },
      "The option conections can't be given here: there is no such option; perhaps connections was meant"
    ],
    [{ timeout: "1 second" }, "The option timeout can't be \"1 second\": it takes milliseconds above 0, or Infinity"],
    [{ connections: 0 }, "The option connections can't be 0: it takes a whole number from 1"],
    [{ maxBodyBytes: Infinity }, "The option maxBodyBytes can't be Infinity: it takes a whole number from 1"],
    [{ proxyFromEnv: "yes" }, "The option proxyFromEnv can't be \"yes\": it takes true or false"],
    [{ lookup: null }, "The option lookup can't be null: it takes a function"]
  ])("that can't be is refused by its name: %j", ([given, message]) =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(NodeGetClient.make(given))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(message)
    }))
})

describe("a proxy", () => {
  it.scopedLive("of the environment is used by option", () =>
    Effect.gen(function*() {
      const { port } = yield* listen(Http.createServer(json))
      const proxy = yield* ClientServers.makeProxy()
      yield* ClientServers.processEnvironment("HTTP_PROXY", proxy.url)
      const url = `http://127.0.0.1:${port}/through`
      expect(yield* FastGet.get(url).pipe(over({ proxyFromEnv: true }))).toMatchObject({ path: "/through" })
      expect(proxy.tunnels()).toBe(1)
      expect(yield* FastGet.get(url).pipe(over({}))).toMatchObject({ path: "/through" })
      expect(proxy.tunnels()).toBe(1)
    }))

  it.scopedLive("of the environment may have a bare percent sign in its userinfo", () =>
    Effect.gen(function*() {
      const { port } = yield* listen(Http.createServer(json))
      const proxy = yield* ClientServers.makeProxy(port)
      yield* ClientServers.processEnvironment("HTTP_PROXY", `http://us%er:100%25%@127.0.0.1:${proxy.port}`)
      expect(yield* FastGet.get("http://a.example/x").pipe(over({ proxyFromEnv: true }))).toMatchObject({ path: "/x" })
      expect(proxy.asked()).toMatchObject([{ authorization: `Basic ${btoa("us%er:100%%")}` }])
    }))

  it.scopedLive("passes on answers that begin with a 100, and is left out for NO_PROXY", () =>
    Effect.gen(function*() {
      const text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
      const server = yield* rawServer(() => text)
      const proxy = yield* ClientServers.makeProxy(Number(new URL(server.url).port))
      yield* ClientServers.processEnvironment("HTTP_PROXY", proxy.url)
      yield* ClientServers.processEnvironment("NO_PROXY", "127.0.0.1")
      expect(yield* FastGet.get("http://a.example/").pipe(over({ proxyFromEnv: true }))).toEqual({})
      expect(proxy.tunnels()).toBe(1)
      expect(yield* FastGet.get(server.url).pipe(over({ proxyFromEnv: true }))).toEqual({})
      expect(proxy.tunnels()).toBe(1)
    }))
})
