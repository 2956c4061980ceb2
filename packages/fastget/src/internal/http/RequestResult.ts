/**
 * How a request ended, and how an attempt ended. A request that was redirected
 * leads to the next one of its attempt; every other end is the attempt's.
 */
import * as Either from "effect/Either"
import type { Target } from "../../platform/Target.js"
import type { Reason } from "../../Reason.js"
import type { Verdict } from "../traffic/Policy.js"

/** What is known of the last response. */
export interface ResponseInfo {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** The end of an attempt: a body or a reason, and what is known of the response. */
export interface AttemptResult extends ResponseInfo {
  readonly result: Either.Either<Uint8Array, Reason>
  readonly bytes: number
  /** Of a body that may be coded yet, what its `Content-Encoding` says. */
  readonly coding?: string | undefined
  /**
   * Of a refusal that costs the entry nothing: it goes back, and is asked for
   * again after so many milliseconds at the soonest.
   */
  readonly again?: number
}

/** A redirect, with each `Location` of the response. */
export interface Redirected {
  readonly location: ReadonlyArray<string>
}

export type RequestResult = AttemptResult | Redirected

export const isRedirected = (result: RequestResult): result is Redirected => "location" in result

/** Notes what was decided of a refusal; of every other end nothing is. */
export const decided = (result: RequestResult, verdict: Verdict): RequestResult =>
  verdict === "fail" || isRedirected(result) ? result : { ...result, again: verdict === "back" ? 0 : verdict }

/** An attempt that ended without a response, or with one that is not followed. */
export const failed = (target: Target, reason: Reason, bytes = 0): AttemptResult => ({
  result: Either.left(reason),
  url: target.origin + target.path,
  status: 0,
  headers: {},
  bytes
})
