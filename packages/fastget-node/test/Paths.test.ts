import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { FaultServer } from "loopback"
import * as TestWorkers from "./TestWorkers.js"
import { within } from "./Within.js"

type Expected = { readonly json: unknown } | { readonly reason: Readonly<Record<string, unknown>> }

const json = (value: unknown): Expected => ({ json: value })
const path = (name: FaultServer.Fault) => json({ path: `/${name}/1` })
const reason = (tag: string, fields: Readonly<Record<string, unknown>> = {}): Expected => ({
  reason: { _tag: tag, ...fields }
})

const limits = { timeout: 1000, maxBodyBytes: 1024 * 1024, retry: { times: 1, base: 1, cap: 1 } } as const

/** What each way to misbehave comes out as. */
const expected: Readonly<Record<FaultServer.Fault, Expected>> = {
  "ok": path("ok"),
  "reset": reason("Reset", { bytes: 0 }),
  "fin": reason("Reset", { bytes: 0 }),
  "fin-in-headers": reason("Reset", { bytes: 0, reused: false }),
  "garbage": reason("Protocol"),
  "ssh": reason("Protocol"),
  "status-abc": reason("Protocol"),
  "status-099": reason("Protocol"),
  "status-1000": reason("Protocol"),
  "cut-fin": reason("Truncated", { expected: 100, received: 6 }),
  "cut-reset": reason("Reset", { bytes: 6 }),
  "long": reason("Decode", { problem: "syntax" }),
  "two-lengths": reason("Protocol"),
  "length-negative": reason("Protocol"),
  "chunked": json({ a: 1 }),
  "chunked-fin": reason("Truncated", { received: 5 }),
  "chunked-reset": reason("Truncated", { received: 5 }),
  "chunked-bad": reason("Protocol"),
  "close-delimited": json({ a: 1 }),
  "close-cut": reason("Decode", { problem: "syntax" }),
  "close-reset": reason("Reset", { bytes: 7 }),
  "large-header": reason("TooLarge", { of: "headers" }),
  "nul-in-header": reason("Protocol"),
  "early-hints": json({}),
  "switching": reason("Protocol"),
  "no-content": reason("EmptyBody", { status: 204 }),
  "empty": reason("EmptyBody", { status: 200 }),
  "not-modified": reason("Status", { status: 304 }),
  "not-found": reason("Status", { status: 404, snippet: "x".repeat(200) }),
  "busy-once": path("busy-once"),
  "busy-long": reason("Status", { status: 503, retryAfter: 61_000, snippet: "busy" }),
  "redirect": json({ path: "/ok/redirected" }),
  "redirect-loop": reason("Redirect", { problem: "loop" }),
  "redirect-bad": reason("Redirect", { problem: "bad" }),
  "redirect-file": reason("Redirect", { problem: "blocked" }),
  "endless": reason("TooLarge", { of: "wire", limit: limits.maxBodyBytes }),
  "gzip": path("gzip"),
  "deflate": path("deflate"),
  "deflate-raw": path("deflate-raw"),
  "br": path("br"),
  "gzip-br": path("gzip-br"),
  "gzip-bomb": reason("TooLarge", { of: "decoded", limit: limits.maxBodyBytes }),
  "gzip-cut": reason("Decompress", { encoding: "gzip", problem: "cut" }),
  "gzip-corrupt": reason("Decompress", { encoding: "gzip", problem: "corrupt" }),
  "gzip-not": reason("Decompress", { encoding: "gzip", problem: "corrupt" }),
  "unknown-encoding": reason("Decompress", { encoding: "snappy", problem: "unsupported" }),
  "eight-encodings": reason("Decompress", { problem: "unsupported" }),
  "not-utf8": reason("Decode", { problem: "utf8" }),
  "html": reason("Decode", { problem: "syntax" }),
  "deep": reason("Decode", { problem: "depth" }),
  "bom": json({}),
  "silent": reason("Timeout", { phase: "headers" }),
  "slow-headers": reason("Timeout", { phase: "headers" }),
  "stalled-body": reason("Timeout", { phase: "body" }),
  "dripping-body": reason("Timeout", { phase: "total" }),
  "hints-for-ever": reason("Timeout", { phase: "total" })
}

const faults = Object.keys(expected) as ReadonlyArray<FaultServer.Fault>

/** All of what an outcome says, but for the time and the server's address. */
const outcomes = (url: string) =>
  Stream.runCollect(FastGet.outcomes(faults.map((fault) => [fault, `${url}/${fault}/1`] as const), limits)).pipe(
    Effect.map((all) =>
      Object.fromEntries(Chunk.map(all, ({ bytes, elapsed: _, headers, id, url: __, ...rest }) => [id, {
        ...rest,
        // How much of a body has come when it is given up is a matter of time.
        bytes: id === "endless" || id === "dripping-body" ? bytes > 0 : bytes,
        headers: { ...headers },
        result: Either.match(rest.result, {
          onLeft: ({ reason, retryable }) => ({ reason, retryable }),
          onRight: (json) => ({ json })
        })
      }]))
    )
  )

const paths = [{}, { fastPath: false }, { worker: TestWorkers.spawn("wrapped") }]

const run = (options: NodeFastGet.Options) =>
  Effect.scoped(Effect.gen(function*() {
    const server = yield* FaultServer.make
    const results = yield* Effect.provide(outcomes(server.url), NodeFastGet.layer({ logLevel: "None", ...options }))
    yield* within(1000, "no socket is left", () => server.openSockets() === 0)
    return results
  }))

describe("the quick path, the general path, and the general path over a wrapped client", () => {
  it.live("give each fault its reason, agree to the last field, and leave no socket", () =>
    Effect.gen(function*() {
      const [quick, ...others] = yield* Effect.forEach(paths, run)
      for (const fault of faults) expect.soft(quick?.[fault]?.result, fault).toMatchObject(expected[fault])
      for (const other of others) expect(other).toEqual(quick)
    }), 60_000)
})
