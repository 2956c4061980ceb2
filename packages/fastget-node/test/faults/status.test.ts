import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { FaultServer } from "loopback"
import { LoopbackServer } from "loopback"
import type { IncomingHttpHeaders } from "node:http"
import { ends, json, reason, row, rowOf } from "./Row.js"

const path = (fault: FaultServer.Fault) => (n: number) => json({ path: `/${fault}/${n}` })

describe("the status", () => {
  row("27: 204, 205 and 200 with no body are EmptyBody", {
    "no-content": reason("EmptyBody", { status: 204 }),
    "reset-content": reason("EmptyBody", { status: 205 }),
    "empty": reason("EmptyBody", { status: 200 })
  })

  row("27: 204, 205 and 200 with no body are null by option", {
    "no-content": json(null),
    "reset-content": json(null),
    "empty": json(null)
  }, { emptyBody: "null" })

  row("28: 304 is a Status", { "not-modified": reason("Status", { status: 304 }) })

  row("52: a body announced with a 204, a 304 or an interim answer is not waited for, and is no body", {
    "no-content-length": reason("EmptyBody", { status: 204 }),
    "no-content-chunked": reason("EmptyBody", { status: 204 }),
    "no-content-large": reason("EmptyBody", { status: 204 }),
    "no-content-body": reason("EmptyBody", { status: 204 }),
    "not-modified-length": reason("Status", { status: 304, snippet: "" }),
    "not-modified-chunked": reason("Status", { status: 304, snippet: "" }),
    "not-modified-in-pieces": reason("Status", { status: 304, snippet: "" }),
    "not-modified-body": reason("Status", { status: 304, snippet: "" }),
    "not-modified-body-late": reason("Status", { status: 304, snippet: "" }),
    "interim-length": json({})
  }, { retry: { times: 0, base: 1, cap: 1 } })

  row("29: 4xx and 5xx with a body of 300 KB, over 2 connections, are a Status, all of them", {
    "not-found": reason("Status", { status: 404, snippet: "x".repeat(200) }),
    "broken": reason("Status", { status: 500, snippet: "x".repeat(200) })
  }, {
    pool: { connectionsPerOrigin: 2 },
    fewest: 350,
    timeout: 20_000,
    retry: { times: 0, base: 1, cap: 1 },
    // Of an answer that is no success the rest is not read: how much came by then is up to the sockets.
    anyBytes: true
  })

  row("30: 503 with Retry-After of a second is waited for; beyond a minute it is a Status", {
    "busy-once": path("busy-once"),
    "busy-second": path("busy-second"),
    "busy-long": reason("Status", { status: 503, retryAfter: 61_000, snippet: "busy" })
  }, { waits: 1000 })
})

describe("a redirect", () => {
  row("31: a loop, a bad Location and a file: are Redirect", {
    "redirect": json({ path: "/ok/redirected" }),
    "redirect-loop": reason("Redirect", { problem: "loop" }),
    "redirect-further": reason("Redirect", { problem: "max" }),
    "redirect-bad": reason("Redirect", { problem: "bad" }),
    "redirect-file": reason("Redirect", { problem: "blocked" })
  })

  const secrets = { "authorization": "Bearer a", "cookie": "b=c", "proxy-authorization": "Basic d", "x-key": "e" }
  const namesIn = (headers: IncomingHttpHeaders) => Object.keys(secrets).filter((name) => name in headers)

  rowOf(
    "31: to another origin leaves Authorization, Cookie and every header of the caller behind",
    (law) =>
      Effect.gen(function*() {
        const there = yield* law.serve(LoopbackServer.make((request, response) => {
          response.end(JSON.stringify({ path: request.url, names: namesIn(request.headers) }))
        }))
        const here = yield* law.serve(LoopbackServer.make((request, response) => {
          const [, where, n] = request.url!.split("/")
          const names = namesIn(request.headers)
          if (where === "away" && names.length === 4) response.writeHead(302, { location: `${there.url}/${n}` }).end()
          else if (where === "home") response.writeHead(302, { location: `/at/${n}` }).end()
          else if (where === "ok") response.end(JSON.stringify({ path: request.url }))
          else response.end(JSON.stringify({ path: request.url, names }))
        }))
        return {
          ok: (n) => `${here.url}/ok/${n}`,
          cases: [
            { what: "away", url: (n) => `${here.url}/away/${n}`, expected: (n) => json({ path: `/${n}`, names: [] }) },
            {
              what: "home",
              url: (n) => `${here.url}/home/${n}`,
              expected: (n) => json({ path: `/at/${n}`, names: Object.keys(secrets) })
            }
          ]
        }
      }),
    { headers: secrets }
  )
})

ends()
