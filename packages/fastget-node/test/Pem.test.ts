import * as Pem from "#internal/client/Pem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Certificates from "./Certificates.js"

describe.skipIf(!Certificates.hasOpenssl && process.env.CI === undefined)("PEM (needs openssl)", () => {
  it.scoped("has certificates if each of its blocks is one", () =>
    Effect.gen(function*() {
      const a = yield* Certificates.make("a.example")
      const b = yield* Certificates.make("b.example")
      expect([a.cert, a.cert + b.cert, `# comment\n${a.cert}`].map(Pem.hasCertificates)).toEqual([true, true, true])
      const broken = b.cert.replace(/\n.{20}/, "\n")
      expect(["", "text", a.key, a.cert + broken].map(Pem.hasCertificates)).toEqual([false, false, false, false])
    }))

  it.scoped("is usable if OpenSSL can read it, and the key is of the certificate", () =>
    Effect.gen(function*() {
      const a = yield* Certificates.make("a.example")
      const b = yield* Certificates.make("b.example")
      expect(Pem.isUsable(a)).toBe(true)
      expect(Pem.isUsable({ cert: a.cert, key: b.key })).toBe(false)
      expect(Pem.isUsable({ key: "text" })).toBe(false)
    }))
})
