/**
 * A row for each thing by which `TransportError` tells a failure, with the error
 * as Node, OpenSSL or undici make it, and the reason it means. A test of
 * `packages/checks` compares these rows with the module: one that is missing here
 * fails there.
 */
import type { FetchError } from "fastget"

export interface Row {
  /** What the error has of its own. */
  readonly error: Readonly<Record<string, unknown>>
  readonly reason: FetchError.Reason
}

export const host = "a.example"
export const port = 8443
export const maxHeaderBytes = 1024

const rows = (codes: ReadonlyArray<string>, reason: (code: string) => FetchError.Reason): ReadonlyArray<Row> =>
  codes.map((code) => ({ error: { code }, reason: reason(code) }))

const local = rows(
  ["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"],
  (code) => ({ _tag: "LocalLimit", code })
)

const dns = rows(
  ["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "ENODATA", "ESERVFAIL", "EFORMERR", "ENONAME"],
  (code) => ({ _tag: "Dns", hostname: host, code })
)

const tls = rows(
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "EPROTO",
    "CERT_HAS_EXPIRED",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "HOSTNAME_MISMATCH",
    "INVALID_CA"
  ],
  (code) => ({ _tag: "Tls", host: `${host}:${port}`, code })
)

const connect: ReadonlyArray<Row> = [
  ...rows(
    [
      "ECONNREFUSED",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "EHOSTDOWN",
      "ENETDOWN",
      "EACCES",
      "EPERM",
      "EINVAL",
      "EADDRINUSE",
      "ECONNABORTED"
    ],
    (code) => ({ _tag: "Connect", address: host, code })
  ),
  {
    error: { code: "ECONNREFUSED", address: "10.0.0.1", port: 80 },
    reason: { _tag: "Connect", address: "10.0.0.1", port: 80, code: "ECONNREFUSED" }
  },
  {
    error: { code: "ETIMEDOUT", syscall: "connect", address: "10.0.0.1" },
    reason: { _tag: "Connect", address: "10.0.0.1", code: "ETIMEDOUT" }
  },
  // Of a connection that was made it is no failure to connect.
  { error: { code: "ETIMEDOUT", syscall: "read", message: "read" }, reason: { _tag: "Transport", detail: "read" } }
]

const reset: ReadonlyArray<Row> = [
  ...rows(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"], () => ({ _tag: "Reset", bytes: 0, reused: false })),
  { error: { code: "ECONNRESET", bytes: 7, reused: true }, reason: { _tag: "Reset", bytes: 7, reused: true } },
  // In the handshake of TLS.
  {
    error: { code: "ECONNRESET", connecting: true },
    reason: { _tag: "Connect", address: host, code: "ECONNRESET" }
  }
]

const time: ReadonlyArray<Row> = [
  { error: { code: "UND_ERR_CONNECT_TIMEOUT" }, reason: { _tag: "Timeout", phase: "connect" } },
  {
    error: {
      code: "UND_ERR_CONNECT_TIMEOUT",
      message: "Connect Timeout Error (attempted address: a:1, timeout: 50ms)"
    },
    reason: { _tag: "Timeout", phase: "connect", limit: 50 }
  },
  { error: { code: "UND_ERR_HEADERS_TIMEOUT" }, reason: { _tag: "Timeout", phase: "headers" } },
  { error: { code: "UND_ERR_HEADERS_TIMEOUT", limit: 60 }, reason: { _tag: "Timeout", phase: "headers", limit: 60 } },
  { error: { code: "UND_ERR_BODY_TIMEOUT" }, reason: { _tag: "Timeout", phase: "body" } }
]

const size: ReadonlyArray<Row> = [
  ...rows(
    ["UND_ERR_HEADERS_OVERFLOW", "HPE_HEADER_OVERFLOW"],
    () => ({ _tag: "TooLarge", limit: maxHeaderBytes, of: "headers" })
  ),
  { error: { code: "HPE_HEADER_OVERFLOW", limit: 5 }, reason: { _tag: "TooLarge", limit: 5, of: "headers" } },
  { error: { code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" }, reason: { _tag: "TooLarge", of: "wire" } },
  {
    error: { code: "UND_ERR_RES_CONTENT_LENGTH_MISMATCH", bytes: 3 },
    reason: { _tag: "Truncated", received: 3 }
  },
  {
    error: { code: "HPE_INVALID_EOF_STATE", message: "Invalid EOF state", bytes: 4 },
    reason: { _tag: "Truncated", received: 4 }
  }
]

const protocol: ReadonlyArray<Row> = [
  { error: { code: "HPE_INVALID_CONSTANT" }, reason: { _tag: "Protocol", detail: "HPE_INVALID_CONSTANT" } },
  { error: { code: "ERR_ASSERTION" }, reason: { _tag: "Protocol", detail: "ERR_ASSERTION" } },
  { error: { name: "HTTPParserError" }, reason: { _tag: "Protocol", detail: "not HTTP" } }
]

/** The rows, in the order of the module. */
export const all: ReadonlyArray<Row> = [...local, ...dns, ...tls, ...connect, ...reset, ...time, ...size, ...protocol]
