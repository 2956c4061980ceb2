/**
 * A raw TCP server on 127.0.0.1 whose first path segment chooses how it
 * misbehaves: `/fin/7` closes the connection where an answer is due. What a path
 * does is in `Behaviours`. Its scope owns it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import { behaviours } from "./Behaviours.js"

export interface FaultServer {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string
  readonly openSockets: () => number
  /** Requests for a path so far; of the last 4,096 paths, so that what grows in a long run is not this. */
  readonly requests: (path: string) => number
}

export type Fault = keyof typeof behaviours

export const make: Effect.Effect<FaultServer, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.async<{ readonly server: FaultServer; readonly close: Effect.Effect<void> }>((resume) => {
      const sockets = new Set<Net.Socket>()
      const counts = new Map<string, number>()
      const server = Net.createServer({ noDelay: true }, (socket) => {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket))
        // Peers reset their connections in many of these tests.
        socket.on("error", () => {})
        let request = ""
        socket.on("data", (part) => {
          request += part.toString("latin1")
          if (!request.includes("\r\n\r\n")) return
          const path = request.split(" ", 2)[1] ?? ""
          request = ""
          const count = (counts.get(path) ?? 0) + 1
          counts.set(path, count)
          if (counts.size > 4096) counts.delete(counts.keys().next().value!)
          const name = path.split("/")[1] ?? ""
          const behaviour = name in behaviours ? behaviours[name as Fault] : behaviours.ok
          behaviour(socket, path, count)
        })
      })
      server.listen(0, "127.0.0.1", 4096, () =>
        resume(Effect.succeed({
          server: {
            url: `http://127.0.0.1:${(server.address() as Net.AddressInfo).port}`,
            openSockets: () => sockets.size,
            requests: (path) => counts.get(path) ?? 0
          },
          close: Effect.async<void>((resume) => {
            server.close(() => resume(Effect.void))
            for (const socket of sockets) socket.destroy()
          })
        })))
    }),
    ({ close }) => close
  ),
  ({ server }) => server
)
