import * as PeerReset from "#internal/sockets/PeerReset"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { FastGet } from "fastget"
import { NodeGetClient } from "fastget-node"
import { once } from "node:events"
import { Worker } from "node:worker_threads"

/** A server in a thread: it answers when the flag is 2, resets or ends the connection at once, and sets the flag to 3. */
const server = `
  const { createServer } = require("node:net")
  const { parentPort, workerData: { flag, heads, isReset } } = require("node:worker_threads")
  const server = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => {
      Atomics.store(flag, 0, 1)
      Atomics.wait(flag, 0, 1)
      socket.write(heads + '{"a":1}', () => {
        if (isReset) socket.resetAndDestroy()
        else socket.destroy()
        socket.once("close", () => {
          Atomics.store(flag, 0, 3)
          Atomics.notify(flag, 0)
        })
      })
    })
  })
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port))
`

/** What a GET comes to, when this thread stands still from before the answer until after the end of the connection. */
const answerOf = (heads: string, isReset: boolean) =>
  Effect.gen(function*() {
    const flag = new Int32Array(new SharedArrayBuffer(4))
    const worker = yield* Effect.acquireRelease(
      Effect.sync(() => new Worker(server, { eval: true, workerData: { flag, heads, isReset } })),
      (worker) => Effect.promise(() => worker.terminate())
    )
    const [port] = yield* Effect.promise(() => once(worker, "message"))
    const get = yield* Effect.fork(Effect.either(FastGet.get(`http://127.0.0.1:${port}/1`)))
    yield* Effect.async<void>((resume) => {
      const look = () => Atomics.load(flag, 0) === 1 ? resume(Effect.void) : setImmediate(look)
      look()
    })
    Atomics.store(flag, 0, 2)
    Atomics.notify(flag, 0)
    Atomics.wait(flag, 0, 2)
    return Either.mapLeft(yield* Fiber.join(get), (error) => error._tag === "FetchError" ? error.reason : error)
  }).pipe(
    Effect.provide(
      Layer.provide(FastGet.layer({ logLevel: "None", retry: { times: 0 } }), NodeGetClient.layer())
    )
  )

const close = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
const longer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"

describe("a connection whose last bytes and end are read at once", () => {
  it.scopedLive("is reset where it was, whatever delimits the body, and never a success", () =>
    Effect.gen(function*() {
      expect(yield* answerOf(close, true)).toEqual(Either.left({ _tag: "Reset", bytes: 7, reused: false }))
      expect(yield* answerOf(longer, true)).toEqual(Either.left({ _tag: "Reset", bytes: 7, reused: false }))
    }))

  it.scopedLive("is ended where it was", () =>
    Effect.gen(function*() {
      expect(yield* answerOf(close, false)).toEqual(Either.right({ a: 1 }))
      expect(yield* answerOf(longer, false)).toMatchObject(
        Either.left({ _tag: "Truncated", received: 7, expected: 100 })
      )
    }))
})

describe("PeerReset", () => {
  it("takes a connection that has ended and has no peer any more for reset", () => {
    const socket = { connecting: false, destroyed: false, remoteAddress: undefined as unknown as string }
    expect(PeerReset.isReset(socket)).toBe(true)
    expect(PeerReset.isReset({ ...socket, remoteAddress: "127.0.0.1" })).toBe(false)
    expect(PeerReset.isReset({ ...socket, destroyed: true })).toBe(false)
    expect(PeerReset.isReset({ ...socket, connecting: true })).toBe(false)
    expect(PeerReset.error()).toMatchObject({ code: "ECONNRESET" })
  })
})
