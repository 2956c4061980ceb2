/** A certificate for 127.0.0.1 that nobody trusts but the clients of one run. */
import * as Effect from "effect/Effect"
import * as Child from "./Child.js"

/** Paths of the two files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Undefined where there is no openssl to make it with: the scenario over TLS is skipped then. */
export const make = (folder: string): Effect.Effect<Certificate | undefined> => {
  const files = { cert: `${folder}/cert.pem`, key: `${folder}/key.pem` }
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
  return Child.run("openssl", [...args, ...subject, "-keyout", files.key, "-out", files.cert], 10_000).pipe(
    Effect.as(files),
    Effect.orElseSucceed(() => undefined)
  )
}
