/**
 * Certificates and keys before they are used: OpenSSL is asked at once, since in
 * the threads each request would fail for what it can't read.
 */
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

const isCertificate = (block: string): boolean => {
  try {
    // Not imported, as below.
    new (process.getBuiltinModule("node:crypto").X509Certificate)(block)
    return true
  } catch {
    return false
  }
}

/** Whether OpenSSL can read these parts and they fit together. */
export const isUsable = (parts: Tls.SecureContextOptions): boolean => {
  try {
    // Not imported: few programs give certificates, and all would load it.
    process.getBuiltinModule("node:tls").createSecureContext(parts)
    return true
  } catch {
    return false
  }
}
