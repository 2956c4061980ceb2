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
import type { LookupFunction } from "node:net"
import * as Certificates from "./Certificates.js"
import * as ClientServers from "./ClientServers.js"

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

describe("the client options of a layer", () => {
  it.scopedLive("set the phases of time", () =>
    Effect.gen(function*() {
      const port = yield* ClientServers.listen(Http.createServer((request, response) => {
        if (request.url === "/body") response.write("{")
      }))
      expect(yield* reasonOf(`http://127.0.0.1:${port}/headers`))
        .toEqual({ _tag: "Timeout", phase: "headers", limit: 400 })
      expect(yield* reasonOf(`http://127.0.0.1:${port}/body`)).toEqual({ _tag: "Timeout", phase: "body", limit: 150 })
    }).pipe(using({ headersTimeout: "400 millis", bodyTimeout: 150 })))

  it.scopedLive("set the size of headers", () =>
    Effect.gen(function*() {
      const port = yield* ClientServers.listen(Http.createServer((_, response) => {
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
      const port = yield* ClientServers.listen(Http.createServer((request, response) => {
        if (request.url === "/from") response.writeHead(302, { location: "/silent" }).end()
      }))
      for (const fastPath of [true, false]) {
        const reason = reasonOf(`http://127.0.0.1:${port}/from`).pipe(using({}, { fastPath, timeout: 700 }))
        expect(yield* reason).toMatchObject({ _tag: "Timeout", limit: 700 })
      }
    }))

  it.scopedLive("have a proxy of the environment used by the threads", () =>
    Effect.gen(function*() {
      const port = yield* ClientServers.listen(Http.createServer(json))
      const proxy = yield* ClientServers.makeProxy()
      yield* ClientServers.processEnvironment("HTTP_PROXY", proxy.url)
      const url = `http://127.0.0.1:${port}/through`
      expect(yield* FastGet.get(url).pipe(using({ proxyFromEnv: true }))).toEqual({ path: "/through" })
      expect(proxy.tunnels()).toBe(1)
      expect(yield* FastGet.get(url).pipe(using({}))).toEqual({ path: "/through" })
      expect(proxy.tunnels()).toBe(1)
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
      for (const nothing of [null, "yes", [], new Map(), 1]) {
        expect(yield* defectOf(nothing as unknown as object))
          .toMatch(/The option client can't be .*: it takes an object with headersTimeout/)
        expect(yield* defectOf({ tls: nothing })).toMatch(
          /The option client\.tls can't be .*: it takes an object with ca/
        )
      }
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
        const port = yield* ClientServers.listen(Http.createServer(json))
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
      const { ca, client, url } = yield* ClientServers.tlsServer
      const tls = { ca, cert: client.cert, key: Redacted.make(client.key) }
      expect(yield* FastGet.get(url).pipe(using({ tls }))).toBe("DNS:client.example")
      expect(yield* reasonOf(url).pipe(using({}))).toMatchObject({ _tag: "Tls" })
    }))

  it.scopedLive("is verified even where NODE_TLS_REJECT_UNAUTHORIZED is 0", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* Certificates.make("127.0.0.1")
      const port = yield* ClientServers.listen(Https.createServer({ cert, key }, json))
      const url = `https://127.0.0.1:${port}/`
      yield* ClientServers.processEnvironment("NODE_TLS_REJECT_UNAUTHORIZED", "0")
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
