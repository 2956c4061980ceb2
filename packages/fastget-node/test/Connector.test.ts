import * as Connector from "#internal/sockets/Connector"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { LookupFunction, Socket } from "node:net"
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Certificates from "./Certificates.js"
import * as Servers from "./faults/Servers.js"
import { within } from "./Within.js"

/** Resolves every name to these addresses, and keeps what was asked for. */
const resolving = (...addresses: ReadonlyArray<string>) => {
  const asked: Array<string> = []
  const lookup: LookupFunction = (hostname, _, callback) => {
    asked.push(hostname)
    setImmediate(() => callback(null, addresses.map((address) => ({ address, family: Net.isIP(address) }))))
  }
  return { asked, lookup }
}

const wanted = (port: number, hostname = "a.example", protocol = "http:"): Connector.Wanted => ({
  hostname,
  host: `${hostname}:${port}`,
  protocol,
  port: String(port)
})

/** A connection that its scope closes, or why there is none. */
const connect = (connect: Connector.Connect, wanted: Connector.Wanted) =>
  Effect.acquireRelease(
    Effect.async<Socket | Error>((resume) => {
      connect(wanted, (...[error, socket]) => resume(Effect.succeed(error ?? socket)))
    }),
    (end) => Effect.sync(() => end instanceof Error || end.destroy())
  )

/** A server that reads and never answers. */
const mute = () => Net.createServer((socket) => socket.resume())

const defaults = { lookup: resolving("127.0.0.1").lookup, timeout: 10_000, tls: {} }

describe("a connection", () => {
  it.scopedLive("goes to an address that the host has, and to the host itself where that is an address", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.listen(Net.createServer())
      const { asked, lookup } = resolving("127.0.0.1")
      const made = Connector.make({ ...defaults, lookup })
      for (const hostname of ["a.example", "127.0.0.1"]) {
        const socket = yield* connect(made, wanted(port, hostname))
        expect(socket).toMatchObject({ remoteAddress: "127.0.0.1", remotePort: port })
      }
      expect(asked).toEqual(["a.example"])
    }))

  it.scopedLive("fails with the error of the lookup, with ENOTFOUND without an address, and with that of connecting", () =>
    Effect.gen(function*() {
      const failing: LookupFunction = (_, __, callback) => callback(new Error("no names today"), "")
      const { lookup } = resolving("not an address")
      const port = yield* Servers.closedPort
      expect(yield* connect(Connector.make({ ...defaults, lookup: failing }), wanted(1)))
        .toMatchObject({ message: "no names today" })
      expect(yield* connect(Connector.make({ ...defaults, lookup }), wanted(1))).toMatchObject({ code: "ENOTFOUND" })
      expect(yield* connect(Connector.make(defaults), wanted(port)))
        .toMatchObject({ code: "ECONNREFUSED", address: "127.0.0.1", port })
    }))

  it.scopedLive("fails after its time, whether the lookup or the handshake of TLS takes it, and leaves no socket", () =>
    Effect.gen(function*() {
      const silent = yield* Servers.listen(mute())
      const timeout = { reason: { _tag: "Timeout", phase: "connect", limit: 50 } }
      const slow = Connector.make({ ...defaults, lookup: () => {}, timeout: 50 })
      expect(yield* connect(slow, wanted(silent.port))).toMatchObject(timeout)
      const short = Connector.make({ ...defaults, timeout: 50 })
      expect(yield* connect(short, wanted(silent.port, "a.example", "https:"))).toMatchObject(timeout)
      yield* within(5000, "no socket", () => silent.openSockets() === 0)
    }))

  it.scopedLive("that is destroyed in the making fails with the error that it is given, and leaves no socket", () =>
    Effect.gen(function*() {
      const silent = yield* Servers.listen(mute())
      const error = yield* Effect.async<Error | null>((resume) => {
        const connecting = Connector.make(defaults)(
          wanted(silent.port, "a.example", "https:"),
          (...[error]) => resume(Effect.succeed(error))
        )
        const look = setInterval(() => {
          if (silent.openSockets() === 0) return
          clearInterval(look)
          connecting.destroy(new Error("closed"))
        }, 1)
      })
      expect(error?.message).toBe("closed")
      yield* within(5000, "no socket", () => silent.openSockets() === 0)
    }))

  it.scopedLive.skipIf(!Certificates.hasOpenssl)(
    "speaks TLS to an https: host, by its name without the dot that ends it",
    () =>
      Effect.gen(function*() {
        const certificate = yield* Certificates.make("a.example")
        const names: Array<string> = []
        const { port } = yield* Servers.listen(Tls.createServer({
          ...certificate,
          SNICallback: (name, done) => {
            names.push(name)
            done(null)
          }
        }))
        const made = Connector.make({ ...defaults, tls: { ca: certificate.cert, rejectUnauthorized: true } })
        const socket = yield* connect(made, { ...wanted(port, "a.example.", "https:"), servername: "a.example." })
        expect(socket).toMatchObject({ authorized: true })
        expect(names).toEqual(["a.example"])
        expect(yield* connect(made, { ...wanted(port, "b.example", "https:"), servername: "b.example" }))
          .toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" })
      })
  )
})

describe("a host without the dot that ends it", () => {
  it("is the same elsewhere", () => {
    const { host, hostname, servername } = Connector.withoutDot({
      ...wanted(8443, "a.example."),
      servername: "a.example."
    })
    expect([host, hostname, servername]).toEqual(["a.example:8443", "a.example.", "a.example"])
    expect(Connector.withoutDot(wanted(1))).toEqual(wanted(1))
  })
})
