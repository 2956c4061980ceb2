/** Threads that stand still are ended, and those that only look so are left alone. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import type { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import { spawn as spawnProcess } from "node:child_process"
import { failuresOf, program, using } from "./Losses.js"
import * as TestWorkers from "./TestWorkers.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

/** Blocks this thread. */
const standStill = (millis: number) => {
  const until = performance.now() + millis
  while (performance.now() < until);
}

describe("a worker that stands still", () => {
  it.scopedLive(
    "outside of any entry's code is found by halves, and costs nothing but its entry",
    () =>
      Effect.gen(function*() {
        const server = yield* LoopbackServer.make()
        const failures = yield* failuresOf(server.url, 8, { 5: "timer-spin" }).pipe(
          using({ numWorkers: 1, stuckTimeout: "400 millis", worker: TestWorkers.spawn("killing") })
        )
        expect(failures).toEqual({ 5: { _tag: "WorkerLost", cause: "stuck" } })
      }),
    120_000
  )
})

describe("a worker that does not stand still", () => {
  const unharmed = (special: Readonly<Record<number, string>>, handler?: LoopbackServer.Handler) =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make(handler)
      const failures = yield* failuresOf(server.url, 30, special).pipe(
        using({ numWorkers: 1, stuckTimeout: "600 millis", worker: TestWorkers.spawn("killing") })
      )
      expect(failures).toEqual({})
      expect(threads.started()).toBe(1)
    })

  it.scopedLive("is left alone while servers are slow", () =>
    unharmed({}, (request, response) => {
      setTimeout(() => LoopbackServer.echoPath(request, response), request.url === "/7" ? 1500 : 0)
    }))

  it.scopedLive("is left alone while an Effect of its decode waits", () => unharmed({ 7: "long" }))

  it.scopedLive("is left alone while it decodes body after body, each within the time", () =>
    unharmed(Object.fromEntries(Array.from({ length: 10 }, (_, n) => [n, "busy"]))))

  it.scopedLive("is left alone while this thread stands still", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      yield* Effect.gen(function*() {
        expect(yield* FastGet.get(`${server.url}/1`)).toBe("/1")
        for (let n = 0; n < 3; n++) {
          standStill(900)
          yield* Effect.sleep(50)
        }
        expect(yield* FastGet.get(`${server.url}/2`)).toBe("/2")
      }).pipe(using({ numWorkers: 1, stuckTimeout: "600 millis", worker: TestWorkers.spawn("killing") }))
      expect(threads.started()).toBe(1)
    }))

  it.scopedLive("is left alone where it never beats", () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LoopbackServer.make()
      yield* Effect.gen(function*() {
        expect(yield* FastGet.get(`${server.url}/1`)).toEqual({ path: "/1" })
        yield* Effect.sleep(500)
        expect(yield* FastGet.get(`${server.url}/2`)).toEqual({ path: "/2" })
      }).pipe(using({ numWorkers: 1, stuckTimeout: "100 millis", worker: TestWorkers.spawn("without-run-main") }))
      expect(threads.started()).toBe(1)
    }))
})

describe("a process that was stopped", () => {
  it.scopedLive("accuses no worker when it goes on", () =>
    Effect.gen(function*() {
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => spawnProcess(process.execPath, [program("stopped")])),
        (child) => Effect.sync(() => void child.kill("SIGKILL"))
      )
      let said = ""
      child.stdout.on("data", (data) => said += String(data))
      yield* within(10_000, "the first answer", () => said.includes("answered"))
      child.kill("SIGSTOP")
      yield* Effect.sleep(1500)
      child.kill("SIGCONT")
      yield* within(5000, "the second answer", () => said.includes("again"))
      expect(said).toBe("answered\nagain, threads: 1\n")
    }))
})

describe("a decode", () => {
  const decoded =
    (options: NodeFastGet.Options, streamOptions: FastGet.WithoutSchema = {}) => (paths: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const threads = yield* Threads.watch
        const server = yield* LoopbackServer.make()
        const entries = paths.map((path) => [path, `${server.url}/${path}`] as const)
        const results = yield* Stream.runCollect(FastGet.streamEither(entries, streamOptions)).pipe(
          using({ numWorkers: 1, worker: TestWorkers.spawn("killing"), ...options })
        )
        expect(threads.started()).toBe(1)
        expect(results.length).toBe(paths.length)
        return Object.fromEntries([...results].map(([path, result]) => [path, Either.merge(result)]))
      })

  it.scopedLive("that takes longer than decodeTimeout is its entry's Decode error, also where it can't be interrupted", () =>
    Effect.gen(function*() {
      const results = yield* decoded({ decodeTimeout: "600 millis" })(["never", "stubborn", "wait", "long", "plain"])
      const timeout = {
        reason: { _tag: "Decode", problem: "timeout", where: "no value within 600 ms" },
        retryable: false
      }
      expect(results).toMatchObject({
        never: timeout,
        stubborn: timeout,
        long: timeout,
        wait: "waited",
        plain: "/plain"
      })
    }))

  it.scopedLive("may take as long as the stream says", () =>
    Effect.gen(function*() {
      const results = yield* decoded({ decodeTimeout: "600 millis" }, { decodeTimeout: "5 seconds" })(["long"])
      expect(results).toEqual({ long: "long" })
    }))

  it.scopedLive("that interrupts itself, or gives what is another thing each time, harms nobody", () =>
    Effect.gen(function*() {
      const results = yield* decoded({})(["interrupt", "getters", "plain"])
      expect(results).toMatchObject({
        interrupt: { reason: { _tag: "Decode", problem: "thrown", where: "decode was interrupted" } },
        getters: { n: 1 },
        plain: "/plain"
      })
    }))
})
