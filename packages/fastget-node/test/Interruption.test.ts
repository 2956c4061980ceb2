import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

const layer = NodeFastGet.layer({ numWorkers: 2, logLevel: "None" })

const million = function*(url: string): Generator<readonly [number, string]> {
  for (let n = 0; n < 1_000_000; n++) yield [n, `${url}/${n}`]
}

/** Answers nothing. */
const silent: LoopbackServer.Handler = () => {}

describe("an interrupted program", () => {
  it.scopedLive("leaves no open socket and no thread, when the server answers nothing", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make(silent)
      const program = yield* Effect.fork(Effect.provide(Stream.runDrain(FastGet.stream(million(server.url))), layer))
      yield* within(10_000, "64 sockets", () => server.openSockets() === 64)
      const startedAt = Ticks.now()
      yield* Fiber.interrupt(program)
      yield* within(1000, "no open socket", () => server.openSockets() === 0)
      yield* within(1000, "no thread", () => threads.alive() === 0)
      expect(Ticks.now() - startedAt).toBeLessThan(1000)
    }))

  it.scopedLive("leaves no open socket and no thread, in the middle of answers", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      const program = yield* Effect.fork(Effect.provide(Stream.runDrain(FastGet.stream(million(server.url))), layer))
      yield* within(10_000, "1000 requests", () => server.requests() > 1000)
      const startedAt = Ticks.now()
      yield* Fiber.interrupt(program)
      yield* within(1000, "no open socket", () => server.openSockets() === 0)
      yield* within(1000, "no thread", () => threads.alive() === 0)
      expect(Ticks.now() - startedAt).toBeLessThan(1000)
    }))
})

describe("an interrupted stream", () => {
  it.scopedLive("closes the connections of its requests, and its service serves the next", () =>
    Effect.gen(function*() {
      const holding = yield* LoopbackServer.make(silent)
      const server = yield* LoopbackServer.make()
      const stream = yield* Effect.fork(Stream.runDrain(FastGet.stream(million(holding.url))))
      yield* within(10_000, "64 sockets", () => holding.openSockets() === 64)
      const startedAt = Ticks.now()
      yield* Fiber.interrupt(stream)
      yield* within(1000, "no open socket", () => holding.openSockets() === 0)
      expect(Ticks.now() - startedAt).toBeLessThan(1000)
      expect(yield* FastGet.get(`${server.url}/next`)).toEqual({ path: "/next" })
    }).pipe(Effect.provide(layer)))

  it.scopedLive("stops asking the server", () =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const started = yield* Deferred.make<void>()
      const stream = yield* Effect.fork(
        Stream.runForEach(FastGet.stream(million(server.url)), () => Deferred.succeed(started, undefined))
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(stream)
      yield* FastGet.get(`${server.url}/flush`)
      const requests = server.requests()
      yield* FastGet.get(`${server.url}/flush`)
      yield* FastGet.get(`${server.url}/flush`)
      expect(server.requests()).toBe(requests + 2)
    }).pipe(Effect.provide(layer)))
})

/** Runs a program of the tests in a process of its own. */
const run = (url: string, mode: string) =>
  Effect.async<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resume) => {
    const child = spawn(process.execPath, [
      fileURLToPath(new URL("./programs/million.mjs", import.meta.url)),
      url,
      mode
    ])
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (data) => stdout += String(data))
    child.stderr.on("data", (data) => stderr += String(data))
    child.once("exit", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

describe("a process that stops early", () => {
  it.scopedLive.each(
    [
      ["take", "took 10\n"],
      ["interrupt", "interrupted: Failure\n"],
      ["interrupt all", "interrupted: Failure\n"],
      ["fail", "failed: consumer broke\n"]
    ] as const
  )("by %s exits by itself", ([mode, said]) =>
    Effect.gen(function*() {
      const server = yield* LoopbackServer.make()
      const end = yield* Ticks.ends(10_000, "the end of the process", run(server.url, mode))
      expect(end).toEqual({ code: 0, stdout: said, stderr: "" })
      yield* within(1000, "no open socket", () => server.openSockets() === 0)
    }))
})
