import { describe } from "@effect/vitest"
import { ends, json, reason, row } from "./Row.js"

describe("the headers", () => {
  row("13: FIN inside the headers is a Reset", {
    "fin-in-headers": reason("Reset", { bytes: 0, reused: false })
  })

  row("14: random bytes, HTTP/0.9 and an SSH banner are Protocol", {
    "garbage": reason("Protocol"),
    "http-09": reason("Protocol"),
    "ssh": reason("Protocol")
  })

  row("15: a status that is none is Protocol: abc, 099, 1000", {
    "status-abc": reason("Protocol"),
    "status-099": reason("Protocol"),
    "status-1000": reason("Protocol")
  })

  row("18: two lengths that differ, a length with chunks, a negative and a huge one are Protocol", {
    "two-lengths": reason("Protocol"),
    "length-and-chunked": reason("Protocol"),
    "length-negative": reason("Protocol"),
    "length-huge": reason("Protocol"),
    "same-length-twice": reason("Protocol")
  })

  row("23: a header of 20 KB, and headers without end, are TooLarge", {
    "large-header": reason("TooLarge", { of: "headers" }),
    "endless-headers": reason("TooLarge", { of: "headers" })
  })

  row("24: NUL in a header, a folded header and a space before the colon are Protocol", {
    "nul-in-header": reason("Protocol"),
    "folded-header": reason("Protocol"),
    "space-before-colon": reason("Protocol")
  })

  row("25: 103 and 102 before the answer are no fault", { "early-hints": json({}) })

  row("53: a 100 Continue that nobody asked for is no fault: one, several, in pieces, before an error", {
    "continue": json({}),
    "continue-often": json({}),
    "continue-in-pieces": json({}),
    "continue-closing": json({}),
    "continue-missing": reason("Status", { status: 404, snippet: "no" })
  })

  row("53: 100 Continue for ever is a Timeout of the whole", {
    "continue-for-ever": reason("Timeout", { phase: "total" })
  }, { timeout: 1500, neighbours: false, retry: { times: 0, base: 1, cap: 1 } })

  row("26: 101 Switching Protocols is Protocol", { "switching": reason("Protocol") })

  row("51: a header on several lines is one list, or one value, the longest wait of two", {
    "gzip-br-lines": (n) => json({ path: `/gzip-br-lines/${n}` }),
    "gzip-gzip-lines": (n) => json({ path: `/gzip-gzip-lines/${n}` }),
    "busy-same-twice": reason("Status", { status: 503, retryAfter: 61_000 }),
    "busy-two": reason("Status", { status: 503, retryAfter: 62_000 })
  })
})

ends()
