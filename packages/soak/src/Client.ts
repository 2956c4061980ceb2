/** One run by the client, in a process of its own (`client-program.ts`), and what is left of it. */
import * as Effect from "effect/Effect"
import * as Child from "./Child.js"
import * as Server from "./Server.js"
import type { SoakError } from "./SoakError.js"
import type * as Tally from "./Tally.js"

/** What a run is to do. */
export interface Options {
  readonly entries: number
  readonly seed: number
  /** In milliseconds; without it no worker is terminated. */
  readonly killEvery: number | undefined
  readonly workers: number | undefined
}

/** What the process is told. */
export interface Task extends Options {
  readonly url: string
}

/** What the process says when its pool is closed. */
export interface Report extends Tally.Counts {
  readonly kills: number
  readonly workersStarted: number
  readonly threadsLeft: number
  readonly peakRssBytes: number
  readonly seconds: number
}

/** What is known when the process has ended. */
export interface Result extends Report {
  /** Connections at the server a second after the pool was closed. */
  readonly socketsLeft: number
  /** Whether the process ended by itself. */
  readonly ended: boolean
  readonly requests: number
  /** Different ids the server was asked for. */
  readonly idsAsked: number
}

/** How long, in milliseconds, the sockets have to close, and then the process to end. */
const goneWithin = 1000

export const run = (options: Options): Effect.Effect<Result, SoakError> =>
  Effect.scoped(Effect.gen(function*() {
    const server = yield* Server.make(options.entries)
    const task: Task = { ...options, url: server.url }
    const child = yield* Child.start("client", JSON.stringify(task))
    const report = (yield* child.message) as Report
    const { sockets } = yield* closed(server)
    child.send("end")
    const ended = yield* Effect.timeoutTo(child.ended, {
      duration: goneWithin,
      onSuccess: () => true,
      onTimeout: () => false
    })
    const { ids, requests } = yield* server.status
    return { ...report, socketsLeft: sockets, ended, requests, idsAsked: ids }
  }))

/** The server's status when it has no socket any more, or when the time for that is over. */
const closed = (server: Server.Server): Effect.Effect<Server.Status, SoakError> => {
  const until = performance.now() + goneWithin
  const look: Effect.Effect<Server.Status, SoakError> = Effect.flatMap(
    server.status,
    (status) =>
      status.sockets === 0 || performance.now() > until ? Effect.succeed(status) : Effect.delay(look, "20 millis")
  )
  return look
}
