/** Certificates of the tests' own, made by openssl. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

export interface Certificate {
  readonly key: string
  readonly cert: string
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fastget-certificate-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { stdio: "ignore" })

const keyed = (key: string, host: string) => {
  const name = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
  return [...kind, "-subj", "/CN=fastget", "-addext", `subjectAltName=${name}`]
}

const made = (sign: (key: string, cert: string, folder: string) => void) =>
  Effect.map(folder, (folder): Certificate => {
    const key = join(folder, "key.pem")
    const cert = join(folder, "cert.pem")
    sign(key, cert, folder)
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") }
  })

/** A self-signed certificate for `host` and its key, in files of the scope. */
export const make = (host: string): Effect.Effect<Certificate, never, Scope.Scope> =>
  made((key, cert) => openssl("req", "-x509", ...keyed(key, host), "-days", "2", "-out", cert))

/** The same, but since yesterday no longer good. */
export const expired = (host: string): Effect.Effect<Certificate, never, Scope.Scope> =>
  made((key, cert, folder) => {
    const request = join(folder, "request.pem")
    openssl("req", "-new", ...keyed(key, host), "-out", request)
    const sign = ["-req", "-in", request, "-signkey", key, "-days", "-1", "-copy_extensions", "copy"]
    openssl("x509", ...sign, "-out", cert)
  })
