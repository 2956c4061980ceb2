/**
 * The time a request may take: what is left of its attempt's `timeout`. A client
 * that keeps the limits itself is told them; any other is interrupted.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as QuickGet from "../../platform/QuickGet.js"
import type { Target } from "../../platform/Target.js"
import type { ChunkContext } from "./ChunkContext.js"
import type { AttemptResult, RequestResult } from "./RequestResult.js"
import { failed, isRedirected } from "./RequestResult.js"

/** How much longer, in milliseconds, a client that keeps the time itself gets to say what happened. */
export const grace = 250

/** A first request that took longer than it may. */
export const timedOut = ({ limits }: ChunkContext, target: Target): AttemptResult =>
  exceeded(target, Math.min(limits.timeout, limits.deadline))

/** An entry or a request that took longer than this limit, in milliseconds. */
export const exceeded = (target: Target, limit: number): AttemptResult =>
  failed(target, { _tag: "Timeout", phase: "total", limit })

/** Gives a request `left` milliseconds. */
export const within = (
  { keepsLimits, limits, settings: { timeout } }: ChunkContext,
  target: Target,
  request: Effect.Effect<RequestResult>,
  left: number
): Effect.Effect<RequestResult> => {
  const told = Effect.provideService(request, QuickGet.ChunkLimits, { ...limits, timeout: left })
  const limited = left === timeout ? told : Effect.map(told, (result) => tellWholeLimit(result, left, timeout))
  return keepsLimits ? limited : Effect.timeoutTo(limited, {
    duration: left + (limits.kept ? grace : 0),
    onSuccess: (result): RequestResult => result,
    onTimeout: (): RequestResult => exceeded(target, timeout)
  })
}

/**
 * After a redirect the client knows only what was left of the time. Its time-out
 * is to tell the limit that the user set.
 */
export const tellWholeLimit = (result: RequestResult, left: number, timeout: number): RequestResult => {
  if (isRedirected(result) || result.result._tag === "Right") return result
  const reason = result.result.left
  return reason._tag === "Timeout" && reason.limit === left
    ? { ...result, result: Either.left({ ...reason, limit: timeout }) }
    : result
}
