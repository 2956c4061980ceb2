import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { FaultServer } from "loopback"
import { LoopbackServer } from "loopback"
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
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

  row("47: whose Location is no ASCII leads to its very bytes, in paths, queries and hosts", {
    "redirect-utf8": json({ path: "/ok/caf%C3%A9/%EC%95%88%EB%85%95?q=%C3%BC" }),
    "redirect-latin1": json({ path: "/ok/caf%E9?q=%FC" }),
    "redirect-idn": json({ path: "/ok/%C3%A9" }),
    "redirect-idn-latin1": reason("Redirect", { problem: "bad" })
  })

  row("48: with the same Location twice is followed; with two that differ, or an empty one, it is Redirect", {
    "redirect-same-twice": json({ path: "/ok/a,b" }),
    "redirect-two": reason("Redirect", { problem: "bad", location: "/ok/a, /ok/b" }),
    "redirect-empty": reason("Redirect", { problem: "bad", location: "" })
  })

  row("49: to the same URL a second time, at once or by way of another, is followed", {
    "redirect-self": path("redirect-self"),
    "redirect-back": path("redirect-back")
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

  const wanted = { "accept": "text/x", "accept-language": "de", "user-agent": "me" }

  rowOf(
    "50: to another origin takes along Accept and the like, but nothing that is Redacted",
    (law) =>
      Effect.gen(function*() {
        const sent = ({ headers }: IncomingMessage) =>
          [...Object.keys(wanted), ...Object.keys(secrets), "accept-charset"].map((name) => headers[name] ?? null)
        const there = yield* law.serve(LoopbackServer.make((request, response) => {
          response.end(JSON.stringify({ path: request.url, sent: sent(request) }))
        }))
        const here = yield* law.serve(LoopbackServer.make((request, response) => {
          if (request.url!.startsWith("/ok")) response.end(JSON.stringify({ path: request.url }))
          else response.writeHead(303, { location: there.url + request.url! }).end()
        }))
        const expected = (n: number) =>
          json({ path: `/away/${n}`, sent: ["text/x", "de", "me", null, null, null, null, null] })
        return {
          ok: (n) => `${here.url}/ok/${n}`,
          cases: [{ what: "away", url: (n) => `${here.url}/away/${n}`, expected }]
        }
      }),
    { headers: { ...wanted, ...secrets, "accept-charset": Redacted.make("s3cr3t") } }
  )
})

ends()
