import { describe } from "@effect/vitest"
import type { FaultServer } from "loopback"
import { ends, json, reason, row } from "./Row.js"

const path = (fault: FaultServer.Fault) => (n: number) => json({ path: `/${fault}/${n}` })

describe("the encoding of the body", () => {
  row("33: gzip, deflate and br are undone; a gzip bomb of 50 MB is TooLarge", {
    "gzip": path("gzip"),
    "deflate": path("deflate"),
    "deflate-raw": path("deflate-raw"),
    "br": path("br"),
    "gzip-br": path("gzip-br"),
    "gzip-bomb": reason("TooLarge", { of: "decoded", limit: 1024 * 1024 })
  })

  row("34: gzip that is cut, corrupt or none, and a chain of 8, are Decompress", {
    "gzip-cut": reason("Decompress", { encoding: "gzip", problem: "cut" }),
    "gzip-corrupt": reason("Decompress", { encoding: "gzip", problem: "corrupt" }),
    "gzip-not": reason("Decompress", { encoding: "gzip", problem: "corrupt" }),
    "unknown-over-known": reason("Decompress", { encoding: "gzip, snappy", problem: "unsupported" }),
    "eight-encodings": reason("Decompress", { problem: "unsupported" })
  })

  row("35: invalid UTF-8, UTF-16 and HTML are Decode; a byte order mark is no fault", {
    "not-utf8": reason("Decode", { problem: "utf8" }),
    "utf16": reason("Decode", { problem: "utf8" }),
    "html": reason("Decode", { problem: "syntax" }),
    "bom": json({})
  })

  row("55: an encoding that nobody knows is passed over; a body that is no JSON then tells it", {
    "unknown-encoding": path("unknown-encoding"),
    "unknown-encodings": path("unknown-encodings"),
    "unknown-among-known": path("unknown-among-known"),
    "x-gzip": path("x-gzip"),
    "unknown-and-coded": reason("Decode", { problem: "utf8", encoding: "snappy" })
  })

  row("36: JSON nested 100,000 deep is Decode, and its neighbours are unharmed", {
    "deep": reason("Decode", { problem: "depth" })
  })
})

ends()
