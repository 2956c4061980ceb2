/**
 * The limit that a server tells with an answer: `RateLimit` and
 * `RateLimit-Policy` of the IETF draft, its older form of three headers, and the
 * spellings of `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
 */

/** What a server tells of its limit. */
export interface LimitHeaders {
  /** How many requests are still admitted until `reset`. */
  readonly remaining: number
  /** Milliseconds from now until the limit is renewed. */
  readonly reset: number
  /** How many requests are admitted in a window. */
  readonly limit: number | undefined
  /** The length of a window in milliseconds. */
  readonly window: number | undefined
}

/**
 * What the headers (names in lower case) tell, or `undefined`. `now` is the time
 * of day in milliseconds, since a reset may be a date.
 */
export const parse = (_headers: Readonly<Record<string, string>>, _now: number): LimitHeaders | undefined => undefined
