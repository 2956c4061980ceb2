/** Where a runner is reached and where it listens, from what is given and what the machine has. */
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import * as Os from "node:os"
import { ClusterError } from "../../ClusterError.js"

export interface Given {
  readonly host?: string
  readonly port?: number
  readonly listenHost?: string
  readonly listenPort?: number
}

export interface Address {
  /** By which others reach this machine. */
  readonly host: string
  readonly port: number
  readonly listenHost: string
  readonly listenPort: number
}

/** The address of a runner. A port that is not given is one that is free now. */
export const find = (
  { host = firstAddress(), listenHost, listenPort, port }: Given
): Effect.Effect<Address, ClusterError> => {
  const listen = listenHost ?? (isLoopback(host) ? host : "0.0.0.0")
  const given = listenPort ?? port
  return Effect.map(
    given === undefined ? freePort(listen) : Effect.succeed(given),
    (free) => ({ host, port: port ?? free, listenHost: listen, listenPort: free })
  )
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

/** The first address that other machines can reach, or loopback where there is none. */
const firstAddress = (): string => {
  const all = Object.values(Os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ family, internal }) => !internal && family === "IPv4")?.address ?? "127.0.0.1"
}

const freePort = (host: string): Effect.Effect<number, ClusterError> =>
  Effect.async((resume) => {
    const server = Net.createServer()
    server.once("error", (error) => resume(new ClusterError({ reason: { _tag: "Listen", detail: error.message } })))
    server.listen(0, host, () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      server.close(() => resume(Effect.succeed(port)))
    })
  })
