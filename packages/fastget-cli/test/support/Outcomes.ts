/**
 * Outcomes as the library gives them, for the books.
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as FetchError from "fastget/FetchError"
import type { Outcome } from "fastget/Outcome"

interface Options {
  readonly id?: number
  readonly url?: string
  readonly millis?: number
  readonly attempts?: number
  readonly bytes?: number
  readonly reason?: FetchError.Reason
}

export const outcome = (
  { attempts = 1, bytes = 100, id = 1, millis = 10, reason, url = `http://a.example/${id}` }: Options = {}
): Outcome<number, unknown> => {
  const elapsed = Duration.millis(millis)
  return {
    id,
    url,
    result: reason === undefined
      ? Either.right({ id })
      : Either.left(FetchError.make({ id, url, reason, attempts, elapsed })),
    status: reason === undefined ? 200 : reason._tag === "Status" ? reason.status : undefined,
    headers: {},
    bytes,
    attempts,
    elapsed
  }
}

export const status = (status: number): FetchError.Reason => ({ _tag: "Status", status, snippet: "" })

/** A clock that stands still until it is set. */
export const makeClock = () => {
  let at = 0
  return {
    now: () => at,
    set: (millis: number) => {
      at = millis
    }
  }
}
