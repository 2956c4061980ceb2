/**
 * What the requests of one chunk have in common: the client, the limits and the
 * policies they share with other chunks of the worker.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { AnswerResult, As } from "../../Outcome.js"
import type * as QuickGet from "../../platform/QuickGet.js"
import type { OriginGate } from "../origin/OriginGate.js"
import type { GetSettings } from "../wire/Chunk.js"
import type * as SharedBytes from "../wire/SharedBytes.js"
import type { ResponseInfo } from "./RequestResult.js"
import type { RetryBudget } from "./RetryBudget.js"

/** Makes the result of a body that was asked for as JSON, for the entry with this index in the chunk. */
export type DecodeBody = (body: Uint8Array, response: ResponseInfo, index: number) => Effect.Effect<AnswerResult>

export interface ChunkContext {
  readonly client: HttpClient.HttpClient
  /** Whether the client itself keeps the limits of time and size. */
  readonly keepsLimits: boolean
  /** The limits of a first request. */
  readonly limits: (typeof QuickGet.ChunkLimits)["Service"]
  readonly gate: OriginGate
  readonly budget: RetryBudget
  /** The run's count of bytes. */
  readonly bytes: SharedBytes.Share
  /** Fibers that wait for their next request: no connection is closed when one of them is interrupted. */
  readonly waitingFibers: Set<Fiber.RuntimeFiber<unknown, unknown>>
  readonly as: As
  readonly withHeaders: boolean
  readonly settings: GetSettings
  /** The caller's headers for an entry's origin. */
  readonly headersFor: (origin: string) => GetSettings["headers"]
  /** What the worker's own code makes of bodies; undefined where there is no such code. */
  readonly decodeBody: DecodeBody | undefined
}
