/** The Node server, in a process of its own (`node-server.ts`), which is asked by messages. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BenchError } from "./BenchError.js"
import type { Certificate } from "./Certificate.js"
import * as Child from "./Child.js"
import type { Server } from "./Server.js"

/** What the process is told, as its first argument. */
export interface Options {
  readonly originCount: number
  readonly certificate: Certificate | undefined
}

/** What the process says: once when it listens, and then whenever it is asked. */
export interface Status {
  readonly ports: ReadonlyArray<number>
  readonly tlsPort: number | undefined
  readonly requests: number
  readonly cpuMicros: number
}

const program = new URL("../dist/node-server.js", import.meta.url).pathname

export const make = (options: Options): Effect.Effect<Server, BenchError, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Child.start(process.execPath, [program, JSON.stringify(options)], { ipc: true })
    const { ports, tlsPort } = yield* Child.message<Status>(child)
    const ask = Effect.suspend(() => {
      child.process.send("status")
      return Child.message<Status>(child)
    })
    return {
      name: `Node ${process.versions.node}`,
      origins: ports.map((port) => `http://127.0.0.1:${port}`),
      tlsOrigin: tlsPort === undefined ? undefined : `https://127.0.0.1:${tlsPort}`,
      requests: Effect.map(ask, ({ requests }) => requests),
      cpuMicros: Effect.map(ask, ({ cpuMicros }) => cpuMicros)
    }
  })
