/** What is known of the requests to an origin, over all workers and streams: what the users of a pool are told. */

export interface OriginTraffic {
  /** Scheme, host and port: `https://api.example.com`. */
  readonly origin: string
  /** Entries that wait because the origin asked for it, or for their turn of a rate. */
  readonly waiting: number
  /**
   * Milliseconds until it is asked again: it refused requests, or told by headers
   * that nothing remains of its limit. 0 where it is asked.
   */
  readonly opensIn: number
  /** Whether it refused requests for their rate, and has answered none since. */
  readonly isRefusing: boolean
  /** How many milliseconds its last refusal asked for, where it said so. */
  readonly askedFor: number | undefined
  /** Requests a second that it seems to bear; `undefined` where it never refused one. */
  readonly learnedRate: number | undefined
  /** How many requests at once serve it best, where `concurrency` is "adaptive". */
  readonly adaptiveLimit: number | undefined
  /** Requests that were refused for their rate, and sent again later. */
  readonly refusals: number
  /** Requests that were answered with anything else. */
  readonly answered: number
  /** Since when nothing answers (milliseconds since 1970); `undefined` where something does. */
  readonly downSince: number | undefined
  /** Entries that ended as `OriginDown`. */
  readonly skipped: number
}
