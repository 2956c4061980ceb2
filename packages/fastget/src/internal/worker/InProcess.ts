/**
 * The pool within the program: one worker that is no thread, over a client.
 * There is no greeting and nothing to supervise, because it ends with the
 * program only.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as FastGetConfig from "../../FastGetConfig.js"
import * as KeptOptions from "../../platform/KeptOptions.js"
import * as PoolTraffic from "../../platform/PoolTraffic.js"
import type { Limits } from "../wire/Traffic.js"
import * as ChunkService from "./ChunkService.js"
import * as WorkerTraffic from "./WorkerTraffic.js"

/** How long, in milliseconds, a client may take to say what it is. */
const askWithin = 5000

/** A pool of one worker; whether it leaves out the header Host is found out when it is asked. */
export const makePool = (client: HttpClient.HttpClient, limits: Limits = FastGetConfig.defaults(1)) =>
  makeReported(client, limits).pool

/** The same, with the traffic that there is something to report of. */
export const makeReported = (client: HttpClient.HttpClient, limits: Limits) => {
  const traffic = PoolTraffic.make(limits, 1, false)
  const execute = ChunkService.make(client, {}, undefined, () => WorkerTraffic.over(limits, traffic.table, 1))
  const pool = {
    workers: [{ ready: Effect.void, execute }],
    isYoung: () => false,
    losesHost: Effect.map(KeptOptions.ask(client, askWithin), ({ by }) => by === "fetch"),
    traffic: traffic.origins,
    inherit: traffic.inherit
  }
  return { pool, traffic }
}
