/**
 * A response that refuses the request, by any status outside 2xx: 404, 429, 503.
 * Its status, its `Retry-After` and the beginning of its body become the reason;
 * `RetryPolicy` then says whether and when there is another attempt.
 */
import type { Reason } from "../../Reason.js"
import * as RetryAfter from "./RetryAfter.js"

/** The most that is read of the body of a refusal: enough to keep the connection for the next request. */
export const mostBytes = 65_536

/** Characters of the body that are told. */
const snippetLength = 200

export const isRefusal = (status: number): boolean => status < 200 || status > 299

/** The reason; `now` is the time of day, because `Retry-After` may be a date. */
export const toReason = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  now: number
): Reason => {
  const wait = headers["retry-after"]
  const retryAfter = wait === undefined ? undefined : RetryAfter.parseLines(wait, now)
  return {
    _tag: "Status",
    status,
    ...(retryAfter === undefined ? undefined : { retryAfter }),
    // A character has four bytes at most.
    snippet: new TextDecoder().decode(body.subarray(0, 4 * snippetLength)).slice(0, snippetLength)
  }
}
