import * as ClientOptions from "#internal/client/ClientOptions"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { FastGet, FastGetConfig } from "fastget"
import { NodeFastGet, NodeGetClient } from "fastget-node"
import * as Http from "node:http"
import * as Https from "node:https"
import type { AddressInfo, LookupFunction, Server } from "node:net"
import * as Net from "node:net"
import type { TLSSocket } from "node:tls"
import * as Certificates from "./Certificates.js"

const listen = (server: Server) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      const sockets = new Set<Net.Socket>()
      server.on("connection", (socket) => {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket))
      })
      server.once("close", () => {
        for (const socket of sockets) socket.destroy()
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.emit("close")
      })
  )

const using = (client: NodeFastGet.Options["client"], options: NodeFastGet.Options = {}) =>
  Effect.provide(NodeFastGet.layer({
    numWorkers: 1,
    logLevel: "None",
    retry: { times: 0 },
    ...(client === undefined ? undefined : { client }),
    ...options
  }))

const reasonOf = (url: string) =>
  Effect.map(Effect.flip(FastGet.get(url)), (error) => error._tag === "FetchError" ? error.reason : error)

const json: Http.RequestListener = (request, response) => {
  response.end(JSON.stringify({ path: request.url }))
}

const environment = (name: string, value: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env[name]
      process.env[name] = value
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      })
  )

describe("the client options of a layer", () => {
  it.scopedLive("set the phases of time", () =>
    Effect.gen(function*() {
      const port = yield* listen(Http.createServer((request, response) => {
        if (request.url === "/body") response.write("{")
      }))
      expect(yield* reasonOf(`http://127.0.0.1:${port}/headers`))
        .toEqual({ _tag: "Timeout", phase: "headers", limit: 400 })
      expect(yield* reasonOf(`http://127.0.0.1:${port}/body`)).toEqual({ _tag: "Timeout", phase: "body", limit: 150 })
    }).pipe(using({ headersTimeout: "400 millis", bodyTimeout: 150 })))

  it.scopedLive("set the size of headers", () =>
    Effect.gen(function*() {
      const port = yield* listen(Http.createServer((_, response) => {
        response.setHeader("x", "x".repeat(20_000))
        response.end("{}")
      }))
      const url = `http://127.0.0.1:${port}/`
      expect(yield* reasonOf(url).pipe(using({}))).toMatchObject({ _tag: "TooLarge", of: "headers" })
      expect(yield* FastGet.get(url).pipe(using({ maxHeaderBytes: 40_000 }))).toEqual({})
      // What is told is what was set, on the quick path and on the general one.
      const limit = (maxHeaderBytes?: number, options?: NodeFastGet.Options) =>
        reasonOf(url).pipe(using(maxHeaderBytes === undefined ? {} : { maxHeaderBytes }, options))
      expect(yield* limit()).toEqual({ _tag: "TooLarge", of: "headers", limit: 16_384 })
      expect(yield* limit(700)).toEqual({ _tag: "TooLarge", of: "headers", limit: 700 })
      expect(yield* limit(18_000, { fastPath: false })).toEqual({ _tag: "TooLarge", of: "headers", limit: 18_000 })
    }))

  it.scopedLive("leave the time for an attempt what was set, also after a redirect", () =>
    Effect.gen(function*() {
      const port = yield* listen(Http.createServer((request, response) => {
        if (request.url === "/from") response.writeHead(302, { location: "/silent" }).end()
      }))
      for (const fastPath of [true, false]) {
        const reason = reasonOf(`http://127.0.0.1:${port}/from`).pipe(using({}, { fastPath, timeout: 700 }))
        expect(yield* reason).toMatchObject({ _tag: "Timeout", limit: 700 })
      }
    }))

  it.scopedLive("have a proxy of the environment used by the threads", () =>
    Effect.gen(function*() {
      const port = yield* listen(Http.createServer(json))
      let tunnels = 0
      const proxy = Http.createServer().on("connect", (request, socket, head) => {
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
      yield* environment("HTTP_PROXY", `http://127.0.0.1:${yield* listen(proxy)}`)
      const url = `http://127.0.0.1:${port}/through`
      expect(yield* FastGet.get(url).pipe(using({ proxyFromEnv: true }))).toEqual({ path: "/through" })
      expect(tunnels).toBe(1)
      expect(yield* FastGet.get(url).pipe(using({}))).toEqual({ path: "/through" })
      expect(tunnels).toBe(1)
    }))

  it.effect.each(
    [
      ["headersTimeout", { headersTimeout: 0 }],
      ["bodyTimeout", { bodyTimeout: "30 days" }],
      ["dnsTtl", { dnsTtl: -1 }],
      ["maxHeaderBytes", { maxHeaderBytes: 1.5 }],
      ["http2", { http2: true }],
      ["http2", { http2: false }],
      ["dnsTTL", { dnsTTL: "s3cr3t" }],
      ["tls.cert", { tls: { key: Redacted.make("s3cr3t"), cert: "s3cr3t" } }]
    ] as const
  )(
    "that can't be, or that there are none of, are a defect, which names %s and shows no secret",
    ([name, client]) =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(FastGet.get("http://a/").pipe(using(client as NodeFastGet.Options["client"])))
        const message = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
        expect(message).toContain(`The option client.${name} can't be`)
        expect(message).not.toContain("s3cr3t")
      })
  )
})

describe("client options that do not exist", () => {
  const defectOf = (client: object) =>
    Effect.map(
      Effect.exit(Effect.provide(FastGet.FastGet, NodeFastGet.layer({ numWorkers: 1, logLevel: "None", client }))),
      (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "made"
    )

  it.effect("are a defect, which names them and shows no value", () =>
    Effect.gen(function*() {
      expect(yield* defectOf({ headerTimeout: "1 second" })).toContain(
        "The option client.headerTimeout can't be given here: there is no such option; perhaps headersTimeout was meant"
      )
      expect(yield* defectOf({ tls: { rejectUnauthorized: false } }))
        .toContain("The option client.tls.rejectUnauthorized can't be given here: there is no such option")
      const secret = yield* defectOf({ tls: { pasphrase: "s3cr3t" } })
      expect(secret).toContain("perhaps passphrase was meant")
      expect(secret).not.toContain("s3cr3t")
      expect(yield* defectOf({ denyPrivate: true })).toContain("The option client.denyPrivate can't be given here")
      expect(yield* defectOf({ proxyFromEnv: "yes" })).toContain("The option client.proxyFromEnv can't be")
    }))
})

describe("happy eyeballs", () => {
  const lookup: LookupFunction = (_, options, done) =>
    process.nextTick(() =>
      options.all === true
        ? done(null, [{ address: "::1", family: 6 }, { address: "127.0.0.1", family: 4 }])
        : done(null, "::1", 6)
    )

  it.scopedLive.each([false, true])(
    "finds the address that answers, with cached DNS (denyPrivate: %s)",
    (guarded) =>
      Effect.gen(function*() {
        const port = yield* listen(Http.createServer(json))
        const entries = Array.from({ length: 100 }, (_, n) => [n, `http://both.example:${port}/${n}`] as const)
        const layer = Layer.provide(
          FastGet.layer({ logLevel: "None", retry: { times: 0 } }),
          NodeGetClient.layer({ lookup, ...(guarded ? { denyPrivate: { allow: ["127.0.0.1", "::1"] } } : undefined) })
        )
        expect(yield* Stream.runCount(FastGet.stream(entries)).pipe(Effect.provide(layer))).toBe(100)
      })
  )
})

describe.skipIf(!Certificates.hasOpenssl && process.env.CI === undefined)("TLS of a layer (needs openssl)", () => {
  it.scopedLive("trusts an authority of one's own where it is given, and shows a client's certificate", () =>
    Effect.gen(function*() {
      const server = yield* Certificates.make("127.0.0.1")
      const client = yield* Certificates.make("client.example")
      const port = yield* listen(
        Https.createServer(
          { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true },
          (request, response) =>
            response.end(JSON.stringify((request.socket as TLSSocket).getPeerCertificate().subjectaltname))
        )
      )
      const url = `https://127.0.0.1:${port}/`
      const tls = { ca: server.cert, cert: client.cert, key: Redacted.make(client.key) }
      expect(yield* FastGet.get(url).pipe(using({ tls }))).toBe("DNS:client.example")
      expect(yield* reasonOf(url).pipe(using({}))).toMatchObject({ _tag: "Tls" })
    }))

  it.scopedLive("is verified even where NODE_TLS_REJECT_UNAUTHORIZED is 0", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* Certificates.make("127.0.0.1")
      const port = yield* listen(Https.createServer({ cert, key }, json))
      const url = `https://127.0.0.1:${port}/`
      yield* environment("NODE_TLS_REJECT_UNAUTHORIZED", "0")
      // The variable works: a connection of Node's own is not verified.
      const status = yield* Effect.async<number | undefined>((resume) => {
        Https.get(url, { agent: false }, (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode))
        })
      })
      expect(status).toBe(200)
      const alone = Layer.provide(FastGet.layer({ logLevel: "None" }), NodeGetClient.layer())
      expect(yield* reasonOf(url).pipe(Effect.provide(alone))).toMatchObject({ _tag: "Tls" })
      expect(yield* reasonOf(url).pipe(using({}))).toMatchObject({ _tag: "Tls" })
      expect(yield* reasonOf(url).pipe(using({ proxyFromEnv: true }))).toMatchObject({ _tag: "Tls" })
    }))
})

describe("the options of a client for its thread", () => {
  const resolve = (options: object) => ClientOptions.resolve(options, FastGetConfig.defaults(1))
  const common = { connectTimeout: 10_000, denyPrivate: false }

  it("are plain data: what was given, in milliseconds and in the clear, and what every client has", () => {
    expect(resolve({})).toEqual(Either.right(common))
    const given = { dnsTtl: "2 seconds", bodyTimeout: undefined, tls: { passphrase: Redacted.make("s3cr3t") } }
    expect(resolve(given)).toEqual(Either.right({ ...common, dnsTtl: 2000, tls: { passphrase: "s3cr3t" } }))
  })

  it("are refused by their names, without a secret", () => {
    const refused = ([options]: readonly [object, string]) =>
      Either.match(resolve(options), {
        onLeft: ({ message, option }) => ({ message, option }),
        onRight: () => undefined
      })
    for (
      const given of [
        [{ dnsTTL: 1 }, "client.dnsTTL"],
        [{ dnsTtl: -1 }, "client.dnsTtl"],
        [{ tls: "s3cr3t" }, "client.tls"],
        [{ tls: { pass: "s3cr3t" } }, "client.tls.pass"],
        [{ tls: { key: "s3cr3t" } }, "client.tls.key"],
        [{ tls: { pfx: Buffer.from("s3cr3t") } }, "client.tls.pfx"]
      ] as const
    ) {
      expect(refused(given)?.option).toBe(given[1])
      expect(refused(given)?.message).not.toContain("s3cr3t")
    }
  })
})
