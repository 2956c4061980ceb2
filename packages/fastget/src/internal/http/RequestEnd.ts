/**
 * What the end of a request tells of its origin (`TrafficControl`): whether it
 * answered, how, and after how long. What it means for the entry is in its
 * result.
 */
import type { Reason } from "../../Reason.js"
import type { LimitHeaders } from "../traffic/Policy.js"
import * as RateLimitHeaders from "../traffic/RateLimitHeaders.js"
import * as SharedClock from "../traffic/SharedClock.js"
import type { End } from "../traffic/TrafficControl.js"
import type { RequestResult } from "./RequestResult.js"
import { isRedirected } from "./RequestResult.js"

type Headers = Readonly<Record<string, string>>

export class RequestEnd implements End {
  readonly startedAt: number
  readonly latency: number

  /** `startedAt` is of `performance.now()`. `failure` is the reason, where there was no answer with a good status. */
  constructor(
    readonly epoch: number,
    startedAt: number,
    readonly refusals: number,
    readonly status: number | undefined,
    private readonly headers: () => Headers,
    private readonly failure: Reason | undefined
  ) {
    this.startedAt = SharedClock.of(startedAt)
    this.latency = performance.now() - startedAt
  }

  retryAfter(): number | undefined {
    return this.failure?._tag === "Status" ? this.failure.retryAfter : undefined
  }

  limits(): LimitHeaders | undefined {
    return RateLimitHeaders.parse(this.headers(), new Date().getTime())
  }

  reason(): string {
    if (this.failure === undefined) return ""
    // Of an answer its status is enough: the text has to be short.
    return JSON.stringify(this.failure._tag === "Status" ? { ...this.failure, snippet: "" } : this.failure)
  }
}

const noHeaders = (): Headers => ({})

/** The end of a request by its result. */
export const of = (result: RequestResult, epoch: number, startedAt: number, refusals: number): RequestEnd => {
  if (isRedirected(result)) return new RequestEnd(epoch, startedAt, refusals, redirected, noHeaders, undefined)
  const { headers, status } = result
  const failure = result.result._tag === "Left" ? result.result.left : undefined
  const told = status !== 0 ? status : failure !== undefined && isUnanswered(failure) ? 0 : undefined
  return new RequestEnd(epoch, startedAt, refusals, told, () => headers, failure)
}

/** Any status of a redirect: it is an answer as good as others. */
const redirected = 302

/** Whether a request that ended so was answered by nothing at all, and for no reason of this machine. */
const isUnanswered = (reason: Reason): boolean => {
  switch (reason._tag) {
    case "Connect":
    case "Dns":
      return true
    case "Reset":
      return reason.bytes === 0
    case "Timeout":
      return reason.phase !== "body"
    default:
      return false
  }
}
