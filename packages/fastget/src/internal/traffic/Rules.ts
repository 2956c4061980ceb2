/**
 * What the options say about one origin, as plain numbers: constants of the
 * layer that every thread has, and that no request changes.
 */

/** A rate that is never exceeded: `requests` in `per` milliseconds. */
export interface RateRule {
  readonly requests: number
  /** In milliseconds. */
  readonly per: number
  /** How many may be sent at once after a quiet time; `undefined`: as few as keep `rate × t` in every window of `per`. */
  readonly burst: number | undefined
}

export interface Rules {
  /** How many requests may be under way at once. */
  readonly connections: number
  readonly rate: RateRule | undefined
  /** `undefined`: refusals are ordinary failures (`throttle: false`). `giveUpAfter` is in milliseconds. */
  readonly throttle: { readonly giveUpAfter: number } | undefined
  /** Whether the number of requests at once is found by what the answers say. */
  readonly adaptive: boolean
}
