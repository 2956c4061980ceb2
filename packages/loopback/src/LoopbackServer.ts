/**
 * An HTTP server on 127.0.0.1 and a free port. The handler decides what is
 * answered; the server counts requests and connections. Its scope owns it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"

export interface LoopbackServer {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string
  readonly requests: () => number
  readonly openSockets: () => number
  /** The most sockets that were open at the same time; one that its peer has closed does not count any more. */
  readonly mostSockets: () => number
  /** Sockets that were ever opened. */
  readonly allSockets: () => number
  /** Requests that are neither answered nor given up. */
  readonly unanswered: () => number
  /** The most requests that were unanswered at the same time. */
  readonly mostAtOnce: () => number
}

export type Handler = (request: Http.IncomingMessage, response: Http.ServerResponse) => void

/** Answers every path with a JSON that names it: `{"path":"/7"}`. */
export const echoPath: Handler = (request, response) => {
  const body = JSON.stringify({ path: request.url })
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
}

export const make = (handler: Handler = echoPath): Effect.Effect<LoopbackServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<LoopbackServer & { readonly close: Effect.Effect<void> }>((resume) => {
      const sockets = new Set<Socket>()
      const open = new Set<Socket>()
      let requests = 0
      let allSockets = 0
      let mostSockets = 0
      let atOnce = 0
      let mostAtOnce = 0
      const server = Http.createServer((request, response) => {
        requests++
        mostAtOnce = Math.max(mostAtOnce, ++atOnce)
        response.once("close", () => atOnce--)
        handler(request, response)
      })
      server.on("connection", (socket) => {
        allSockets++
        sockets.add(socket)
        open.add(socket)
        mostSockets = Math.max(mostSockets, open.size)
        socket.once("end", () => open.delete(socket))
        socket.once("close", () => {
          open.delete(socket)
          sockets.delete(socket)
        })
      })
      server.listen(0, "127.0.0.1", 4096, () =>
        resume(Effect.succeed({
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          requests: () => requests,
          openSockets: () => sockets.size,
          mostSockets: () => mostSockets,
          allSockets: () => allSockets,
          unanswered: () => atOnce,
          mostAtOnce: () => mostAtOnce,
          close: Effect.async<void>((resume) => {
            server.close(() => resume(Effect.void))
            for (const socket of sockets) socket.destroy()
          })
        })))
    }),
    (server) => server.close
  )
