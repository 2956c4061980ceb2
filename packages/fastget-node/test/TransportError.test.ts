/**
 * What real failures of Node, OpenSSL and undici mean: each is made on loopback,
 * so that a version of theirs with another code, or another shape, is noticed.
 * The rows one by one are tested in `fastget`.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TransportError from "fastget/platform/TransportError"
import { FaultServer } from "loopback"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Undici from "undici"
import * as Certificates from "./Certificates.js"
import * as Servers from "./faults/Servers.js"

const url = new URL("https://a.example/")

const reasonOf = (error: unknown) => TransportError.toReason(error, { url, maxHeaderBytes: 16_384 })

/** The error of a socket, closed afterwards. */
const errorOf = (socket: Net.Socket) =>
  Effect.async<Error>((resume) => {
    socket.once("error", (error) => {
      socket.destroy()
      resume(Effect.succeed(error))
    })
  })

/** The error of a request of `node:http`, or of its answer's body. */
const httpErrorOf = (url: string, options: Http.RequestOptions = {}) =>
  Effect.async<Error>((resume) => {
    const failed = (error: Error) => resume(Effect.succeed(error))
    Http.get(url, { agent: false, ...options }, (response) => response.on("error", failed).resume()).on("error", failed)
  })

/** The error of a request of undici, or of its answer's body. */
const undiciErrorOf = (url: string, options: Undici.Agent.Options = {}) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Undici.Agent(options)),
    (dispatcher) =>
      Effect.flip(Effect.tryPromise({
        try: () => Undici.request(url, { dispatcher }).then(({ body }) => body.text()),
        catch: (error) => error
      })),
    (dispatcher) => Effect.promise(() => dispatcher.destroy())
  )

describe("an error of Node", () => {
  it.scopedLive("is Connect at a closed port, by one address or by all that a name has", () =>
    Effect.gen(function*() {
      const port = yield* Servers.closedPort
      expect(reasonOf(yield* errorOf(Net.connect(port, "127.0.0.1"))))
        .toEqual({ _tag: "Connect", address: "127.0.0.1", port, code: "ECONNREFUSED" })
      const lookup: Net.LookupFunction = (_, __, callback) =>
        callback(null, ["::ffff:127.0.0.1", "127.0.0.1"].map((address) => ({ address, family: Net.isIP(address) })))
      const all = yield* errorOf(Net.connect({ port, host: "a.example", lookup, autoSelectFamily: true }))
      expect(all).toBeInstanceOf(AggregateError)
      expect(reasonOf(all)).toMatchObject({ _tag: "Connect", code: "ECONNREFUSED" })
      const fetched = yield* Effect.flip(Effect.tryPromise({
        try: () => fetch(`http://127.0.0.1:${port}/`),
        catch: (error) => error
      }))
      expect(reasonOf(fetched)).toMatchObject({ _tag: "Connect", code: "ECONNREFUSED" })
    }))

  it.scopedLive("is LocalLimit where the machine has not the address to connect from", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(Net.connect({ port: 1, host: "127.0.0.1", localAddress: "192.0.2.1" }))
      expect(reasonOf(error)).toEqual({ _tag: "LocalLimit", code: "EADDRNOTAVAIL" })
    }))

  it.scopedLive("is Reset where the server resets the connection, and where it closes it", () =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      for (const fault of ["reset", "fin", "fin-in-headers", "cut-close"]) {
        expect({ fault, reason: reasonOf(yield* httpErrorOf(`${server.url}/${fault}`)) })
          .toEqual({ fault, reason: { _tag: "Reset", bytes: 0, reused: false } })
      }
    }))

  it.scopedLive("is Protocol or TooLarge where the parser of HTTP refuses", () =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      for (const fault of ["garbage", "ssh", "status-abc", "nul-in-header", "chunked-bad", "length-and-chunked"]) {
        expect({ fault, reason: reasonOf(yield* httpErrorOf(`${server.url}/${fault}`)) })
          .toEqual({ fault, reason: { _tag: "Protocol", detail: expect.stringMatching(/^HPE_/) } })
      }
      expect(reasonOf(yield* httpErrorOf(`${server.url}/large-header`, { maxHeaderSize: 1000 })))
        .toEqual({ _tag: "TooLarge", limit: 16_384, of: "headers" })
    }))
})

describe.skipIf(!Certificates.hasOpenssl)("an error of OpenSSL", () => {
  const tlsErrorOf = (certificate: Certificates.Certificate, options: Tls.ConnectionOptions = {}) =>
    Effect.gen(function*() {
      const { port } = yield* Servers.listen(Tls.createServer(certificate).on("tlsClientError", () => {}))
      return reasonOf(yield* errorOf(Tls.connect({ port, host: "127.0.0.1", ca: certificate.cert, ...options })))
    })

  it.scopedLive("is Tls, with the code of what is wrong", () =>
    Effect.gen(function*() {
      const good = yield* Certificates.make("127.0.0.1")
      const other = yield* Certificates.make("other.example")
      const expired = yield* Certificates.expired("127.0.0.1")
      const failed = (code: unknown) => ({ _tag: "Tls", host: url.host, code })
      expect(yield* tlsErrorOf(good, { ca: other.cert })).toEqual(failed("DEPTH_ZERO_SELF_SIGNED_CERT"))
      expect(yield* tlsErrorOf(other)).toEqual(failed("ERR_TLS_CERT_ALTNAME_INVALID"))
      expect(yield* tlsErrorOf(expired)).toEqual(failed("CERT_HAS_EXPIRED"))
      expect(yield* tlsErrorOf({ ...good }, { maxVersion: "TLSv1.1", minVersion: "TLSv1.1" }))
        .toEqual(failed(expect.stringMatching(/^(ERR_SSL_|ERR_TLS_|EPROTO)/)))
      const { port } = yield* Servers.listen(Net.createServer((socket) => socket.write("HTTP/1.1 400 No\r\n\r\n")))
      expect(reasonOf(yield* errorOf(Tls.connect({ port, host: "127.0.0.1" }))))
        .toEqual(failed(expect.stringMatching(/^(ERR_SSL_|EPROTO)/)))
    }))
})

describe("an error of undici", () => {
  const faults: ReadonlyArray<readonly [fault: FaultServer.Fault, options: Undici.Agent.Options, reason: object]> = [
    ["silent", { headersTimeout: 50 }, { _tag: "Timeout", phase: "headers" }],
    ["stalled-body", { bodyTimeout: 50 }, { _tag: "Timeout", phase: "body" }],
    ["large-header", { maxHeaderSize: 1000 }, { _tag: "TooLarge", of: "headers" }],
    ["endless", { maxResponseSize: 1000 }, { _tag: "TooLarge", of: "wire" }],
    ["fin", {}, { _tag: "Reset" }],
    ["reset", {}, { _tag: "Reset" }],
    ["garbage", {}, { _tag: "Protocol" }],
    ["chunked-bad", {}, { _tag: "Protocol" }],
    ["status-099", {}, { _tag: "Protocol" }]
  ]

  it.scopedLive.each(faults)("of a server that does %s", ([fault, options, reason]) =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      expect(reasonOf(yield* undiciErrorOf(`${server.url}/${fault}`, options))).toMatchObject(reason)
    }))

  it.scopedLive("is Timeout with its limit where a connection is not made in time", () =>
    Effect.gen(function*() {
      // A server whose handshake of TLS never comes.
      const { port } = yield* Servers.listen(Net.createServer())
      const error = yield* undiciErrorOf(`https://127.0.0.1:${port}/`, { connect: { timeout: 100 } })
      expect(reasonOf(error)).toEqual({ _tag: "Timeout", phase: "connect", limit: 100 })
    }))
})
