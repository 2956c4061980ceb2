/**
 * A failure as the JSON of a record: the command and the jobs of a cluster write
 * the same.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { FetchError } from "../FetchError.js"
import type { Reason } from "../Reason.js"

/**
 * A failure as JSON text without the id, which a record has beside it: the
 * reason's name and its own fields first, then the message, the URL, `attempts`,
 * `elapsed` in whole milliseconds and `retryable`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const text = ({ attempts, elapsed, message, reason, retryable, url }: FetchError): string =>
  JSON.stringify({
    ...fieldsOf(reason),
    message,
    url,
    attempts,
    elapsed: Math.round(Duration.toMillis(elapsed)),
    retryable
  })

/** A reason's own fields behind its name. That of an origin which is down has another reason in it. */
const fieldsOf = (reason: Reason): object => {
  const { _tag, ...fields } = reason
  const last = reason._tag === "OriginDown" ? { last: fieldsOf(reason.last) } : undefined
  return { reason: _tag, ...fields, ...last }
}
