import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import { behaviours } from "../src/Behaviours.js"
import * as FaultServer from "../src/FaultServer.js"
import * as Ticks from "../src/Ticks.js"

/** What comes first of a request for a path: how the answer begins, or how the connection ends. */
const firstOf = (server: FaultServer.FaultServer, path: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => Net.connect(Number(new URL(server.url).port), "127.0.0.1")),
    (socket) =>
      Effect.async<string>((resume) => {
        const told = (what: string) => resume(Effect.succeed(what))
        socket.on("error", () => told("reset"))
        socket.once("end", () => told("end"))
        socket.once("data", (data) => told(data.toString("latin1")))
        socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`)
      }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const names = Object.keys(behaviours) as Array<FaultServer.Fault>

describe("the server that misbehaves", () => {
  it.scopedLive("does what the first segment of the path names, or answers with the path", () =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      expect(yield* firstOf(server, "/status-099/x")).toMatch(/^HTTP\/1\.1 099 OK\r\n/)
      expect(yield* firstOf(server, "/no-such-fault/7")).toMatch(
        /^HTTP\/1\.1 200 OK\r\n[^]*\{"path":"\/no-such-fault\/7"\}$/
      )
      expect([yield* firstOf(server, "/fin"), yield* firstOf(server, "/reset")]).toEqual(["end", "reset"])
    }))

  it.scopedLive.each(names.filter((name) => name !== "silent"))(
    "does something where it is asked for %s",
    (name) =>
      Effect.gen(function*() {
        const server = yield* FaultServer.make
        expect(yield* firstOf(server, `/${name}/1`)).not.toBe("")
        expect(server.requests(`/${name}/1`)).toBe(1)
      })
  )

  it.scopedLive("counts its sockets and the requests for a path", () =>
    Effect.gen(function*() {
      const server = yield* FaultServer.make
      expect(yield* firstOf(server, "/busy-once")).toMatch(/^HTTP\/1\.1 503 /)
      expect(yield* firstOf(server, "/busy-once")).toMatch(/^HTTP\/1\.1 200 /)
      expect([server.requests("/busy-once"), server.requests("/other")]).toEqual([2, 0])
      const waiting = yield* Effect.fork(firstOf(server, "/silent"))
      yield* Ticks.within(5000, "the socket", () => server.requests("/silent") === 1)
      expect(server.openSockets()).toBeGreaterThan(0)
      yield* waiting.interruptAsFork(waiting.id())
      yield* Ticks.within(5000, "no socket", () => server.openSockets() === 0)
    }))

  it.live("closes with its scope, whatever is still connected", () =>
    Effect.gen(function*() {
      const { server, waiting } = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* FaultServer.make
        const waiting = yield* Effect.forkDaemon(firstOf(server, "/silent"))
        yield* Ticks.within(5000, "the socket", () => server.requests("/silent") === 1)
        return { server, waiting }
      }))
      expect(["end", "reset"]).toContain(yield* Effect.flatten(waiting.await))
      expect(yield* firstOf(server, "/ok")).toBe("reset")
    }))
})
