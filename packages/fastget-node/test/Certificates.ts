/** Certificates of the tests' own, made by openssl. */
import * as Effect from "effect/Effect"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

/** A self-signed certificate for `host` and its key, in files of the scope. */
export const make = (host: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "fastget-certificate-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    ),
    (folder) => {
      const key = join(folder, "key.pem")
      const cert = join(folder, "cert.pem")
      const name = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`
      const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
      const subject = ["-subj", "/CN=fastget", "-addext", `subjectAltName=${name}`]
      execFileSync("openssl", ["req", ...kind, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" })
      return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") }
    }
  )
