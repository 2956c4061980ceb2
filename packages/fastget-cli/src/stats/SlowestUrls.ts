/**
 * The entries that took longest, with redacted URLs.
 */
import * as Duration from "effect/Duration"
import * as FetchError from "fastget/FetchError"
import type * as Outcome from "fastget/Outcome"

export interface SlowUrl {
  /** Redacted. */
  readonly url: string
  readonly millis: number
  readonly attempts: number
  /** Of the last answer, if there was one. */
  readonly status: number | undefined
  /** `success`, or the reason of the failure. */
  readonly reason: string
}

export interface SlowestUrls {
  readonly record: (outcome: Outcome.Outcome<unknown, unknown>) => void
  /** The slowest first. */
  readonly list: () => ReadonlyArray<SlowUrl>
}

const most = 20

export const make = (): SlowestUrls => {
  const slowest: Array<SlowUrl> = []
  return {
    record: ({ attempts, elapsed, result, status, url }) => {
      const millis = Duration.toMillis(elapsed)
      if (attempts === 0 || slowest.length === most && millis <= slowest[most - 1]!.millis) return
      const index = slowest.findIndex((other) => other.millis < millis)
      slowest.splice(index < 0 ? slowest.length : index, 0, {
        url: FetchError.redactUrl(url),
        millis,
        attempts,
        status,
        reason: result._tag === "Right" ? "success" : result.left.reason._tag
      })
      if (slowest.length > most) slowest.pop()
    },
    list: () => [...slowest]
  }
}
