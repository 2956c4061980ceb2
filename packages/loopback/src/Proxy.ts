/**
 * A TCP proxy that can be cut: what is connected through it stays open and
 * nothing arrives any more, as where a cable is pulled.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"

export interface Proxy {
  /** Where it listens, at 127.0.0.1. */
  readonly port: number
  /** From now on nothing goes through. */
  readonly cut: () => void
  /** New connections work again; those from before the cut don't. */
  readonly mend: () => void
}

/** A proxy to a port of 127.0.0.1; its scope closes all connections. */
export const make = (to: number): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    let isCut = false
    const keep = (socket: Net.Socket) => {
      sockets.add(socket)
      socket.on("error", () => {}).on("close", () => sockets.delete(socket))
    }
    const server = Net.createServer((socket) => {
      keep(socket)
      if (isCut) return
      const other = Net.connect(to, "127.0.0.1")
      keep(other)
      socket.pipe(other).pipe(socket)
      socket.on("close", () => other.destroy())
      other.on("close", () => socket.destroy())
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          for (const socket of sockets) socket.destroy()
        })
    )
    return {
      port: (server.address() as Net.AddressInfo).port,
      cut: () => {
        isCut = true
        for (const socket of sockets) {
          socket.unpipe()
          socket.pause()
        }
      },
      mend: () => {
        isCut = false
      }
    }
  })
