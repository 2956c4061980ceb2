import { describe, expect } from "@effect/vitest"
import { ends, json, reason, row } from "./Row.js"

/** A reset that follows bytes takes its time: once is enough. */
const once = { retry: { times: 0, base: 1, cap: 1 } }

describe("the length of the body", () => {
  row("16: a body shorter than its Content-Length is Truncated, or Reset where it was reset", {
    "cut-fin": reason("Truncated", { expected: 100, received: 6 }),
    "cut-close": reason("Truncated", { expected: 100, received: 6 }),
    "cut-reset": reason("Reset", { bytes: 6 })
  }, once)

  row("17: a body longer than its Content-Length is Decode, and the next request is clean", {
    "long": reason("Decode", { problem: "syntax" })
  })

  row("19: chunks cut before the last are Truncated", {
    "chunked": json({ a: 1 }),
    "chunked-fin": reason("Truncated", { received: 5 }),
    "chunked-close": reason("Truncated", { received: 5 }),
    "chunked-reset": reason("Truncated", { received: 5 })
  }, once)

  row("20: a chunk with a bad or a huge size is Protocol", {
    "chunked-bad": reason("Protocol"),
    "chunked-huge": reason("Protocol")
  })

  row("21: a body delimited by close, cut so that it is no JSON, is Decode", {
    "close-delimited": json({ a: 1 }),
    "close-cut": reason("Decode", { problem: "syntax" })
  })

  row("22: a body delimited by close, then RST, is a Reset: never a silent success", {
    "close-reset": reason("Reset", { bytes: 7 })
  }, once)

  const uncoded = (what: string) => reason("Protocol", { detail: expect.stringContaining(what) })

  row("54: a transfer coding other than chunked is Protocol, and what codes nothing is none", {
    "transfer-gzip": uncoded("\"gzip\""),
    "transfer-gzip-chunked": uncoded("\"gzip, chunked\""),
    "transfer-deflate-lines": uncoded("\"Deflate, Chunked\""),
    "transfer-behind-chunks": uncoded("\"chunked, gzip\""),
    "transfer-chunks-elsewhere": uncoded("\"chunked, identity\""),
    "transfer-chunked-with": uncoded("\"chunked;q=1\""),
    "transfer-plain-claim": uncoded("\"gzip, chunked\""),
    "transfer-gzip-busy": reason("Status", { status: 503, snippet: "" }),
    "transfer-identity": json({}),
    "transfer-identity-chunked": json({}),
    "transfer-twice-chunked": json({})
  })

  row("54: a body without any coding that ends in a RST is a Reset, too", {
    "transfer-identity-reset": reason("Reset", { bytes: 7 })
  }, once)

  row("56: a Content-Length above maxBodyBytes is TooLarge before the body comes", {
    "announced-large": reason("TooLarge", { of: "wire", limit: 1024 * 1024 })
  })

  row("32: a body without end is TooLarge on the wire", {
    "endless": reason("TooLarge", { of: "wire", limit: 1024 * 1024 })
  }, { anyBytes: true, pool: { connectionsPerOrigin: 16 } })
})

ends()
