/**
 * Certificates and keys before they are used: OpenSSL is asked at once, since in
 * the threads each request would fail for what it can't read.
 */
import * as Either from "effect/Either"
import type * as Tls from "node:tls"

const certificate = /-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----[^]*?-----END \1-----/g

/**
 * Whether a text has certificates, and OpenSSL can read each of them. Without
 * the check an authority that is none would leave no authority at all, and tell
 * nobody.
 */
export const hasCertificates = (text: string): boolean => {
  const blocks = text.match(certificate) ?? []
  return blocks.length > 0 && blocks.every(isCertificate)
}

// Neither module is imported: few programs give certificates, and all would load it.

const isCertificate = (block: string): boolean => {
  const { X509Certificate } = process.getBuiltinModule("node:crypto")
  return Either.isRight(Either.try(() => new X509Certificate(block)))
}

/** Whether OpenSSL can read these parts and they fit together. */
export const isUsable = (parts: Tls.SecureContextOptions): boolean =>
  Either.isRight(Either.try(() => process.getBuiltinModule("node:tls").createSecureContext(parts)))
