/**
 * The flags of the library's HTTP client, by the command as a process: with a
 * server whose authority nobody knows, and through a proxy.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Path from "node:path"
import * as Certificates from "../../../fastget-node/test/Certificates.js"
import * as ClientServers from "../../../fastget-node/test/ClientServers.js"
import { fastget, folder, lines } from "../support/Process.js"

describe.skipIf(!Certificates.hasOpenssl && process.env.CI === undefined)("certificates (need openssl)", () => {
  it.scopedLive("of an authority and of the client are taken from files, by flags and by the environment", () =>
    Effect.gen(function*() {
      const { ca, client, url } = yield* ClientServers.tlsServer
      const cwd = yield* folder
      for (const [name, content] of Object.entries({ ca, cert: client.cert, key: client.key })) {
        Fs.writeFileSync(Path.join(cwd, `${name}.pem`), content)
      }
      const options = { cwd, stdin: `${url}\n` }
      const flags = ["--ca", "ca.pem", "--cert", "cert.pem", "--key", "key.pem", "-q"]
      const byFlags = yield* fastget(flags, options)
      expect(byFlags).toMatchObject({ code: 0, stderr: "" })
      expect(lines(byFlags.stdout)).toMatchObject([{ id: 1, url, json: "DNS:client.example" }])
      const env = { FASTGET_CA: "ca.pem", FASTGET_CERT: "cert.pem", FASTGET_KEY: "key.pem" }
      expect(yield* fastget(["-q"], { ...options, env })).toEqual(byFlags)
      const without = yield* fastget(["-q", "--retry-times", "0"], options)
      expect(without.code).toBe(1)
      expect(without.stdout).toContain("\"Tls\"")

      Fs.writeFileSync(Path.join(cwd, "other.pem"), (yield* Certificates.make("other.example")).key)
      const other = yield* fastget(["--key=other.pem"], { ...options, env })
      expect(other).toMatchObject({ code: 2, stdout: "" })
      expect(other.stderr).toContain("--key: The option client.tls.key can't be the given key")
    }))
})

describe("a proxy", () => {
  it.scopedLive("of the environment is obeyed with --proxy-from-env", () =>
    Effect.gen(function*() {
      const port = yield* ClientServers.listen(Http.createServer((_, response) => response.end("{}")))
      const { tunnels, url } = yield* ClientServers.makeProxy()
      const options = { stdin: `http://127.0.0.1:${port}/\n`, env: { HTTP_PROXY: url } }
      expect(yield* fastget(["-q"], options)).toMatchObject({ code: 0 })
      expect(tunnels()).toBe(0)
      expect(yield* fastget(["-q", "--proxy-from-env"], options)).toMatchObject({ code: 0 })
      expect(tunnels()).toBeGreaterThan(0)
    }))

  it.scopedLive("phases of time and the size of headers are bounded by their flags", () =>
    Effect.gen(function*() {
      const port = yield* ClientServers.listen(Http.createServer((request, response) => {
        if (request.url === "/body") response.write("{")
        if (request.url === "/large") response.setHeader("x", "x".repeat(2000)).end("{}")
      }))
      const stdin = ["headers", "body", "large"].map((path) => `http://127.0.0.1:${port}/${path}\n`).join("")
      const flags = ["--headers-timeout", "300ms", "--body-timeout", "400ms", "--max-header-bytes", "1000"]
      const { stdout } = yield* fastget(["-q", "--retry-times", "0", ...flags], { stdin })
      const reasons = lines(stdout).map((line) => [line.id, line.error])
      expect(Object.fromEntries(reasons)).toMatchObject({
        1: { reason: "Timeout", phase: "headers", limit: 300 },
        2: { reason: "Timeout", phase: "body", limit: 400 },
        3: { reason: "TooLarge", of: "headers", limit: 1000 }
      })
    }))
})
