import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { FaultServer } from "loopback"
import * as Https from "node:https"
import * as Net from "node:net"
import * as Certificates from "../Certificates.js"
import { within } from "../Within.js"
import * as Law from "./Law.js"
import type { Case, Options } from "./Row.js"
import { json, reason, rowOf } from "./Row.js"
import * as Servers from "./Servers.js"

const skipped = !Certificates.hasOpenssl && process.env.CI === undefined

const certificates = skipped ? undefined : await Effect.runPromise(Effect.scoped(Effect.all({
  good: Certificates.make("127.0.0.1"),
  selfSigned: Certificates.make("127.0.0.1"),
  otherHost: Certificates.make("example.com"),
  expired: Certificates.expired("127.0.0.1")
})))
const { expired, good, otherHost, selfSigned } = certificates ?? {}

/** Everything is trusted but the one that has signed itself. */
const ca = `${good?.cert}${otherHost?.cert}${expired?.cert}`

const options = (connectTimeout: number): Options => ({
  retry: { times: 0, base: 1, cap: 1 },
  timeout: 10_000,
  tls: { ca },
  pool: { connectTimeout, connectionsPerOrigin: 16, client: { tls: { ca } } },
  // Each is a handshake, or a wait for one, of some milliseconds.
  most: 2000
})

const serve = (law: Law.Law, options: Https.ServerOptions) =>
  law.serve(Servers.listen(Https.createServer(options, (request, response) => {
    response.end(JSON.stringify({ path: request.url }))
  })))

const caseOf = (what: string, { port }: Servers.Server, expected: Case["expected"]): Case => ({
  what,
  url: (n) => `https://127.0.0.1:${port}/${n}`,
  expected
})

const inject = (law: Law.Law, cases: Effect.Effect<ReadonlyArray<Case>>) =>
  Effect.gen(function*() {
    const { url } = yield* law.serve(FaultServer.make)
    return { ok: (n: number) => `${url}/ok/${n}`, cases: yield* cases }
  })

describe.skipIf(skipped)("TLS (needs openssl)", () => {
  rowOf(
    "37: a certificate that is self-signed, of another host or expired, and TLS 1.1, are Tls",
    (law) =>
      inject(
        law,
        Effect.gen(function*() {
          const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const
          return [
            caseOf("trusted", yield* serve(law, good ?? {}), (n) => json({ path: `/${n}` })),
            caseOf(
              "self-signed",
              yield* serve(law, selfSigned ?? {}),
              reason("Tls", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
            ),
            caseOf(
              "another host",
              yield* serve(law, otherHost ?? {}),
              reason("Tls", { code: "ERR_TLS_CERT_ALTNAME_INVALID" })
            ),
            caseOf("expired", yield* serve(law, expired ?? {}), reason("Tls", { code: "CERT_HAS_EXPIRED" })),
            caseOf("TLS 1.1", yield* serve(law, { ...good, ...old }), reason("Tls"))
          ]
        })
      ),
    options(10_000)
  )

  Law.test("37: a certificate that no entry of 300 accepts is Tls for all of them, on 4 connections", (law) =>
    Effect.gen(function*() {
      for (const cert of [otherHost, expired]) {
        const server = yield* serve(law, cert ?? {})
        const tls = { ca: `${cert?.cert}` }
        const pool = { connectionsPerOrigin: 4, client: { tls } }
        const ids = Array.from({ length: 300 }, (_, n) => n)
        for (const service of [yield* law.pool(pool), yield* law.inProcess(pool, tls)]) {
          const ended = yield* Law.inTime(
            10_000,
            Stream.runCollect(
              FastGet.streamEither(ids.map((n) => [n, `https://127.0.0.1:${server.port}/${n}`]), {
                retry: { times: 0 }
              })
            ).pipe(Effect.provide(service))
          )
          const errors = [...ended].flatMap(([, result]) => Either.isLeft(result) ? [result.left] : [])
          Law.once(ids, errors.map(({ id }) => id))
          expect(new Set(errors.map((error) => error.reason._tag))).toEqual(new Set(["Tls"]))
        }
      }
    }))

  rowOf(
    "38: a TLS handshake that hangs is a Timeout of the connection, one that is reset is Connect",
    (law) =>
      inject(
        law,
        Effect.gen(function*() {
          const hangs = yield* law.serve(Servers.listen(Net.createServer((socket) => socket.resume())))
          const resets = yield* law.serve(Servers.listen(Net.createServer((socket) => {
            socket.once("data", () => socket.resetAndDestroy())
          })))
          const ends = yield* law.serve(Servers.listen(Net.createServer((socket) => {
            socket.once("data", () => socket.end())
          })))
          return [
            caseOf("hangs", hangs, reason("Timeout", { phase: "connect", limit: 2500 })),
            caseOf(
              "is reset",
              resets,
              reason("Connect", { address: "127.0.0.1", code: "ECONNRESET" })
            ),
            caseOf("is ended", ends, reason("Connect", { address: "127.0.0.1", code: "ECONNRESET" }))
          ]
        })
      ),
    options(2500)
  )

  Law.test("38: a TLS handshake that hangs ends with its client, however long a connection may take", (law) =>
    Effect.gen(function*() {
      const hangs = yield* law.serve(Servers.listen(Net.createServer((socket) => socket.resume())))
      const url = `https://127.0.0.1:${hangs.port}/`
      for (const service of [yield* law.pool(), yield* law.inProcess({})]) {
        const got = yield* Effect.fork(Effect.provide(FastGet.get(url), service))
        const open = hangs.openSockets()
        yield* within(5000, "a connection", () => hangs.openSockets() > open)
        yield* Fiber.interrupt(got)
      }
    }))
})
