/** Servers that rows make themselves: of any kind, counted; and those of `loopback` where nobody serves. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { DeadPort } from "loopback"
import * as Net from "node:net"

export interface Server {
  readonly port: number
  readonly openSockets: () => number
}

/** Listens on a free port. Closes with its scope, whatever is still connected. */
export const listen = (server: Net.Server): Effect.Effect<Server, never, Scope.Scope> => {
  const sockets = new Set<Net.Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => sockets.delete(socket))
  })
  return Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      server.listen(0, "127.0.0.1", 4096, () =>
        resume(Effect.succeed({
          port: (server.address() as Net.AddressInfo).port,
          openSockets: () => sockets.size
        })))
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  )
}

export const { closed: closedPort, full, unanswered: fullPort } = DeadPort
