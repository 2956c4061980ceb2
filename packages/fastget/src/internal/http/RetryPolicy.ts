/**
 * Whether an entry gets another attempt, and how long it waits for it: decided
 * by the reason of the last one and the settings. A server's `Retry-After` is
 * obeyed up to a minute; every other wait is random. Plain TypeScript, which is
 * handed its random number; `RetryBudget` may still refuse what is allowed here.
 */
import * as FetchError from "../../FetchError.js"
import type { Reason } from "../../Reason.js"
import type { GetSettings } from "../wire/Chunk.js"

/** The longest `Retry-After` that is obeyed, in milliseconds. */
export const longestRetryAfter = 60_000

/** The shortest wait, in milliseconds, after this machine ran out of something. */
export const localLimitPause = 250

/** Whether an entry whose attempts ended so may have another one. Of an origin that is down it is not the entry that waits. */
export const allows = (reason: Reason, attempts: number, { times }: GetSettings["retry"]): boolean =>
  attempts <= times && FetchError.isRetryable(reason) && !asksForTooLong(reason) && reason._tag !== "OriginDown"

const asksForTooLong = (reason: Reason): boolean =>
  reason._tag === "Status" && reason.retryAfter !== undefined && reason.retryAfter > longestRetryAfter

/** How many milliseconds to wait before the next attempt, where `allows` says that there is one. `random` is in [0, 1). */
export const delay = (
  reason: Reason,
  attempts: number,
  { base, cap }: GetSettings["retry"],
  random: number
): number => {
  if (reason._tag === "Status" && reason.retryAfter !== undefined) return reason.retryAfter
  const pause = reason._tag === "LocalLimit" ? localLimitPause : 0
  // Full jitter, as gRPC and AWS describe it: anything up to the step.
  return pause + random * Math.min(cap, base * 2 ** (attempts - 1))
}
