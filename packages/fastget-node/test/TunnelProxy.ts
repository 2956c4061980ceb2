/** A proxy that HTTP clients ask for tunnels, as HTTPS_PROXY names one. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as Net from "node:net"

type OnTunnel = (url: string | undefined, authorization: string | undefined) => void

/** The port of a proxy whose tunnels all lead to one port of 127.0.0.1. Its scope closes it. */
export const make = (to: number, onTunnel: OnTunnel = () => {}): Effect.Effect<number, never, Scope.Scope> =>
  Effect.gen(function*() {
    const server = Http.createServer().on("connect", (request, socket, head) => {
      onTunnel(request.url, request.headers["proxy-authorization"])
      const upstream = Net.connect(to, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
        upstream.write(head)
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on("error", () => socket.destroy())
      socket.on("error", () => upstream.destroy())
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () => Effect.sync(() => server.close())
    )
    return (server.address() as Net.AddressInfo).port
  })

/** A variable of the environment, for as long as the scope is open. */
export const environment = (name: string, value: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => {
      process.env[name] = value
    }),
    () => Effect.sync(() => delete process.env[name])
  ))
