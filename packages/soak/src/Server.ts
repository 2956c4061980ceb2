/** The server, in a process of its own (`server-program.ts`). */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "./Child.js"
import type { SoakError } from "./SoakError.js"

/** What the server says: once when it listens, and then whenever it is asked. */
export interface Status {
  readonly port: number
  readonly requests: number
  /** Different ids that were asked for. */
  readonly ids: number
  readonly sockets: number
}

export interface Server {
  readonly url: string
  readonly status: Effect.Effect<Status, SoakError>
}

export const make = (entries: number): Effect.Effect<Server, SoakError, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Child.start("server", String(entries))
    const next = Effect.map(child.message, (message) => message as Status)
    const { port } = yield* next
    return {
      url: `http://127.0.0.1:${port}`,
      status: Effect.zipRight(Effect.sync(() => child.send("status")), next)
    }
  })
