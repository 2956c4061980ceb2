/**
 * Servers for the tests of the client's options: one that asks for a
 * certificate, a proxy that counts, and a variable of the environment.
 */
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import type { TLSSocket } from "node:tls"
import * as Certificates from "./Certificates.js"

/** Starts a server and gives its port; its scope closes it with all of its sockets, tunnels included. */
export const listen = (server: Net.Server) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      const sockets = new Set<Net.Socket>()
      server.on("connection", (socket) => {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket))
      })
      server.once("close", () => {
        for (const socket of sockets) socket.destroy()
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as Net.AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.emit("close")
      })
  )

/** A tunnel that a proxy was asked for: where to, and with which authorization. */
export interface Tunnel {
  readonly to: string
  readonly authorization: string | undefined
}

/** A proxy that keeps what it was asked for. Its tunnels lead there, or to a port of this machine if one is given. */
export const makeProxy = Effect.fnUntraced(function*(port?: number) {
  const asked: Array<Tunnel> = []
  const upstreams = new Set<Net.Socket>()
  const ownPort = yield* listen(
    Http.createServer().on("connect", (request, socket, head) => {
      const to = request.url ?? ""
      asked.push({ to, authorization: request.headers["proxy-authorization"] })
      const [host, wanted] = port === undefined ? to.split(":") : ["127.0.0.1", port]
      const upstream = Net.connect(Number(wanted), host, () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
        upstream.write(head)
        upstream.pipe(socket).pipe(upstream)
      })
      upstreams.add(upstream)
      upstream.on("error", () => socket.destroy())
      socket.on("error", () => upstream.destroy())
    })
  )
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const upstream of upstreams) upstream.destroy()
    })
  )
  return {
    url: `http://127.0.0.1:${ownPort}`,
    port: ownPort,
    asked: (): ReadonlyArray<Tunnel> => asked,
    tunnels: () => asked.length
  }
})

/** Answers with the name in the client's certificate, and asks for one. */
export const tlsServer = Effect.gen(function*() {
  const server = yield* Certificates.make("127.0.0.1")
  const client = yield* Certificates.make("client.example")
  const port = yield* listen(
    Https.createServer(
      { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true },
      (request, response) =>
        response.end(JSON.stringify((request.socket as TLSSocket).getPeerCertificate().subjectaltname))
    )
  )
  return { url: `https://127.0.0.1:${port}/`, ca: server.cert, client }
})

/** Sets a variable of this process; its scope sets it back. */
export const processEnvironment = (name: string, value: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env[name]
      process.env[name] = value
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      })
  )
