/** Ports where nobody serves: one that refuses connections, and one that never answers a SYN. Their scopes own them. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import * as Net from "node:net"
import { within } from "./Ticks.js"

/** A port nobody listens at any more. */
export const closed: Effect.Effect<number> = Effect.async((resume) => {
  const server = Net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as Net.AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const listener = `
  const server = require("http").createServer((request, response) => response.end(JSON.stringify({ path: request.url })))
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => process.stdout.write(String(server.address().port)))
`

/**
 * A port whose listener never takes a connection, and whose backlog is full: it
 * is a process that is stopped, with connections of our own in its queue. A SYN
 * has no answer there.
 */
export const unanswered: Effect.Effect<number, never, Scope.Scope> = Effect.suspend(() =>
  Effect.map(full, ({ port }) => port)
)

/**
 * The same, until it is told to go on. Then it answers, with the path as JSON,
 * whoever's SYN comes again: after a second, the first time.
 */
export const full: Effect.Effect<{ readonly port: number; readonly goOn: () => void }, never, Scope.Scope> = Effect.gen(
  function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, ["-e", listener], { stdio: ["ignore", "pipe", "inherit"] })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const port = yield* Effect.async<number>((resume) => {
      child.stdout.once("data", (port) => resume(Effect.succeed(Number(port))))
    })
    child.kill("SIGSTOP")
    let waiting = 0
    const filling: Array<Net.Socket> = []
    // More connections than the queue takes: those that wait for long show that it is full.
    for (let n = 0; n < 8; n++) {
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          waiting++
          const socket = Net.connect(port, "127.0.0.1", () => waiting--).on("error", () => {})
          filling.push(socket)
          return socket
        }),
        (socket) => Effect.sync(() => socket.destroy())
      )
    }
    yield* Effect.sleep(100)
    yield* within(1000, "the queue is full", () => waiting > 2)
    return {
      port,
      goOn: () => {
        for (const socket of filling) socket.destroy()
        child.kill("SIGCONT")
      }
    }
  }
)
